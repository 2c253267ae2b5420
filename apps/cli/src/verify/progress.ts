import { SingleBar } from 'cli-progress';
import type { Progress } from '#libs/verify';
import type { Output } from '../output.ts';

/** Less than this is over before a bar has been read. */
const leastTotal = 200;

/** A bar for eyes; pipes and files get none. @param side null: nobody looks */
export function openProgress(side: Output | null): {
  readonly update: (progress: Progress) => void;
  readonly close: () => void;
} {
  if (side?.isTTY !== true) return { update: () => undefined, close: () => undefined };
  let bar: SingleBar | null = null;
  let shown: Progress['what'] | null = null;
  const close = () => {
    bar?.stop();
    bar = null;
  };
  return {
    update({ what, done, total }) {
      if (what !== shown) {
        close();
        shown = what;
        bar = total < leastTotal ? null : open(side, what, total);
      }
      bar?.update(done);
    },
    close,
  };
}

function open(side: Output, what: string, total: number): SingleBar {
  const bar = new SingleBar({
    format: `${what} {bar} {value} of {total}  {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    stream: side as unknown as NodeJS.WritableStream,
  });
  bar.start(total, 0);
  return bar;
}
