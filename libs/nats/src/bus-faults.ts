import { JetStreamApiError } from '@nats-io/jetstream';
import { PermissionViolationError } from '@nats-io/nats-core';
import { Fault, isFault } from '#libs/fault';
import { isNoRoom, PatienceLost } from './publish.ts';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Why something could not be said or heard. @param place What was being used, for the sentence. */
export function busFault(error: unknown, place: string): Fault {
  if (isFault(error)) return error;
  const facts = { place, reason: messageOf(error) };
  if (error instanceof PatienceLost) {
    return new Fault('BUS_UNREACHABLE', `No NATS server has taken ${place}: ${error.message}.`, {
      facts,
      hint: 'Check that nats-server runs with JetStream and can be reached, then start the node again.',
      cause: error,
    });
  }
  return new Fault(
    'BUS_REFUSED',
    `The NATS server does not let this node use ${place}: ${messageOf(error)}.`,
    {
      facts,
      hint: hintOf(error),
      cause: error,
    },
  );
}

/** Somewhere among the causes: a request's error has the server's words inside. */
const isPermission = (error: unknown): boolean =>
  error instanceof Error && (error instanceof PermissionViolationError || isPermission(error.cause));

function hintOf(error: unknown): string {
  if (isPermission(error)) {
    return 'The credentials are those of another member or role: use the ones that were made for this node.';
  }
  if (error instanceof JetStreamApiError && error.status === 404) {
    return 'Let the operator prepare the run: its stream is not there.';
  }
  if (isNoRoom(error)) return "Give the server's JetStream more room, or make some on its disk.";
  return "Look at the server's log, and at the limits of the run.";
}
