import { Resvg } from '@resvg/resvg-js';
import { withColours } from './palette.ts';

/** A figure as PNG, on white, with two pixels for each of its own. */
export function pngOf(svg: string): Uint8Array {
  return new Resvg(withColours(svg), {
    background: withColours('var(--paper)'),
    fitTo: { mode: 'zoom', value: 2 },
    // The system's fonts, and one of them where it does not have the one that is asked for.
    font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' },
  })
    .render()
    .asPng();
}
