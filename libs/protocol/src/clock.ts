import type { RunState } from './state.ts';

/**
 * Whose clock a deadline runs by. Where passing it only changes whom this follower asks next, its own will do. Where it
 * ends what the ledger counts, the ledger's: a follower that went ahead would part from the others.
 */
export function clockOf({ config, stage }: RunState): 'own' | 'ledger' {
  if (stage.kind !== 'round') return 'ledger';
  const { phase } = stage.round;
  switch (phase.kind) {
    case 'training':
    case 'opening':
      return 'own';
    case 'lineup':
      return phase.attempt + 1 < config.maxProposers ? 'own' : 'ledger';
    case 'settlement':
      return phase.attempt < config.maxProposers ? 'own' : 'ledger';
    case 'commit':
    case 'reveal':
      return 'ledger';
  }
}
