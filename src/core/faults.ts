import { roundToBfloat16 } from './bfloat16';
import { heapGarbage, PERTURBED_165, tinyGarbage } from './freshMemory';
import { EXACT, type Pairing, type RopeConfig, type TableArithmetic } from './rope';
import { unscaled } from './ropeConfig';

export type FaultKind =
  | 'none'
  | 'zero'
  | 'scaled'
  | 'band'
  | 'uninitialised'
  | 'tiny'
  | 'huge'
  | 'nan'
  | 'wrong-theta'
  | 'wrong-scaling'
  | 'bf16'
  | 'bf16-angles'
  | 'bf16-tables'
  | 'position-offset'
  | 'position-stuck'
  | 'interleaved';

/** Values of a fault's parameters by name; what is left out has the parameter's usual value. */
export type FaultParameters = Readonly<Record<string, number>>;

/** What happened to the rotation. Data, so that it fits in a link. */
export interface Fault {
  readonly kind: FaultKind;
  readonly parameters?: FaultParameters;
}

export interface FaultParameter {
  readonly name: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  readonly usual: number;
}

interface FaultDefinition {
  /** Short, for a control's label. */
  readonly label: string;
  /** One paragraph: what happens, and what follows from it. */
  readonly explanation: string;
  /** Where this was seen, as a sentence or a thread `owner/repository#number`. */
  readonly source: string;
  readonly parameters: readonly FaultParameter[];
  /** What loading leaves in inv_freq. A new array; the healthy one is never written to. */
  readonly apply: (healthy: Float32Array, parameters?: FaultParameters) => Float32Array;
  /** What the loader takes the rotation for, where it reads the config wrongly and computes faithfully. */
  readonly readAs?: (config: RopeConfig, parameters: FaultParameters) => RopeConfig;
  /** What goes wrong after inv_freq, where no guard looks. */
  readonly arithmetic?: (parameters: FaultParameters) => Partial<TableArithmetic>;
  readonly pairing?: Pairing;
}

const intact = (healthy: Float32Array) => healthy.slice();

const integer = (
  name: string,
  label: string,
  [min, max]: readonly [number, number],
  usual: number,
): FaultParameter => ({ name, label, min, max, integer: true, usual });

const real = (
  name: string,
  label: string,
  [min, max]: readonly [number, number],
  usual: number,
): FaultParameter => ({ name, label, min, max, integer: false, usual });

const seed = integer('seed', 'Seed of the memory', [0, 0xffffffff], 1);

const ALPHA = real('alpha', 'Dose α: 1 healthy, 0 collapsed', [0, 1], 0.5);
const FASTEST = integer('fastest', 'Fastest pairs lost', [0, 512], 8);
const SLOWEST = integer('slowest', 'Slowest pairs lost', [0, 512], 0);
/** 0 stands for the other of the two usual bases. */
const THETA = real('theta', 'θ used (0: the other usual one)', [0, 1e9], 0);
const FACTOR = real('factor', 'Factor that was dropped', [1, 64], 8);
const OFFSET = integer('offset', 'Positions added', [1, 4096], 16);
const AT = integer('at', 'Last position that counts', [0, 4096], 4);

export const FAULTS: Readonly<Record<FaultKind, FaultDefinition>> = {
  none: {
    label: 'Healthy',
    explanation:
      'The frequencies that the model was trained with: every pair of components turns by its own angle per token, so attention can tell positions apart.',
    source: 'RoFormer (Su et al. 2021), section 3.2.2',
    parameters: [],
    apply: intact,
  },
  zero: {
    label: 'inv_freq lost: all zeros',
    explanation:
      'The buffer is not part of the checkpoint. A loader that builds the module on the meta device drops the values of __init__, finds nothing in the file to put in their place, and leaves zeros. Every angle is then 0: cos = 1, sin = 0 at every position, and the rotation is the identity. No tensor of the checkpoint differs, and nothing raises.',
    source: 'open-sci-ref under transformers 5.2.0: inv_freq[:4] read 0, 0, 0, 0 inside forward',
    parameters: [],
    apply: (healthy) => new Float32Array(healthy.length),
  },
  scaled: {
    label: 'A dose: inv_freq · α',
    explanation:
      'Not a bug of its own but a ruler: every frequency multiplied by α, from 1 (healthy) to 0 (collapsed). It shows how much rotation a model needs before its text turns, and that a loss need not be total to be wrong.',
    source: 'position interpolation (Chen et al. 2023) is the same factor, used on purpose',
    parameters: [ALPHA],
    apply: (healthy, parameters) => {
      const alpha = valueOf(ALPHA, parameters);
      return healthy.map((frequency) => frequency * alpha);
    },
  },
  band: {
    label: 'Part of the frequencies lost',
    explanation:
      'Only the fastest or the slowest pairs are zeroed. Fast pairs tell neighbours apart and carry copying and counting; slow pairs turn so little within a short text that losing them hardly shows.',
    source: 'an experiment of this page; compare partial rotary embeddings (GPT-NeoX)',
    parameters: [FASTEST, SLOWEST],
    apply: (healthy, parameters) => {
      const slow = healthy.length - valueOf(SLOWEST, parameters);
      const fast = valueOf(FASTEST, parameters);
      return healthy.map((frequency, pair) => (pair < fast || pair >= slow ? 0 : frequency));
    },
  },
  uninitialised: {
    label: 'inv_freq lost: whatever memory held',
    explanation:
      'What transformers 5.17 and 5.18 really leave: torch.empty_like allocates the buffer and writes nothing, so it holds leftovers of earlier use: some leading zeros, then denormals and halves of pointers. The text is as wrong as with zeros and differs from load to load. A guard that looks for all zeros sees non-zero values and stays quiet.',
    source: 'about 75 loads with transformers 5.17 and 5.18: 0 exact zeros, 0 correct values',
    parameters: [seed],
    apply: (healthy, parameters) => heapGarbage(healthy.length, valueOf(seed, parameters)),
  },
  tiny: {
    label: 'inv_freq lost: all below 1e-6',
    explanation:
      'Leftovers that happen to be denormals and other tiny numbers. Every angle stays near 0, so the rotation is the identity in effect, with the same tokens as exact zeros; yet any() is true, and a guard that asks for it does not fire.',
    source: '4 of about 75 loads with transformers 5.17 and 5.18',
    parameters: [seed],
    apply: (healthy, parameters) => tinyGarbage(healthy.length, valueOf(seed, parameters)),
  },
  huge: {
    label: 'inv_freq lost: all 1.5e16',
    explanation:
      'Fresh memory under MALLOC_PERTURB_=165 is filled with bytes of 0x5a, and four of them are the float32 1.5e16. The angles are finite but mean nothing, so every position turns by an arbitrary amount.',
    source: 'MALLOC_PERTURB_=165 with transformers 5.17 and 5.18',
    parameters: [],
    apply: (healthy) => new Float32Array(healthy.length).fill(PERTURBED_165),
  },
  nan: {
    label: 'inv_freq lost: all NaN',
    explanation:
      'torch.use_deterministic_algorithms(True) fills fresh memory with NaN, so that such a loss cannot stay silent. It can, all the same: PyTorch’s fused attention on a CPU hid the NaN and gave finite, wrong logits, where eager attention showed it. Here a lane ends before it chooses a token from queries, keys or logits that are not numbers.',
    source: 'torch.use_deterministic_algorithms(True) with transformers 5.17 and 5.18',
    parameters: [],
    apply: (healthy) => new Float32Array(healthy.length).fill(Number.NaN),
  },
  'wrong-theta': {
    label: 'Wrong base θ',
    explanation:
      'The frequencies of another base: 10,000 where the model was trained with 1,000,000, or the reverse. A loader that does not find rope_theta where it looks takes a default. The fastest pair is the same in both, so short texts may look right.',
    source: 'vllm-project/vllm#56066, karpathy/llama2.c#356',
    parameters: [THETA],
    apply: intact,
    readAs: (config, parameters) => {
      const chosen = valueOf(THETA, parameters);
      return { ...config, ropeTheta: chosen > 0 ? chosen : config.ropeTheta > 1e5 ? 1e4 : 1e6 };
    },
  },
  'wrong-scaling': {
    label: 'RoPE scaling dropped',
    explanation:
      'A checkpoint that was trained with scaled positions is run without the scaling, so pairs turn too fast. Position 0 is right and the error grows with the text. Where the model has a scaling, that one is dropped; where it has none, every frequency is multiplied by the factor, as if it had one.',
    source: 'Blaizzy/mlx-vlm#1710, unslothai/unsloth#6197',
    parameters: [FACTOR],
    apply: intact,
    readAs: (config, parameters) => {
      if (config.ropeScaling !== undefined) return unscaled(config);
      return {
        ...config,
        ropeScaling: { type: 'linear', factor: 1 / valueOf(FACTOR, parameters) },
      };
    },
  },
  bf16: {
    label: 'inv_freq rounded to bfloat16',
    explanation:
      'Casting the whole model to bfloat16 casts the buffer too. Each frequency is off by up to 0.4 %, and the error of an angle grows with the position: small in a short text, a turn of its own in a long one.',
    source: 'NVIDIA/Megatron-LM#744, huggingface/transformers#29496',
    parameters: [],
    apply: (healthy) => healthy.map(roundToBfloat16),
  },
  'bf16-angles': {
    label: 'Angles rounded to bfloat16',
    explanation:
      'inv_freq is right, but autocast multiplies it with the positions in bfloat16. An angle of 200 radians is then off by up to half a radian, and neighbouring positions fall together.',
    source: 'huggingface/transformers#29285, EleutherAI/gpt-neox#1003',
    parameters: [],
    apply: intact,
    arithmetic: () => ({ roundAngle: roundToBfloat16 }),
  },
  'bf16-tables': {
    label: 'cos and sin rounded to bfloat16',
    explanation:
      'The angles are exact and only the tables are rounded, as models that run in bfloat16 do. This was the first guess of the published investigation; run it to see that it is far too small to explain the case.',
    source: 'KellerJordan/modded-nanogpt#39; step 7 of the published case',
    parameters: [],
    apply: intact,
    arithmetic: () => ({ roundEntry: roundToBfloat16 }),
  },
  'position-offset': {
    label: 'Positions counted from elsewhere',
    explanation:
      'Left padding, or a cache position taken for a position, shifts every token by the same amount. RoPE depends on differences of positions only, so in exact arithmetic nothing changes: a fault that heals itself, unless lanes of a batch are shifted differently within one text.',
    source: 'unslothai/unsloth#3795, tloen/alpaca-lora#315',
    parameters: [OFFSET],
    apply: intact,
    arithmetic: (parameters) => {
      const offset = valueOf(OFFSET, parameters);
      return { position: (p) => p + offset };
    },
  },
  'position-stuck': {
    label: 'Positions stop counting',
    explanation:
      'Tokens after some position all get its rotation, as when decoding steps forget to advance position_ids behind a KV cache. The prompt is read correctly, and the text goes wrong as it grows.',
    source: 'the pattern behind unslothai/unsloth#3803',
    parameters: [AT],
    apply: intact,
    arithmetic: (parameters) => {
      const at = valueOf(AT, parameters);
      return { position: (p) => Math.min(p, at) };
    },
  },
  interleaved: {
    label: 'Interleaved pairs',
    explanation:
      'Neighbouring components (2i, 2i + 1) are turned together where the weights expect halves (i, i + d/2), or the reverse. Every angle is right and every pair is wrong: a common fault of exports and of kernels ported from another codebase.',
    source: 'huggingface/transformers#47403, tenstorrent/tt-metal#26844',
    parameters: [],
    apply: intact,
    pairing: 'interleaved',
  },
};

export const HEALTHY: Fault = { kind: 'none' };

/** The rotation that a lane's loader computes: the model's, unless its fault is to read another. */
export function readAs({ kind, parameters = {} }: Fault, config: RopeConfig): RopeConfig {
  return FAULTS[kind].readAs?.(config, parameters) ?? config;
}

/** What a fault does after loading: to the tables, and to the pairs. */
export function faultArithmetic({ kind, parameters = {} }: Fault): TableArithmetic {
  return { ...EXACT, ...FAULTS[kind].arithmetic?.(parameters) };
}

export function faultPairing({ kind }: Fault): Pairing {
  return FAULTS[kind].pairing ?? 'halves';
}

/** Value of a parameter: as given, or the usual one. */
export function valueOf({ name, usual }: FaultParameter, parameters: FaultParameters = {}): number {
  return parameters[name] ?? usual;
}
