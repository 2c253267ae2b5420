import type { Dataset } from '#libs/data';

const reset = '\u001b[0m';
const mostExamples = 10;

/** True for bytes of shape [height, width], [height, width, 1] or [height, width, 3]. */
export function isImage({ features, shape }: Dataset): boolean {
  return (
    features instanceof Uint8Array &&
    (shape.length === 2 || (shape.length === 3 && (shape[2] === 1 || shape[2] === 3)))
  );
}

/**
 * One example of each of the first classes, side by side, as text: a character is two pixels, one above the other. As
 * many as fit into `columns`; nothing where not even one does.
 */
export function drawExamples(dataset: Dataset, columns: number, colour: boolean): string {
  const [height, width] = dataset.shape as [number, number];
  const examples = firstOfClasses(dataset).slice(0, Math.floor((columns + 1) / (width + 1)));
  if (examples.length === 0) return '';
  const lines: string[] = [];
  for (let top = 0; top < height; top += 2)
    lines.push(
      examples
        .map((example) => drawLine(dataset, example, top, colour))
        .join(' ')
        .trimEnd(),
    );
  lines.push(
    examples
      .map((example) => nameOf(dataset, example).slice(0, width).padEnd(width))
      .join(' ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function firstOfClasses({ labels, classes }: Dataset): number[] {
  return Array.from({ length: Math.min(classes, mostExamples) }, (_, label) => labels.indexOf(label)).filter(
    (example) => example >= 0,
  );
}

function nameOf({ labels, classNames }: Dataset, example: number): string {
  return classNames?.[labels[example]!] ?? String(labels[example]);
}

function drawLine({ features, shape }: Dataset, example: number, top: number, colour: boolean): string {
  const [height, width, channels = 1] = shape as [number, number, number?];
  const pixel = (row: number, column: number): readonly number[] => {
    const at = ((example * height + row) * width + column) * channels;
    return row < height
      ? Array.from(features.subarray(at, at + channels))
      : new Array<number>(channels).fill(0);
  };
  const cells = Array.from({ length: width }, (_, column) => {
    const [above, below] = [pixel(top, column), pixel(top + 1, column)];
    return colour
      ? `\u001b[38;5;${paletteOf(above)};48;5;${paletteOf(below)}m▀`
      : blockOf(isBright(above), isBright(below));
  });
  return cells.join('') + (colour ? reset : '');
}

function blockOf(above: boolean, below: boolean): string {
  if (above) return below ? '█' : '▀';
  return below ? '▄' : ' ';
}

function isBright(pixel: readonly number[]): boolean {
  return pixel.reduce((sum, value) => sum + value, 0) >= 128 * pixel.length;
}

/** The nearest of the 256 colours that every terminal with colours has: a ramp of 24 greys, a cube of 6 x 6 x 6. */
function paletteOf(pixel: readonly number[]): number {
  if (pixel.length === 1) return 232 + Math.round((pixel[0]! * 23) / 255);
  const [red, green, blue] = pixel.map((value) => Math.round((value * 5) / 255)) as [number, number, number];
  return 16 + 36 * red + 6 * green + blue;
}
