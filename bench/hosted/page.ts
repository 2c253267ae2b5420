import { defaultLimits } from '#libs/nats';
import type { Harm } from './harms.ts';
import { median, roundSeconds, type Size, type Stretch } from './load.ts';
import { roleOf } from './processes.ts';
import { type Part, parts } from './round-watch.ts';

export interface Sized {
  readonly size: Size;
  /** Seconds of the bare arithmetic of a round. */
  readonly arithmetic: number;
  readonly stretches: readonly { readonly harm: Harm | null; readonly stretch: Stretch }[];
}

interface About {
  readonly rounds: number;
  readonly asked: number;
  readonly machine: string;
}

/** Asked for: seconds of a round outside of training and scoring, and a round's length under harm to one without. */
const [mostOutside, mostTimes] = [1, 1.5];

/** Parts in which Trainers train, and Validators open and score. */
const working: ReadonlySet<Part> = new Set<Part>(['training', 'scoring and commit']);

/** Where a code says that a message was refused, from cheap to dear. */
const places: readonly { readonly where: string; readonly codes: readonly string[] }[] = [
  { where: 'before it was opened', codes: ['size', 'subject', 'budget'] },
  {
    where: 'before its signature',
    codes: [
      'SIZE_EXCEEDED',
      'TRUNCATED',
      'TRAILING_BYTES',
      'NESTED_TOO_DEEP',
      'FORM_REFUSED',
      'VERSION_UNKNOWN',
      'KIND_UNKNOWN',
      'MALFORMED',
      'NOT_CANONICAL',
      'RUN_DIFFERS',
      'SUBJECT_DIFFERS',
    ],
  },
  { where: 'at its signature', codes: ['SIGNATURE_INVALID', 'SIGNER_DIFFERS'] },
  { where: 'by the protocol', codes: ['notMember', 'replayed', 'duplicate', 'equivocation'] },
];

const said: Readonly<Record<Harm, string>> = {
  junk: 'messages of 1 MB',
  flood: '10,000 messages a second',
  forged: '200 receipts a second with the signature of somebody else',
  forAnother: "receipts of another Trainer, under that one's subject and under its own",
  replay: 'its own receipts again and again',
};

export function pageOf(measured: readonly Sized[], about: About): string {
  const sized = measured.toSorted((a, b) => a.size.trainers - b.size.trainers);
  const { rounds, machine, asked } = about;
  const goal = sized.find(({ size }) => size.trainers === asked);
  return `# Networks of processes

Made by \`npm run bench hosted\`: every node a process of its own, with real NATS, Redis and a chain, all on one machine.
\`mlp-200\` on MNIST, 600 examples a Trainer, 1,000 a Validator, one epoch, batches of 32, leave-one-out scoring, BSP. Medians of
${rounds} rounds after the first three, from one opening to the next, seen by one more process that looks on.

Machine: ${machine}. "Load" is the number of processes that wanted to run, others on the machine included (mean of a minute):
where it is far above the number of cores, times are those of a machine that is busy otherwise.

## By number of Trainers

${bySize(sized)}

Asked for, ${asked} Trainers and 7 Validators: at most ${fixed(mostOutside, 1)} s outside${goal === undefined ? '' : `: ${outside(quiet(goal)) <= mostOutside ? 'met' : 'missed'}`}.

"Arithmetic" is the trainings and scorings of a round, handed to all cores of this machine at once, and nothing else. "Outside" is
what a round takes outside of its training and its scoring, by its phases. On the wire: what NATS took in and gave out.

## Where the time goes

Seconds of a round by its parts.

${byPart(sized)}

CPU seconds of a round by processes.

${byRole(sized)}

## Memory

Of one process, medians in MB: resident, and in brackets its proportional share (what several processes have in common is
divided among them).

${memory(sized)}
${goal === undefined || goal.stretches.length < 2 ? '' : harmed(goal)}`;
}

const quiet = ({ stretches }: Sized): Stretch => stretches[0]!.stretch;
const fixed = (n: number, digits = 2): string => n.toFixed(digits);
const mega = (bytes: number): string => fixed(bytes / 1e6, 0);

const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...body]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

const spentOn = (stretch: Stretch, part: Part): number =>
  median(stretch.rounds.map(({ spent }) => spent[part]));
const outside = (stretch: Stretch): number =>
  median(
    stretch.rounds.map(({ spent }) =>
      parts.reduce((sum, part) => sum + (working.has(part) ? 0 : spent[part]), 0),
    ),
  );

const bySize = (sized: readonly Sized[]): string =>
  table(
    ['Trainers', 'Validators', 'round, s', 'arithmetic, s', 'outside, s', 'MB on the wire', 'load'],
    sized.map((one) => [
      String(one.size.trainers),
      String(one.size.validators),
      fixed(roundSeconds(quiet(one))),
      fixed(one.arithmetic),
      fixed(outside(quiet(one))),
      mega(quiet(one).wireBytes),
      fixed(quiet(one).load, 0),
    ]),
  );

const byPart = (sized: readonly Sized[]): string =>
  table(
    ['Trainers', ...parts],
    sized.map((one) => [String(one.size.trainers), ...parts.map((part) => fixed(spentOn(quiet(one), part)))]),
  );

const roles = ['trainer', 'validator', 'scheduler', 'nats', 'redis', 'chain'];

const byRole = (sized: readonly Sized[]): string =>
  table(
    ['Trainers', 'all Trainers', 'all Validators', ...roles.slice(2), 'sum'],
    sized.map((one) => {
      const { cpuSeconds } = quiet(one);
      const sum = roles.reduce((total, role) => total + (cpuSeconds[role] ?? 0), 0);
      return [String(one.size.trainers), ...roles.map((role) => fixed(cpuSeconds[role] ?? 0)), fixed(sum)];
    }),
  );

const memory = (sized: readonly Sized[]): string =>
  table(
    ['Trainers', ...roles, 'all of them together, GB'],
    sized.map((one) => {
      const { used } = quiet(one);
      const cells = roles.map((role) => {
        const own = used.filter(({ name }) => roleOf(name) === role);
        const [rss, pss] = [own.map(({ rssBytes }) => rssBytes), own.map(({ pssBytes }) => pssBytes)];
        return `${mega(median(rss))} (${mega(median(pss))})`;
      });
      const all = used.reduce((sum, { pssBytes }) => sum + pssBytes, 0);
      return [String(one.size.trainers), ...cells, fixed(all / 1e9, 1)];
    }),
  );

function harmed({ size, stretches }: Sized): string {
  const quietly = stretches.filter(({ harm }) => harm === null).map(({ stretch }) => roundSeconds(stretch));
  // The machine is not always as busy: the faster of the two is what harm is measured against.
  const calm = Math.min(...quietly);
  const missed = stretches.flatMap(({ harm, stretch }) =>
    harm !== null && roundSeconds(stretch) > mostTimes * calm ? [said[harm]] : [],
  );
  const rows = stretches.map(({ harm, stretch }) => {
    const seconds = roundSeconds(stretch);
    const { harmed: done, refused, rounds } = stretch;
    const read = places.map(({ codes }) => codes.reduce((sum, code) => sum + (refused[code] ?? 0), 0));
    const notRead = (done?.sent ?? 0) - read.reduce((sum, count) => sum + count, 0);
    return [
      harm === null ? 'nobody' : said[harm],
      fixed(seconds),
      harm === null ? '' : fixed(seconds / calm),
      String(rounds.filter(({ isVoid }) => isVoid).length),
      done === null ? '' : fixed(done.sent / stretch.seconds, 0),
      done === null ? '' : String(Math.max(0, notRead)),
      ...read.map(String),
      fixed(stretch.load, 0),
    ];
  });
  return `
## Clients that mean harm

${size.trainers} Trainers, ${size.validators} Validators, and a client with the credentials of a Trainer; "times": against the faster
of the two stretches without it. What it sent was refused by the broker (a subject that is not its own, a message that is too large, more of one kind than
is taken in a time), or by every node that hears it: these are counts of the one who looks on, which hears what Validators hear; the broker has the rest.

${table(
  [
    'what it sends',
    'round, s',
    'times',
    'void',
    'sent, 1/s',
    'by the broker',
    ...places.map(({ where }) => where),
    'load',
  ],
  rows,
)}

Asked for: at most ${fixed(mostTimes, 1)} times; missed by ${missed.join(' and ') || 'none'}. The broker takes
${defaultLimits.intake.messages.toLocaleString('en')} messages of one sender and kind in ${defaultLimits.intake.withinMs / 1_000} seconds (ADR 87); what it takes is read by whoever is no Trainer, here ${size.validators + 2} processes on the same cores.
`;
}
