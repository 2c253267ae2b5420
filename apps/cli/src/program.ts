import { Command } from 'commander';
import { compareCommand } from './commands/compare.ts';
import { ctlCommand } from './commands/ctl.ts';
import { dataCommand } from './commands/data.ts';
import { explainCommand } from './commands/explain.ts';
import { keysCommand } from './commands/keys.ts';
import { downCommand, logsCommand, psCommand } from './commands/network.ts';
import { nodeCommand } from './commands/node.ts';
import { policyCommand } from './commands/policy.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { sweepCommand } from './commands/sweep.ts';
import { trainCommand } from './commands/train.ts';
import { upCommand } from './commands/up.ts';
import { verifyCommand } from './commands/verify.ts';
import { workerCommand } from './commands/worker.ts';

/** The command line with all of its commands. */
export const program = new Command('flobc')
  .description('A trainer/validator network for decentralised federated learning')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(flobc --help lists the commands)')
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    `
Examples:
  $ flobc run experiments/quickstart.yaml    a run with Trainers and Validators
  $ flobc train                              train the quickstart model on MNIST
  $ flobc train mlp-200 --epochs 5           another model, longer
  $ flobc data list                          which datasets there are`,
  )
  .addCommand(runCommand())
  .addCommand(sweepCommand())
  .addCommand(workerCommand())
  .addCommand(reportCommand())
  .addCommand(compareCommand())
  .addCommand(policyCommand())
  .addCommand(upCommand())
  .addCommand(psCommand())
  .addCommand(logsCommand())
  .addCommand(downCommand())
  .addCommand(nodeCommand())
  .addCommand(keysCommand())
  .addCommand(ctlCommand())
  .addCommand(verifyCommand())
  .addCommand(trainCommand())
  .addCommand(explainCommand())
  .addCommand(dataCommand());
