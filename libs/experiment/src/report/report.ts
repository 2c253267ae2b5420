import { judgementsOf, type Judgement } from '../results/summary.ts';
import type { SweepResults } from '../results/sweep-results.ts';
import type { Figure } from './figure.ts';
import { galleryOf } from './gallery.ts';
import { spanText, unitOf, withInterval } from './numbers.ts';
import { Study } from './study.ts';
import { type Table, tablesOf } from './tables.ts';
import { mean, studentInterval } from '../statistics/index.ts';

/** Everything that a report says, however it is written. */
export interface Report {
  readonly name: string;
  readonly question: string | null;
  /** What was run and how, as pairs of a word and what it is. */
  readonly facts: readonly (readonly [string, string])[];
  /** What a reader has to know before believing it. */
  readonly cautions: readonly string[];
  /** What came out, in sentences. */
  readonly findings: readonly string[];
  /** What people made of it, in paragraphs; nothing of it is computed. */
  readonly remarks: readonly string[];
  readonly reported: string | null;
  readonly differs: string | null;
  readonly expectations: readonly (Judgement & { readonly title: string })[];
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
  /** Beside every figure: n, seeds, commit, command. */
  readonly source: string;
}

/** @param remarks Paragraphs with empty lines between them */
export function reportOf(results: SweepResults, remarks = ''): Report {
  const study = new Study(results);
  const { record, trials } = results;
  const commits = commitsOf(results);
  const command = record.sessions.at(-1)?.command ?? `flobc run, ${record.file}`;
  const seconds = trials.reduce((sum, { times }) => sum + (times?.seconds ?? 0), 0);
  const { name, question, reported, differs } = record;
  return {
    name,
    question,
    facts: [
      ['file', record.file],
      ['command', command],
      ['commit', commits.join(', ') || 'not known'],
      [
        'trials',
        `${trials.length} of ${record.trials.length}: ${record.cells.length} combinations, ${study.sizes}`,
      ],
      ['time it took', `${spanText(seconds)} of trials${elapsed(results)}`],
      [
        'varied',
        record.axes.map((axis) => `${axis.name} (${axis.labels.join(', ')})`).join('; ') || 'nothing',
      ],
      ['baseline', baselineText(record.baseline)],
    ],
    cautions: cautionsOf(results, commits),
    findings: findingsOf(study),
    remarks: remarks
      .split(/\n\s*\n/)
      .map((text) => text.trim())
      .filter((text) => text !== ''),
    reported,
    differs,
    expectations: judgementsOf(results).map((one) => ({ ...one, title: study.cells[one.cell]!.title })),
    figures: galleryOf(study),
    tables: tablesOf(study),
    source: `${study.sizes}; commit ${commits.join(', ') || 'not known'}; ${command}`,
  };
}

const baselineText = (baseline: Readonly<Record<string, string>>): string =>
  Object.entries(baseline)
    .map(([axis, label]) => `${axis} ${label}`)
    .join(', ') || 'none';

const commitsOf = ({ trials }: SweepResults): string[] => [
  ...new Set(trials.flatMap(({ times }) => times?.commit ?? [])),
];

/** From the start of the first trial to the end of the last: what somebody waited, sittings and pauses included. */
function elapsed({ trials, record }: SweepResults): string {
  const starts = trials.flatMap(({ times }) => (times ? [Date.parse(times.startedAt)] : []));
  const ends = trials.flatMap(({ times }) =>
    times ? [Date.parse(times.startedAt) + 1000 * times.seconds] : [],
  );
  const span = (Math.max(...ends) - Math.min(...starts)) / 1000;
  if (!Number.isFinite(span)) return '';
  const sittings = record.sessions.length;
  return `, ${spanText(span)} from the first to the last${sittings > 1 ? ` in ${sittings} sittings` : ''}`;
}

const enoughSeeds = 5;

function cautionsOf(results: SweepResults, commits: readonly string[]): string[] {
  const { record, trials } = results;
  const cautions: string[] = [];
  const missing = record.trials.length - trials.length;
  if (missing > 0)
    cautions.push(
      `${missing} of ${record.trials.length} trials have not ended: what is shown is of the others.`,
    );
  if (record.seeds.length < enoughSeeds)
    cautions.push(
      `Fewer seeds than the ${enoughSeeds} that a result is published with: ${record.seeds.length}.`,
    );
  if (commits.length > 1) cautions.push('The trials were run by several versions of the product.');
  if (commits.some((commit) => commit.endsWith('-changed')))
    cautions.push('The product had changes that are in no commit.');
  const ended = trials.filter(({ figures }) => figures.outcome !== 'finished');
  if (ended.length > 0) cautions.push(`${ended.length} trials were halted before their last round.`);
  return cautions;
}

/** The best combination, and which others are told from their baseline. */
function findingsOf(study: Study): string[] {
  const metric = 'accuracy.best';
  const measured = study.cells.flatMap((cell) => {
    const values = study.values(cell, metric);
    return values.length === 0 ? [] : [{ cell, values, mean: mean(values) }];
  });
  if (measured.length < 2) return [];
  const best = measured.reduce((most, one) => (one.mean > most.mean ? one : most));
  const text = withInterval(metric, best.mean, studentInterval(best.values), best.values.length);
  const findings = [
    `The highest mean of the best accuracy has ${best.cell.title}: ${text} ${unitOf(metric)} (n = ${best.values.length}).`,
  ];
  const told = measured.filter(({ cell }) => {
    const differences = study.paired(cell, metric);
    return Math.abs(mean(differences)) > studentInterval(differences);
  });
  const comparable = measured.filter(({ cell }) => cell.baseline !== undefined).length;
  if (comparable > 0)
    findings.push(
      told.length === 0
        ? `No combination is told from its baseline by it: every 95 % interval of a difference holds zero.`
        : `${told.length} of ${comparable} combinations are told from their baseline by it (the 95 % interval of the difference does not hold zero): ${listed(told.map(({ cell }) => cell.title))}. No correction is made for their number.`,
    );
  return findings;
}

const listed = (all: readonly string[]): string =>
  all.length <= 12 ? all.join('; ') : `${all.slice(0, 12).join('; ')} and ${all.length - 12} more`;
