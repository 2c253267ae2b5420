import type { Coordination } from '#libs/experiment';
import type { VoidReason } from '#libs/protocol';
import type { RoundRecord } from '#libs/simulation';
import { listed, type Names } from '../names.ts';
import { count, duration, loss, percent, tokens } from '../text/figures.ts';
import { line, type Line, span } from '../text/line.ts';

const reasons: Readonly<Record<VoidReason, string>> = {
  tooFewMembers: 'too few members',
  noReceipts: 'no receipts',
  noLineup: 'no lineup',
  tooFewCommits: 'too few commits',
  tooFewReveals: 'too few reveals',
  notSettled: 'not settled',
};

export interface RoundContext {
  readonly names: Names;
  readonly maxRounds: number;
  readonly coordination: Coordination;
  /** Of a void round. */
  readonly reason: VoidReason | null;
}

/** Names in a list; there are networks of hundreds. */
const mostNames = 8;

/**
 * A round in one line, figures below those of the round before; what differs in length comes last. Rounds are counted
 * from 1.
 */
export function roundLine(record: RoundRecord, context: RoundContext): Line {
  const { accuracy, endedMs, real } = record;
  const most = count(context.maxRounds);
  const figures = [
    `round ${count(record.round + 1).padStart(most.length)}/${most}`,
    ...(accuracy === null && record.loss !== null
      ? []
      : [`${accuracyName(context)} ${shown(accuracy, percent).padStart(8)}`]),
    `loss ${shown(record.loss, loss).padStart(6)}`,
    ...(context.coordination === 'flobc' ? verdictCounts(record) : []),
    `virtual ${duration(endedMs).padStart(11)}`,
    `real ${real.wall.toFixed(1).padStart(5)} s`,
  ];
  return [span(figures.join('  ')), ...remarks(record, context).flatMap((of) => [span('  '), ...of])];
}

/** Of many models it is their mean. */
const accuracyName = ({ coordination }: RoundContext): string =>
  coordination === 'alone' ? 'mean accuracy' : 'accuracy';

const shown = <T>(value: T | null, form: (value: T) => string): string =>
  value === null ? '-' : form(value);

function verdictCounts({ verdicts }: RoundRecord): string[] {
  const accepted = verdicts.filter((verdict) => verdict.accepted).length;
  return [
    `accepted ${String(accepted).padStart(3)}`,
    `refused ${String(verdicts.length - accepted).padStart(3)}`,
  ];
}

function remarks({ result, verdicts, penalties }: RoundRecord, context: RoundContext): Line[] {
  const { names, reason } = context;
  const refused = verdicts.filter(({ accepted }) => !accepted).map(({ trainer }) => names.nameOf(trainer));
  const punished = penalties.map(({ actor, amountWei }) => `${names.nameOf(actor)} ${tokens(-amountWei)}`);
  return [
    ...(result === 'void' ? [line(`void${reason === null ? '' : `: ${reasons[reason]}`}`, 'bad')] : []),
    ...(result === 'settled' ? [line('nothing released', 'notice')] : []),
    ...(refused.length > 0 ? [line(`refused: ${listed(refused, mostNames)}`, 'notice')] : []),
    ...(punished.length > 0 ? [line(`penalties: ${listed(punished, mostNames)}`, 'bad')] : []),
  ];
}
