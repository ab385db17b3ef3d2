/**
 * What `torch.empty_like` may leave in a float32 buffer. Measured with transformers 5.17 and 5.18 in about 75 loads:
 * never all zeros and never the right values, but a few leading zeros, then denormals and halves of pointers, with 6 to
 * 21 of 32 entries non-zero. Four loads held nothing above 1e-6. In 40 later loads of the bundled model (training/reports)
 * two were exact zeros, ten below 1e-6, one had NaN, and some held numbers so large that angles overflow: those are the
 * faults `zero`, `tiny`, `nan` and `huge`; here is the usual garbage.
 */

/** Glibc fills fresh memory with the complement of MALLOC_PERTURB_: 165 gives bytes of 0x5a, and 255 gives zeros. */
export const PERTURBED_165 = floatFromBits(0x5a5a5a5a);

const LEAST_NON_ZERO = 6 / 32;
const MOST_NON_ZERO = 21 / 32;

/**
 * Seeded garbage of that shape: zeros first, then eight-byte words as a heap leaves them, each a small integer or a
 * pointer, read as two float32 entries. Always finite, and so is every angle below a million positions.
 */
export function heapGarbage(length: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const share = LEAST_NON_ZERO + random() * (MOST_NON_ZERO - LEAST_NON_ZERO);
  const nonZero = Math.max(1, Math.round(share * length));
  const memory = new Float32Array(length);
  const places = spread(length, nonZero, random);
  let pointer = false;
  for (const place of places) {
    // Low half of a pointer first, high half next to it; small integers in between.
    memory[place] = pointer
      ? highHalf(random)
      : random() < 0.35
        ? smallInteger(random)
        : lowHalf(random);
    pointer = !pointer;
  }
  return memory;
}

/** Seeded garbage that is the identity rotation in effect: every entry below 1e-6, not all of them zero. */
export function tinyGarbage(length: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const places = spread(length, Math.max(1, Math.round(length / 2)), random);
  const memory = new Float32Array(length);
  for (const place of places)
    memory[place] = random() < 0.5 ? smallInteger(random) : 1e-6 * random();
  if (memory.every((entry) => entry === 0)) memory[length - 1] = 5e-7;
  return memory;
}

/** `count` places of `length`, ascending, in the later part: fresh memory begins with zeros. */
function spread(length: number, count: number, random: () => number): number[] {
  const first = Math.min(length - count, 1 + Math.floor(random() * 4));
  const places = Array.from({ length: length - first }, (_, i) => first + i);
  while (places.length > count) places.splice(Math.floor(random() * places.length), 1);
  return places;
}

/** Sizes and counts, as integers: denormals when read as float32. */
function smallInteger(random: () => number): number {
  return floatFromBits(1 + Math.floor(random() * 4096));
}

/** Upper 32 bits of a user-space address, 0x7f00 to 0x7fff or 0x5500 to 0x56ff: denormals too. */
function highHalf(random: () => number): number {
  return floatFromBits(random() < 0.5 ? 0x7f00 + random() * 0x100 : 0x5500 + random() * 0x200);
}

/** Lower 32 bits of an address, aligned to 16 bytes: any sign and exponent. The largest exponents are kept away. */
function lowHalf(random: () => number): number {
  const word = Math.floor(random() * 2 ** 28) * 16;
  const exponent = (word >>> 23) & 0xff;
  return floatFromBits(exponent > 0xe0 ? (word & 0x80ffffff) >>> 0 : word);
}

function floatFromBits(word: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, word);
  return view.getFloat32(0);
}

/** Numbers in [0, 1), the same for the same seed on every machine: xorshift32 (Marsaglia 2003). */
function seededRandom(seed: number): () => number {
  // The generator's state may not be 0, and near seeds should not begin alike.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next();
  return next;
}
