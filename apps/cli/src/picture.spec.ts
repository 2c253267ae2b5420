import { describe, expect, test } from 'vitest';
import { type Dataset, loadDataset } from '#libs/data';
import { drawExamples, isImage } from './picture.ts';

/** Three images of 2 x 3 pixels, of the classes 1, 0 and 1. */
const images: Dataset = {
  name: 'images',
  size: 3,
  shape: [3, 2, 1],
  classes: 2,
  labels: Uint8Array.of(1, 0, 1),
  features: Uint8Array.of(255, 255, 0, 255, 255, 0, 0, 127, 128, 0, 0, 0, 9, 9, 9, 9, 9, 9),
  scale: { mean: 0, deviation: 1 },
};

describe('drawExamples', () => {
  test('one example of each class, two pixels a character, black below an odd last row', () => {
    expect(drawExamples(images, 80, false)).toBe('▄  ▀█\n   ▀\n0  1\n');
  });

  test('a nought and a one of MNIST', async () => {
    const { train } = await loadDataset('mnist');
    expect(drawExamples(train, 60, false)).toMatchInlineSnapshot(`
      "

                     ▄███▄                            ▄▄
                   ▄████▀█▄                          ███
                 ████▀██ ▀██                       ▄██▀
               ▄███▀      ██▄                     ███▀
              ██▀         ███                    ███
             ██▀          ███                  ▄███
             ██         ▄██▀                  ████
             ██       ▄██▀                   ███▀
             ███▄▄▄████▀                    ████
             ▀█████▀▀                       ███
                                            ▀▀▀

      0                            1
      "
    `);
  });

  test('as many as fit', () => {
    expect(drawExamples(images, 4, false)).toBe('▄\n\n0\n');
    expect(drawExamples(images, 1, false)).toBe('');
  });

  test('colours are the nearest of the 256: greys of the ramp, others of the cube', () => {
    const grey = drawExamples({ ...images, classes: 1, labels: Uint8Array.of(0, 0, 0) }, 80, true).split(
      '\n',
    )[0];
    expect(grey).toBe('\u001b[38;5;255;48;5;232m▀\u001b[38;5;255;48;5;255m▀\u001b[0m');
    const red = Uint8Array.of(255, 0, 0, 0, 128, 255);
    const pixels = {
      ...images,
      size: 1,
      shape: [2, 1, 3],
      labels: Uint8Array.of(0),
      classNames: ['rose', 'sky'],
      features: red,
    };
    expect(drawExamples(pixels, 80, true)).toBe('\u001b[38;5;196;48;5;39m▀\u001b[0m\nr\n');
  });

  test('only bytes with one or three channels are images', () => {
    expect(isImage(images)).toBe(true);
    expect(isImage({ ...images, shape: [3, 2] })).toBe(true);
    expect(isImage({ ...images, shape: [6] })).toBe(false);
    expect(isImage({ ...images, shape: [1, 3, 2] })).toBe(false);
    expect(isImage({ ...images, features: new Float32Array(18) })).toBe(false);
  });
});
