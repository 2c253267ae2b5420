import { X509Certificate } from 'node:crypto';
import { InvalidArgumentError, PermissionViolationError } from '@nats-io/nats-core';
import { Fault } from '#libs/fault';
import type { Greeting } from './greeting.ts';

/** What a connection was asked to do, for the sentences about why it did not. */
export interface Asked {
  readonly servers: readonly string[];
  readonly hasTls: boolean;
  readonly hasCredentials: boolean;
  /** What the server that did not let us in said before; null: nothing. */
  readonly greeting?: Greeting | null;
}

/** Node's and OpenSSL's codes of certificates that nobody this process knows has signed. */
const unknownAuthority: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);

/** Code of an error or of what caused it; '' if there is none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as Error & { code?: unknown };
  return typeof code === 'string' ? code : codeOf(error.cause);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface Words {
  readonly message: string;
  readonly hint: string;
}

/** Why a connection could not be made, as a fault that says what to do. */
export function connectFault(error: unknown, asked: Asked): Fault {
  const refusal = tlsRefusal(error, asked) ?? loginRefusal(error, asked);
  const facts = { servers: asked.servers, reason: messageOf(error) };
  if (refusal !== null) {
    return new Fault('BUS_REFUSED', refusal.message, { facts, hint: refusal.hint, cause: error });
  }
  return new Fault('BUS_UNREACHABLE', `There is no NATS server at ${asked.servers.join(', ')}.`, {
    facts,
    hint: 'Check that nats-server runs with JetStream, and its host and port.',
    cause: error,
  });
}

function tlsRefusal(error: unknown, { servers, hasTls, greeting }: Asked): Words | null {
  const at = servers.join(', ');
  const code = codeOf(error);
  if (messageOf(error).includes("does not support 'tls'")) {
    return {
      message: `The NATS server at ${at} does not speak TLS, and this node was told to.`,
      hint: 'Let the server be configured with a certificate; do not send credentials over a plain connection.',
    };
  }
  if (!hasTls && (unknownAuthority.has(code) || isCertificateCode(code))) {
    return {
      message: `The NATS server at ${at} wants TLS, and this node was not told how.`,
      hint: "Give the node the consortium's CA certificate (nats.tls.ca).",
    };
  }
  if (code === 'CERT_HAS_EXPIRED') {
    return {
      message: `The certificate of the NATS server at ${at} has expired.`,
      hint: "Let its operator issue a new one and restart the server; check this machine's clock.",
    };
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return {
      message: `The certificate of the NATS server at ${at} is not valid yet.`,
      hint: "Check this machine's clock and the server's.",
    };
  }
  if (unknownAuthority.has(code)) {
    return {
      message: `The certificate of the NATS server at ${at} is by an authority that this node does not know.`,
      hint: "Give the node the CA certificate of this consortium; if it has it, the server is somebody else's.",
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      message: `The certificate of the NATS server at ${at} is for another host.`,
      hint: 'Use the host name that the certificate was issued for, or issue one for this name.',
    };
  }
  // By TLS 1.3 a server says no after the handshake, and all that a node sees is a connection that breaks.
  const isCutOff = greeting?.tls_verify === true && !/authorization|authentication/i.test(messageOf(error));
  if (code.startsWith('ERR_SSL_') || isCutOff) {
    return {
      message: `The NATS server at ${at} takes no node without a certificate of the consortium: ${messageOf(error)}.`,
      hint: 'Give the node a certificate of its own that has not expired (nats.tls.cert, nats.tls.key).',
    };
  }
  return null;
}

const isCertificateCode = (code: string): boolean =>
  code.startsWith('CERT_') || code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code.startsWith('ERR_SSL_');

function loginRefusal(error: unknown, { servers, hasCredentials }: Asked): Words | null {
  if (!/authorization violation|authentication/i.test(messageOf(error))) return null;
  const at = servers.join(', ');
  return hasCredentials
    ? {
        message: `The NATS server at ${at} does not know the credentials of this node.`,
        hint: "Use the NKey seed that was made for this member, and let the operator have its public key in the server's configuration.",
      }
    : {
        message: `The NATS server at ${at} wants credentials, and this node has none.`,
        hint: 'Give the node the NKey seed that was made for it (nats.credentials).',
      };
}

/** True if the server, or its limits, say no to what was tried, however often it is tried. */
export function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error instanceof PermissionViolationError ||
    error instanceof InvalidArgumentError ||
    isForbidden(error.cause)
  );
}

/** A certificate of the node's own that no server would take; null if there is none or it is in order. */
export function ownCertificateFault(cert: string | undefined, now: Date): Fault | null {
  if (cert === undefined) return null;
  const hint = 'Let the operator issue a new one (nats.tls.cert, nats.tls.key).';
  try {
    const { validToDate } = new X509Certificate(cert);
    if (validToDate > now) return null;
    const facts = { validTo: validToDate.toISOString() };
    return new Fault('BUS_REFUSED', "This node's own certificate for NATS has expired.", { facts, hint });
  } catch (cause) {
    return new Fault('BUS_REFUSED', "This node's own certificate for NATS cannot be read.", { hint, cause });
  }
}
