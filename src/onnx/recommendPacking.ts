import { type Packing, PACKINGS } from '../core/packing';

/** What a packing needs. */
export interface PackingNeed {
  readonly packing: Packing;
  /** Bytes of all weights, and of the largest one of them. */
  readonly memoryBytes: number;
  readonly largestBytes: number;
}

/** Where it is to run. Null where that is not known. */
export interface PackingRoom {
  readonly executionProvider: 'webgpu' | 'wasm';
  /** Bytes of the largest GPU buffer that a shader can bind. */
  readonly maxBufferSize: number | null;
  /** Without it, known or not, nothing is held in half precision on WebGPU. */
  readonly shaderF16: boolean | null;
  /** Bytes of memory of this machine, roughly. */
  readonly memory: number | null;
}

export interface Recommendation {
  readonly obstacles: Readonly<Record<Packing, string | null>>;
  readonly recommended: Packing;
  /** One sentence; where nothing fits, a second one says what stands in the way of the smallest. */
  readonly reason: string;
}

/** A WASM heap has 4 GiB at most; the cache, the arenas and the graph need some of it. */
const HEAP_BYTES = 3.5 * 2 ** 30;
/** A part of the machine's memory that a page may take without the rest suffering. */
const COMFORTABLE_SHARE = 0.25;
const LARGEST_SHARE = 0.75;
/** Where the machine does not say. */
const ASSUMED_MEMORY = 4 * 2 ** 30;

/**
 * The packing that keeps most of the weights' precision and still fits well: 'keep' if it takes at most a quarter of the
 * machine's memory, else 'float16', else 'int4'; where none does, the smallest that can be had at all.
 */
export function recommendPacking(needs: readonly PackingNeed[], room: PackingRoom): Recommendation {
  const obstacles = { keep: null, float16: null, int4: null } as Record<Packing, string | null>;
  for (const need of needs) obstacles[need.packing] = obstacleOf(need, room);
  const possible = PACKINGS.flatMap((packing) => {
    const need = needs.find((candidate) => candidate.packing === packing);
    return need && obstacles[packing] === null ? [need] : [];
  });
  const comfortable = (room.memory ?? ASSUMED_MEMORY) * COMFORTABLE_SHARE;
  const fits = possible.find(({ memoryBytes }) => memoryBytes <= comfortable);
  if (fits?.packing === 'keep') {
    return { obstacles, recommended: 'keep', reason: 'It fits as it is, so nothing is rounded.' };
  }
  if (fits) {
    const reason = `As it is stored it would take more than a quarter of this machine’s memory; ${NAMES[fits.packing]} fits.`;
    return { obstacles, recommended: fits.packing, reason };
  }
  const smallest = possible.at(-1);
  return smallest
    ? {
        obstacles,
        recommended: smallest.packing,
        reason: `It takes more than a quarter of this machine’s memory however it is packed; ${NAMES[smallest.packing]} takes least.`,
      }
    : {
        obstacles,
        recommended: 'int4',
        reason: `It does not fit on this machine, not even in ${NAMES.int4}. ${obstacles.int4 ?? ''}`,
      };
}

const NAMES: Readonly<Record<Packing, string>> = {
  keep: 'as it is',
  float16: 'half precision',
  int4: '4-bit blocks',
};

function obstacleOf(need: PackingNeed, room: PackingRoom): string | null {
  const { packing, memoryBytes, largestBytes } = need;
  const { executionProvider, maxBufferSize, shaderF16, memory } = room;
  if (executionProvider === 'wasm' && memoryBytes > HEAP_BYTES) {
    return `It needs ${gibibytes(memoryBytes)} at least, and a WASM heap has 4 GiB.`;
  }
  if (executionProvider === 'webgpu') {
    // Halves would be held as float32, rounded for nothing; so are the embedding’s rows beside 4-bit blocks.
    if (packing === 'float16' && shaderF16 !== true) {
      return shaderF16 === false
        ? 'This GPU’s shaders have no half precision (shader-f16).'
        : 'It is not known whether this GPU’s shaders have half precision (shader-f16).';
    }
    if (maxBufferSize !== null && largestBytes > maxBufferSize) {
      return `Its largest tensor needs ${gibibytes(largestBytes)}, and this GPU’s buffers hold ${gibibytes(maxBufferSize)}.`;
    }
  }
  if (memory !== null && memoryBytes > memory * LARGEST_SHARE) {
    return `It needs ${gibibytes(memoryBytes)}, and this machine has about ${gibibytes(memory)}.`;
  }
  return null;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
