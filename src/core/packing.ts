/**
 * How weights are held in memory. 'keep': every value as it is stored, as float32. 'float16': rounded to half precision, where
 * they are not stored so. 'int4': linear maps in blocks of 4-bit integers, the embedding's rows in half precision.
 */
export type Packing = 'keep' | 'float16' | 'int4';

export const PACKINGS: readonly Packing[] = ['keep', 'float16', 'int4'];
