import type { EveryIntermediateNumbers } from './lessons/everyIntermediate';

/**
 * Everything of one position as plain text, one tensor a line: its name, its index, and its float32 values in full. For
 * reading, and for comparing with another run by any tool that compares lines.
 */
export function traceText(
  { model, prompt, lanes }: EveryIntermediateNumbers,
  position: number,
): string {
  const { numAttentionHeads, numKeyValueHeads, headDim } = model.config;
  const lines = [
    `model ${model.id}, sha256 ${model.sha256}, on ${model.executionProvider}`,
    `prompt ids ${lanes[0]?.positions.map(({ tokenId }) => tokenId).join(' ') ?? ''}`,
    `position ${position} of ${prompt.length}, counted from 0`,
  ];
  for (const { name, invFreq, positions } of lanes) {
    const trace = positions[position];
    if (trace === undefined) continue;
    lines.push('', `lane ${name}`, line('inv_freq', invFreq));
    lines.push(line('cos', trace.cos), line('sin', trace.sin));
    for (const [tensor, vectors, heads] of [
      ['q', trace.query, numAttentionHeads],
      ['k', trace.key, numKeyValueHeads],
    ] as const) {
      for (const stage of ['before', 'after'] as const) {
        lines.push(...byLayerAndHead(`${tensor}_${stage}`, vectors[stage], heads, headDim));
      }
    }
    if (trace.logits !== null) lines.push(line('logits', trace.logits));
  }
  return `${lines.join('\n')}\n`;
}

function byLayerAndHead(
  name: string,
  values: Float32Array,
  heads: number,
  headDim: number,
): string[] {
  return Array.from({ length: values.length / headDim }, (_, i) =>
    line(
      `${name} layer ${Math.floor(i / heads)} head ${i % heads}`,
      values.subarray(i * headDim, (i + 1) * headDim),
    ),
  );
}

/** Nine digits tell every float32 from every other. */
function line(name: string, values: Float32Array): string {
  return `${name}: ${Array.from(values, (value) => String(Number(value.toPrecision(9)))).join(' ')}`;
}
