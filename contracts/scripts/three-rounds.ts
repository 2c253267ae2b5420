// Three whole rounds of ten Trainers and three Validators: one Trainer sends poison all the time, one Validator is dead
// in the second round. Prints every transaction with its gas and where every token was before and after; ends with an
// error if a single wei is missing.
import { Rehearsal, wei, type Balances } from '../rehearsal/rehearsal.ts';

const hostile = 9;

const line = (text: string) => process.stdout.write(`${text}\n`);
const tokens = (amountWei: bigint) => {
  const [whole, fraction] = [amountWei / wei, amountWei % wei];
  return `${whole}.${fraction.toString().padStart(18, '0')}`;
};

function printBalances(title: string, { accounts, budgetWei, supplyWei }: Balances): void {
  line(`\n${title}`);
  line(`${'account'.padEnd(14)}${'own'.padStart(28)}${'bond'.padStart(28)}${'credit'.padStart(28)}`);
  for (const { name, ownWei, bondWei, creditWei } of accounts) {
    const cells = [ownWei, bondWei, creditWei].map((amount) => tokens(amount).padStart(28));
    line(`${name.padEnd(14)}${cells.join('')}`);
  }
  line(`${'budget'.padEnd(14)}${tokens(budgetWei).padStart(84)}`);
  line(`${'all there is'.padEnd(14)}${tokens(supplyWei).padStart(84)}`);
}

/** Every token has exactly one place. */
function check({ accounts, budgetWei, vaultWei, registryWei, supplyWei }: Balances): void {
  const sum = (key: 'ownWei' | 'bondWei' | 'creditWei') =>
    accounts.reduce((total, account) => total + account[key], 0n);
  const differences = {
    'bonds and what the registry holds': sum('bondWei') - registryWei,
    'budget and credits and what the vault holds': budgetWei + sum('creditWei') - vaultWei,
    'all accounts and the supply': sum('ownWei') + registryWei + vaultWei - supplyWei,
  };
  for (const [what, differenceWei] of Object.entries(differences)) {
    if (differenceWei !== 0n) throw new Error(`${what} differ by ${differenceWei} wei`);
  }
}

const rehearsal = await Rehearsal.start({
  trainers: 10,
  validators: 3,
  budgetWei: 10_000n * wei,
  // An honest update gains a little; the poisoned one costs a tenth of the loss. Hold-outs differ by some basis points.
  score: (validator, trainer, round) =>
    (trainer === hostile ? -1_000 : 60 + 9 * ((trainer * 5 + round) % 11)) +
    ((validator * 7 + trainer * 3 + round) % 9),
});

try {
  const before = await rehearsal.balances();
  check(before);
  const dead = rehearsal.validators[1]!;
  for (let round = 0; round < 3; round++) {
    line(`\nRound ${round}${round === 1 ? `, ${dead.name} is dead` : ''}`);
    const acts = await rehearsal.wholeRound(round === 1 ? { absent: [dead] } : {});
    for (const { name, by, gas } of acts)
      line(`  ${name.padEnd(16)}${by.padEnd(14)}${String(gas).padStart(10)} gas`);
    line(`  ${'together'.padEnd(30)}${String(acts.reduce((sum, act) => sum + act.gas, 0)).padStart(10)} gas`);
    check(await rehearsal.balances());
  }
  for (const { name, address } of rehearsal.trainers) {
    if (name !== rehearsal.trainers[hostile]!.name) await rehearsal.claim(address, name);
  }
  const after = await rehearsal.balances();
  check(after);
  printBalances('Before', before);
  printBalances('After', after);
  line('\nEvery wei is where it should be.');
} finally {
  await rehearsal.chain.close();
}
