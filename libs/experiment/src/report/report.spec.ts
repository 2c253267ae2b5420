import { describe, expect, test } from 'vitest';
import { compareSweeps } from './compare.ts';
import { documentOf } from './document.ts';
import { textWidth } from './drawing.ts';
import { htmlOf } from './html.ts';
import { markdownOf, standalone } from './markdown.ts';
import { withColours } from './palette.ts';
import { pngOf } from './png.ts';
import { reportOf } from './report.ts';
import { madeUpResults } from './results.fixture.ts';
import { seedsText } from './study.ts';

/** A little different from seed to seed. */
const jitter = (seed: number): number => seed / 500;

const ratio = madeUpResults([{ name: 'ratio', labels: ['9:1', '7:3'] }], ([label], seed) =>
  label === '9:1'
    ? { accuracy: 0.9 + jitter(seed), trainers: 9, validators: 1 }
    : { accuracy: 0.95 + jitter(seed), trainers: 7, validators: 3 },
);
const map = madeUpResults(
  [
    { name: 'trainers', labels: ['1', '2', '4'] },
    { name: 'validators', labels: ['1', '2', '4'] },
  ],
  ([t, v], seed) => ({
    accuracy: 0.8 + Number(t) / 100 + jitter(seed),
    trainers: Number(t),
    validators: Number(v),
  }),
);
const hostile = madeUpResults(
  [
    { name: 'hostile', labels: ['0 %', '25 %', '50 %'] },
    { name: 'policy', labels: ['Flat', 'Proportional'] },
  ],
  ([share, policy], seed) => {
    const bad = ['0 %', '25 %', '50 %'].indexOf(share!);
    return { accuracy: 0.95 - (policy === 'Flat' ? bad / 5 : 0) + jitter(seed), hostile: bad };
  },
);
const scheme = madeUpResults([{ name: 'scheme', labels: ['bsp', 'bap'] }], ([label], seed) => ({
  accuracy: (label === 'bsp' ? 0.91 : 0.89) + jitter(seed) * 4,
}));

describe('the gallery is chosen by what a sweep varies', () => {
  test.each([
    ['ratio', ratio, ['accuracy-by-round', 'accuracy-by-time', 'best-accuracy', 'gas', 'bytes']],
    ['map', map, ['accuracy-by-round', 'accuracy-by-time', 'best-accuracy-map', 'gas', 'bytes']],
    [
      'hostile',
      hostile,
      [
        'accuracy-by-round',
        'accuracy-by-time',
        'best-accuracy',
        'accuracy-by-hostile-trainers',
        'penalties-by-hostile-trainers',
        'trust',
        'balance',
        'advantage',
      ],
    ],
    ['scheme', scheme, ['accuracy-by-round', 'accuracy-by-time', 'best-accuracy', 'time-to-accuracy']],
  ])('%s', (_, results, ids) => {
    const { figures } = reportOf(results);
    expect(figures.map(({ id }) => id)).toEqual(ids);
    for (const { svg, data } of figures) {
      // Numbers that are none would be drawn at no place, and nothing would be seen of them.
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(data.rows.length).toBeGreaterThan(0);
      for (const row of data.rows) expect(row.length).toBe(data.head.length);
    }
  });

  test('names of rows are not cut off, few as they are', () => {
    const { svg } = reportOf(hostile).figures.find(({ id }) => id === 'advantage')!;
    const names = [...svg.matchAll(/translate\(([\d.]+),[^>]*>([^<]* · [^<]*)/g)];
    expect(names.length).toBeGreaterThan(0);
    for (const [, right, name] of names) expect(Number(right)).toBeGreaterThan(textWidth(name!));
  });

  test('of one run there is what one run has', () => {
    const { figures, tables } = reportOf(
      madeUpResults([], () => ({ accuracy: 0.9, hostile: 1 }), { seeds: 1 }),
    );
    expect(figures.map(({ id }) => id)).toEqual(['accuracy-by-round', 'trust', 'balance', 'advantage']);
    expect(tables.length).toBeGreaterThan(0);
  });
});

describe('the page', () => {
  const html = htmlOf(reportOf(hostile));
  const document = documentOf(html);

  test('has nothing from elsewhere and no script', () => {
    expect(html).not.toMatch(/<script|<link|<iframe|@import|url\((?!#)|(?:src|href)="(?!#)/);
    expect(
      html.match(/https?:\/\/[^"\s<]*/g)?.every((address) => address === 'http://www.w3.org/2000/svg'),
    ).toBe(true);
  });

  test('says of every figure n, seeds, commit and command', () => {
    const captions = [...document.querySelectorAll('figcaption')].map((caption) => caption.textContent);
    expect(captions.length).toBe(8);
    for (const caption of captions) {
      expect(caption).toContain('95 %');
      expect(caption).toContain('n = 3 seeds (1-3); commit abc; flobc sweep made-up.yaml.');
    }
  });

  test('knows light, dark and paper; figures have no colours of their own', () => {
    expect(html).toContain('@media screen and (prefers-color-scheme:dark)');
    expect(html).toContain('@media print');
    for (const svg of document.querySelectorAll('figure svg'))
      expect(svg.outerHTML).not.toMatch(/(?:fill|stroke)="#/);
  });

  test('escapes what people wrote', () => {
    expect(html).toContain('Is 1 &lt; 2 &amp; so on?');
  });
});

describe('tables', () => {
  const { tables, findings, cautions } = reportOf(ratio);

  test('have an interval at every mean, and the difference from the baseline with its effect', () => {
    const best = tables.find(({ id }) => id === 'accuracy-best')!;
    expect(best.head).toEqual(['combination', 'mean', 'n', 'difference', 'g']);
    // Seeds 0.002 apart: half the interval is 4.303 * 0.002 / sqrt(3); seed by seed the difference is always 0.05.
    expect(best.rows).toEqual([
      ['9:1', '90.40 ± 0.50', '3', 'baseline', ''],
      ['7:3', '95.40 ± 0.50', '3', '+5.00 ± 0.00', '+19.95'],
    ]);
    for (const { rows, says } of tables) {
      expect(says).toContain('95 %');
      for (const cell of rows.flatMap((row) => row.slice(1)))
        if (/\d\.\d/.test(cell)) expect(cell).toMatch(/±|^[+-]?\d+\.\d\d$/);
    }
  });

  test('and sentences say what can be told', () => {
    expect(findings[0]).toContain('7:3: 95.40 ± 0.50 % (n = 3)');
    expect(findings[1]).toContain('1 of 1 combinations are told from their baseline');
    expect(cautions).toEqual(['Fewer seeds than the 5 that a result is published with: 3.']);
  });

  test('a baseline on one axis is that of each label on the others', () => {
    const results = madeUpResults(
      [
        { name: 'hostile', labels: ['a', 'b'] },
        { name: 'policy', labels: ['Flat', 'Other'] },
      ],
      ([share, policy], seed) => ({
        accuracy: (share === 'a' ? 0.5 : 0.7) + (policy === 'Flat' ? 0 : 0.1) + jitter(seed),
      }),
      { baseline: { policy: 'Flat' } },
    );
    const { rows } = reportOf(results).tables.find(({ id }) => id === 'accuracy-final')!;
    expect(rows.map((row) => row[3])).toEqual(['baseline', '+10.00 ± 0.00', 'baseline', '+10.00 ± 0.00']);
  });

  test('leave out what has no figure, unless one that it is compared with has', () => {
    const results = madeUpResults(
      [
        { name: 'kind', labels: ['noise', 'backdoor'] },
        { name: 'policy', labels: ['Flat', 'Other'] },
      ],
      ([kind, policy], seed) => ({
        accuracy: 0.9 + jitter(seed),
        metrics: { 'attack.success': kind === 'backdoor' && policy === 'Other' ? jitter(seed) : null },
      }),
      { baseline: { policy: 'Flat' } },
    );
    const { rows } = reportOf(results).tables.find(({ id }) => id === 'attack-success')!;
    expect(rows.map(([title, , n]) => [title, n])).toEqual([
      ['backdoor · Flat', '0'],
      ['backdoor · Other', '3'],
    ]);
  });
});

test('as Markdown, with figures that know light and dark by themselves', () => {
  const report = reportOf(ratio);
  const text = markdownOf(report, (id) => `figures/${id}.svg`);
  expect(text).toContain('![Best accuracy](figures/best-accuracy.svg)');
  expect(text).toContain('| 7:3 | 95.40 ± 0.50 | 3 | +5.00 ± 0.00 | +19.95 |');
  const svg = standalone(report.figures[0]!.svg);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]*><style>:root/);
});

test('as a picture', () => {
  const [figure] = reportOf(ratio).figures;
  expect(withColours(figure!.svg)).not.toContain('var(');
  const png = pngOf(figure!.svg);
  expect([...png.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  // 760 points wide, two pixels each.
  expect(Buffer.from(png).readUInt32BE(16)).toBe(1520);
});

describe('a comparison', () => {
  const better = madeUpResults([{ name: 'ratio', labels: ['9:1', '5:5'] }], (_, seed) => ({
    accuracy: 0.92 + jitter(seed) * 2,
  }));

  test('is of what both have, seed by seed', () => {
    const { differences, onlyA, onlyB } = compareSweeps(ratio, better, ['accuracy.final', 'virtual_s']);
    expect([onlyA, onlyB]).toEqual([['ratio 7:3'], ['ratio 5:5']]);
    const [accuracy] = differences;
    expect(accuracy).toMatchObject({
      combination: 'ratio 9:1',
      a: '90.40 ± 0.50',
      b: '92.80 ± 0.99',
      isTold: true,
      isBetter: true,
    });
    // 0.02 + 0.002 seed
    expect(accuracy!.difference).toBeCloseTo(0.024, 9);
  });

  test('with itself tells nothing', () => {
    const { differences, sameTrials } = compareSweeps(ratio, ratio);
    expect(differences.every(({ isTold }) => !isTold)).toBe(true);
    expect(sameTrials).toBe(6);
  });
});

test('seeds are written short', () => {
  expect(seedsText(['1', '2', '3', '7', '9', '10'])).toBe('1-3, 7, 9, 10');
  expect(seedsText(['a', '5'])).toBe('a, 5');
});
