import { z } from 'zod';
import { knownActivation } from '../activations.ts';

export const absent = z.null({ error: 'regularizers and constraints are not covered' }).optional();

/** What no covered layer carries: a regularizer or constraint would change the training silently if it were skipped. */
export const unregularised = z.looseObject({
  kernel_regularizer: absent,
  bias_regularizer: absent,
  activity_regularizer: absent,
  kernel_constraint: absent,
  bias_constraint: absent,
  trainable: z.literal(true, { error: 'frozen layers are not covered' }).optional(),
});

/** An activation by its Keras name. */
export const activation = z
  .string()
  .default('linear')
  .transform((name, context) => {
    const known = knownActivation(name);
    if (known !== undefined) return known;
    context.addIssue({ code: 'custom', message: `activation "${name}" is not covered` });
    return z.NEVER;
  });

/** One number for both directions, or one for each: [height, width]. */
export const pair = z
  .union([z.int().positive(), z.tuple([z.int().positive(), z.int().positive()])])
  .transform((value): readonly [number, number] => (typeof value === 'number' ? [value, value] : value));

export const padding = z.enum(['valid', 'same']).default('valid');

/** Only the channels-last order of Keras' default is read. */
export const channelsLast = z
  .enum(['channelsLast', 'channels_last'], { error: 'channels first are not covered' })
  .nullish();
