import { growthOf, type Snapshot } from './measure.ts';

const number = (value: number) => value.toLocaleString('en-US');

/** What a comparable open framework needs for ten Trainers and three Validators (PROTOCOL.md, section 5). */
const comparableGas = 4_274_495;

/** Goals of PROTOCOL.md, section 5. */
export const roundGoal = 600_000;
export const growthGoal = 20_000;

/** The snapshot as a page. */
export function report({ policy, once, rounds, revealed }: Snapshot): string {
  const names = ['openRound', 'proposeLineup', 'commit', 'reveal', 'settle', 'continueSettlement'];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const named = {
    ...rounds,
    '10T/3V, one reveal for all': revealed.batch,
    '10T/3V, each reveals its own': revealed.each,
  };
  const table = Object.entries(named).map(([size, gas]) =>
    row([
      size,
      number(gas.total),
      ...names.map((name) => (gas.operations[name] === undefined ? '-' : number(gas.operations[name]))),
      String(gas.transactions),
      number(gas.largest),
    ]),
  );
  const small = rounds['10T/3V']!.total;
  return `# Gas

Made by \`node --conditions=source contracts/gas/main.ts\` on the EVM inside the process; \`contracts/snapshots/gas.json\`
has the same numbers, and a test compares them with what the contracts need now.

All transactions of the third round together (steady state: every slot was written before), settled with a
certificate under \`${policy}\`, endorsed by the fewest signatures that are a quorum. The settlement reveals the ballots,
which Validators hand to the proposer; the last two rows show what revealing them on chain before costs instead.

${row(['size', 'round', ...names, 'transactions', 'largest'])}
${row(['---', ...Array.from({ length: names.length + 3 }, () => '---:')])}
${table.join('\n')}

10T/3V is ${(comparableGas / small).toFixed(1)} times below the ${number(comparableGas)} of a comparable open framework (goal: at most ${number(roundGoal)}). A Trainer
more at ten Validators takes ${number(growthOf({ rounds }))} (goal: at most ${number(growthGoal)}).

What happens once:

${row(['operation', 'gas'])}
${row(['---', '---:'])}
${Object.entries(once)
  .map(([name, gas]) => row([name, number(gas)]))
  .join('\n')}
`;
}
