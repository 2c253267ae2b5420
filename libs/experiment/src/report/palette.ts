/** Colours by what they are for: on white paper and on a dark screen. Series differ in lightness too, for those who tell no hues. */
const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  paper: ['#ffffff', '#14171c'],
  ink: ['#1d2127', '#e6e8eb'],
  faint: ['#667080', '#9aa4b2'],
  line: ['#d9dde3', '#343b46'],
  wash: ['#f4f6f8', '#1c2129'],
  good: ['#1a7f4b', '#58c48d'],
  bad: ['#b3261e', '#ff8a80'],
  'series-1': ['#2f6db5', '#6ea8e8'],
  'series-2': ['#d2691e', '#f0a060'],
  'series-3': ['#2b9a66', '#62cf9b'],
  'series-4': ['#a8348f', '#e08ad0'],
  'series-5': ['#7a6000', '#d6bb4d'],
  'series-6': ['#3aa6bf', '#7fdcf0'],
  'series-7': ['#c22f3d', '#ff8f98'],
  'series-8': ['#5b5f97', '#a9adea'],
};

/** As it stands in a figure: pages and pictures give it its value. */
export const colour = (name: string): string => `var(--${name})`;
export const seriesCount = 8;
export const seriesColour = (i: number): string => colour(`series-${(i % seriesCount) + 1}`);

/** A figure with its colours written out, for programs that know no variables. */
export const withColours = (svg: string, scheme: 'light' | 'dark' = 'light'): string =>
  svg.replace(
    /var\(--([\w-]+)\)/g,
    (_, name: string) => colours[name]?.[scheme === 'light' ? 0 : 1] ?? '#000',
  );

const declared = (scheme: 0 | 1): string =>
  Object.entries(colours)
    .map(([name, pair]) => `--${name}:${pair[scheme]}`)
    .join(';');

/** Style that gives the variables their values, by what the reader prefers; on paper always the light ones. */
export const variables = `:root{color-scheme:light dark;${declared(0)}}
@media screen and (prefers-color-scheme:dark){:root{${declared(1)}}}`;

/** From nothing to all of it, for maps: dark is much, on white paper as on a dark screen. */
export function sequential(share: number): string {
  const stops = [
    [237, 244, 250],
    [158, 202, 225],
    [66, 146, 198],
    [13, 82, 158],
  ] as const;
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(at));
  const mix = stops[i]!.map((from, c) => Math.round(from + (at - i) * (stops[i + 1]![c]! - from)));
  return `rgb(${mix.join(',')})`;
}
