import type { DecoderConfig } from '../../core/decoderConfig';
import type { RopeConfig } from '../../core/rope';
import type { DeviceLimits, ModelFormat, ModelSurvey, Packing } from '../../protocol/models';
import { missingBytes } from '../../state/surveyActions';
import { byteCount } from '../../ui/numbers';

export const PACKING_NAMES: Readonly<Record<Packing, string>> = {
  keep: 'As stored, in float32',
  float16: 'Half precision (float16)',
  int4: 'Blocks of 4-bit integers (int4)',
};

/** What the button says that loads it: what is downloaded, if anything is. */
export function loadLabel(survey: ModelSurvey): string {
  const missing = survey.origin.kind === 'hub' ? missingBytes(survey) : 0;
  return missing === 0 ? 'Load' : `Download ${byteCount(missing)} and load`;
}

/** What there is to fetch, and what is here. */
export function bytesText({ totalBytes, storedBytes, origin }: ModelSurvey): string {
  if (origin.kind !== 'hub') return `${byteCount(totalBytes)}, read where they are`;
  if (storedBytes >= totalBytes) return `${byteCount(totalBytes)}, all stored on this machine`;
  if (storedBytes === 0) return `${byteCount(totalBytes)}, none of it here yet`;
  return `${byteCount(totalBytes)}, of which ${byteCount(storedBytes)} are here already`;
}

/** Does the checkpoint hold its frequencies, and what follows from that. */
export function frequenciesText({ storedFrequencies, format }: ModelSurvey): string {
  if (format === 'onnx' && storedFrequencies.length === 0) {
    return 'An export: what turns is looked for in its graph once that is here, and becomes an input.';
  }
  if (format === 'onnx') {
    return `An export: what turns was found in its graph (${storedFrequencies.join(', ')}), and becomes an input.`;
  }
  const [first] = storedFrequencies;
  if (first === undefined) {
    return 'No tensor is called inv_freq: it is computed, never loaded. If a loader loses it, nothing in these files brings it back.';
  }
  const which =
    storedFrequencies.length === 1 ? first : `${first} and ${storedFrequencies.length - 1} more`;
  return `It stores its frequencies (${which}): loading puts back what a loader has lost. The lanes show what would happen without.`;
}

/** [what, how much] of an architecture, for people. An export says less of itself than a config.json does. */
export function architectureRows(
  config: DecoderConfig,
  format: ModelFormat,
): readonly (readonly [string, string])[] {
  const { numAttentionHeads: heads, numKeyValueHeads: kvHeads, headDim, localRope } = config;
  const built = format === 'safetensors';
  const rope = (config: RopeConfig) =>
    built ? ropeText(config) : 'frequencies read from the graph';
  const grouped = kvHeads === heads ? '' : `, ${kvHeads} for keys and values`;
  const rows = [
    ['Family', built ? config.modelType : 'ONNX export'],
    ['Layers', `${config.numHiddenLayers}${built ? `, ${grouping(config.hiddenSize)} wide` : ''}`],
    ['Heads', `${heads} of ${headDim} components${grouped}`],
    ['RoPE', rope(config)],
    ...(localRope === null ? [] : [['RoPE of sliding layers', rope(localRope)] as const]),
    ['Context', `${grouping(config.maxPositionEmbeddings)} tokens`],
    ['Vocabulary', `${grouping(config.vocabSize)} tokens`],
  ] as const;
  // Of an export that is not here yet, config.json may not say everything.
  return rows.filter(([, value]) => !value.startsWith('0'));
}

function ropeText({ headDim, ropeTheta, rotaryDim = headDim, ropeScaling }: RopeConfig): string {
  const parts = [
    ropeScaling?.type ?? 'default',
    `θ = ${grouping(ropeTheta)}`,
    ...(rotaryDim === headDim ? [] : [`${rotaryDim} of ${headDim} components turn`]),
    ...(ropeScaling !== undefined && 'factor' in ropeScaling
      ? [`factor ${ropeScaling.factor}`]
      : []),
  ];
  return parts.join(', ');
}

/** What this machine offers, as far as the browser says. */
export function limitsText({
  memory,
  maxBufferSize,
  shaderF16,
  storageFree,
}: DeviceLimits): string {
  const parts = [
    memory !== null && `about ${byteCount(memory)} of memory`,
    maxBufferSize === null ? 'no WebGPU' : `GPU buffers of up to ${byteCount(maxBufferSize)}`,
    shaderF16 !== null &&
      (shaderF16 ? 'half precision on the GPU' : 'no half precision on the GPU'),
    storageFree !== null && `room to store ${byteCount(storageFree)}`,
  ].filter((part) => part !== false);
  return `This device, as far as the browser says: ${parts.join(', ')}.`;
}

/** 3 tensors, 2 of BF16 and 1 of F32. */
export function tensorsText({ tensors }: ModelSurvey): string {
  const counts = new Map<string, number>();
  for (const { dtype } of tensors) counts.set(dtype, (counts.get(dtype) ?? 0) + 1);
  const kinds = [...counts].map(([dtype, count]) =>
    counts.size === 1 ? `all ${dtype}` : `${count} ${dtype}`,
  );
  return `${grouping(tensors.length)} tensors: ${kinds.join(', ')}`;
}

/** 1000000 → 1,000,000. */
export function grouping(value: number): string {
  return value.toLocaleString('en-US');
}
