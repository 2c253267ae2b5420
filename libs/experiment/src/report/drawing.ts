import * as Plot from '@observablehq/plot';
import { documentOf, type DrawnElement } from './document.ts';
import { colour } from './palette.ts';

// Figures are drawn by Observable Plot on a document that is no browser's. What Plot writes as HTML around the picture (legends) is
// written here as SVG, so that a figure is one picture everywhere: in a page, as a file, as PNG.

export const fontFamily = "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif";

export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
}

export interface Legend {
  /** What the colours are about; may be empty. */
  readonly title: string;
  readonly entries: readonly LegendEntry[];
}

/** Pixels that a text of this size about takes: there is nothing here that could measure it. */
export const textWidth = (text: string, size = 12): number =>
  Array.from(text).reduce(
    (sum, letter) => sum + (/[ilj.,:|' ]/.test(letter) ? 0.34 : /[mwMW%@]/.test(letter) ? 0.95 : 0.6),
    0,
  ) * size;

const legendHeight = 20;

/** A plot with its legend above it, as one SVG element. */
export function draw(options: Plot.PlotOptions, legend: Legend = { title: '', entries: [] }): string {
  const { width = 760 } = options;
  const document: unknown = documentOf('<!doctype html><html><body></body></html>');
  const given = {
    ...options,
    width,
    document,
    style: { fontFamily, fontSize: '12px', color: colour('ink'), background: 'none', overflow: 'visible' },
  };
  const plot = Plot.plot(given) as unknown as DrawnElement;
  const svg = plot.tagName.toLowerCase() === 'svg' ? plot : plot.querySelector('svg')!;
  const height = Number(svg.getAttribute('height'));
  const rows = legendRows(legend, width);
  const top = rows.length * legendHeight;
  svg.setAttribute('y', String(top));
  // Plot's class names are drawn by lot where several are on one page; all it styles by them is said here.
  for (const style of [...svg.querySelectorAll('style')]) style.remove();
  svg.removeAttribute('class');
  const inner = svg.outerHTML;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + height}" width="${width}" height="${top + height}" ` +
    `font-family="${fontFamily}" font-size="12" color="${colour('ink')}" fill="currentColor">` +
    `${rows.join('')}${inner}</svg>`
  );
}

function legendRows({ title, entries }: Legend, width: number): string[] {
  const rows: string[] = [];
  let [row, x] = ['', 0];
  const close = () => {
    if (row !== '') rows.push(row);
    [row, x] = ['', 0];
  };
  if (title !== '' && entries.length > 0) {
    row = `<text x="0" y="13" fill="${colour('faint')}">${escaped(title)}</text>`;
    x = textWidth(title) + 14;
  }
  for (const { label, colour: fill } of entries) {
    const needed = 30 + textWidth(label);
    if (x + needed > width) close();
    const y = rows.length * legendHeight;
    row += `<rect x="${x}" y="${y + 3}" width="12" height="12" rx="2" fill="${fill}"/><text x="${x + 17}" y="${y + 13}">${escaped(label)}</text>`;
    x += needed;
  }
  close();
  return rows;
}

export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter]!);
