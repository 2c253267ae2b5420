import Table from 'cli-table3';
import pc from 'picocolors';
import { percent } from '../run/text/figures.ts';
import type { Finding, Findings } from './findings.ts';

const signed = (tokens: number): string => {
  const text = tokens.toFixed(2).replace(/^-(0\.00)$/, '$1');
  return text.startsWith('-') ? text : `+${text}`;
};

const colours = { yes: pc.red, no: (text: string) => text, unclear: pc.yellow };

/** `+0.31 ± 0.12`, with a mark where it pays, or may. */
function cell({ advantage, low, high, pays }: Finding): string {
  const half = low === null || high === null ? '' : ` ± ${((high - low) / 2).toFixed(2)}`;
  const mark = { yes: ' !', no: '', unclear: ' ?' }[pays];
  return colours[pays](`${signed(advantage)}${half}${mark}`);
}

const percentages = (findings: readonly Finding[]): number[] => [
  ...new Set(findings.map(({ percent }) => percent)),
];

/** What a battery found: tokens of a cheat less those of an honest actor, by behaviour and share; and where cheating pays. */
export function findingsText(policy: string, { honest, attacks }: Findings): string {
  const shares = percentages(attacks);
  const rows = [...new Set(attacks.map(({ role, kind }) => `${role} ${kind}`))];
  const tableOf = (show: (finding: Finding) => string): string => {
    const table = new Table({
      head: ['', ...shares.map((share) => `${share} %`)],
      style: { head: [], border: [], compact: true },
      colAligns: ['left', ...shares.map(() => 'right' as const)],
    });
    for (const row of rows) {
      const found = shares.map((share) =>
        attacks.find(({ role, kind, percent }) => `${role} ${kind}` === row && percent === share),
      );
      table.push([row, ...found.map((finding) => (finding === undefined ? '-' : show(finding)))]);
    }
    return table.toString();
  };
  const paying = attacks.filter(({ pays }) => pays === 'yes');
  const unclear = attacks.filter(({ pays }) => pays === 'unclear');
  const n = Math.min(...attacks.map((finding) => finding.n));
  return [
    `${policy}, nobody hostile: accuracy ${percent(honest.accuracy)}, ${percent(honest.refused)} of the updates refused, ` +
      `${percent(honest.punished)} of the Trainers punished; a Trainer earns ${signed(honest.profit.trainer)} tokens, ` +
      `a Validator ${signed(honest.profit.validator)}`,
    '',
    `Tokens of who cheats less those of an honest one, by the share that does (${n === 1 ? 'one seed, no interval' : `mean ± 95 %, n = ${n}`}; ! it pays, ? zero is within)`,
    tableOf(cell),
    '',
    'Test accuracy at the end',
    tableOf(({ accuracy }) => percent(accuracy)),
    '',
    paying.length === 0
      ? `cheating pays nowhere${unclear.length === 0 ? '' : `, and ${unclear.length} of ${attacks.length} are not told from zero: more --seeds`}`
      : `cheating pays: ${paying.map(({ label, advantage }) => `${label} (${signed(advantage)})`).join(', ')}`,
    '',
  ].join('\n');
}
