import { type Attack, attacks, honestLabel, type SweepResults, summaryOf } from '#libs/experiment';

type CellFigures = ReturnType<typeof summaryOf>['cells'][number]['figures'];

/** What an attack brought those who tried it, over what an honest actor of their role had in the same run, in tokens. */
export interface Finding extends Attack {
  readonly n: number;
  readonly advantage: number;
  /** The 95 % interval; null of fewer than two seeds. */
  readonly low: number | null;
  readonly high: number | null;
  /** Test accuracy at the end, mean. */
  readonly accuracy: number;
  /** `unclear`: the interval holds zero. */
  readonly pays: 'yes' | 'no' | 'unclear';
}

export interface Findings {
  readonly honest: {
    readonly accuracy: number;
    /** Of the updates, and of the Trainers. */
    readonly refused: number;
    readonly punished: number;
    readonly profit: { readonly trainer: number; readonly validator: number };
  };
  readonly attacks: readonly Finding[];
}

/** What the results of a battery say of its policy; attacks whose trials have not ended are left out. */
export function findingsOf(results: SweepResults): Findings {
  const byLabel = new Map(summaryOf(results).cells.map(({ labels, figures }) => [labels[0]!, figures]));
  const honest = byLabel.get(honestLabel) ?? {};
  const meanOf = (figures: CellFigures, name: string) => figures[name]?.mean ?? NaN;
  return {
    honest: {
      accuracy: meanOf(honest, 'accuracy.final'),
      refused: meanOf(honest, 'verdict.false_refusals'),
      punished: meanOf(honest, 'honest.punished'),
      profit: {
        trainer: meanOf(honest, 'profit.trainer.honest'),
        validator: meanOf(honest, 'profit.validator.honest'),
      },
    },
    attacks: attacks.flatMap((attack): Finding[] => {
      const figures = byLabel.get(attack.label) ?? {};
      const advantage = figures[`advantage.${attack.role}.${attack.kind}`];
      if (advantage === undefined) return [];
      const { n, mean, low, high } = advantage;
      const pays = (low ?? mean) > 0 ? 'yes' : (high ?? mean) < 0 ? 'no' : 'unclear';
      return [
        { ...attack, n, advantage: mean, low, high, accuracy: meanOf(figures, 'accuracy.final'), pays },
      ];
    }),
  };
}
