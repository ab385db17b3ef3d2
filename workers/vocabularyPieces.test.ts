import { describe, expect, it } from 'vitest';
import { HEALTHY_LANE, type LaneSpec } from '../src/core/lanes';
import { parseConfig } from '../src/onnx/config';
import { buildDecoder, PLAYGROUND_GRAPH } from '../src/onnx/decoder';
import { parseCheckpoint, WEIGHTS_FILE } from '../src/onnx/safetensors';
import { type PackingForms, WeightLayout } from '../src/onnx/weightLayout';
import { virtualFile } from './lazyBytes';
import { memoryFile } from './modelSource';
import { nodeRuntime } from './nodeRuntime';
import { DecoderSession } from './session';
import { randomModel, TINY_LLAMA, TINY_OPENSCI } from './testing/randomModel';
import { forwardIds } from './testing/referenceDecoding';
import { storedAs } from './testing/safetensorsFile';

const LANES: LaneSpec[] = [HEALTHY_LANE, { fault: { kind: 'zero' }, guard: 'none' }];
/** Of the first piece, of its end, of the second one's beginning, and of the last. */
const IDS = [3, 127, 128, 299];
/** A head or embedding [300, 32] is 38,400 bytes: three pieces, the last one of 44 rows. */
const SMALL = 10_000;

type Shape = typeof TINY_LLAMA;

/** A prompt's logits in two lanes, and the segments that they were computed from. */
async function run(shape: Shape, dtype: 'F32' | 'F16' | 'BF16', forms: PackingForms) {
  const files = randomModel(shape);
  const bytes = storedAs(dtype, files[WEIGHTS_FILE] ?? new Uint8Array());
  const config = parseConfig(new TextDecoder().decode(files['config.json']));
  const layout = new WeightLayout(forms);
  const graph = buildDecoder(config, parseCheckpoint(bytes), {
    ...PLAYGROUND_GRAPH,
    weights: { kind: 'packed', layout },
  });
  const opened = new Map([[WEIGHTS_FILE, memoryFile(WEIGHTS_FILE, bytes)]]);
  const session = await DecoderSession.create(
    await nodeRuntime.load('wasm'),
    {
      graphs: [graph],
      weights: layout.files.map(({ location, length }) => ({
        location,
        bytes: virtualFile(location, length, layout.segments, opened),
      })),
      widenOnce: forms.linear === 'float32',
    },
    config,
    'wasm',
  );
  const { logits } = await forwardIds({ config, session }, IDS, LANES);
  await session.release();
  return { logits, segments: layout.segments };
}

const TIED = { ...TINY_OPENSCI, tie_word_embeddings: true };
const UNTIED = { ...TINY_LLAMA, tie_word_embeddings: false };

describe.each([
  ['tied', TIED],
  ['of its own', UNTIED],
] as const)('a vocabulary that is cut between its rows, the head %s', (_, shape) => {
  it.each([
    ['float32', 'stored', 'BF16'],
    ['float32', 'stored', 'F16'],
    ['float32', 'stored', 'F32'],
    ['float16', 'float16', 'BF16'],
    ['int4', 'float16', 'BF16'],
  ] as const)(
    'gives the logits of the whole: %s, rows %s, from %s',
    async (linear, rows, dtype) => {
      const wholeRows = rows === 'stored' ? 'float32' : rows;
      const forms = { linear, inStages: false };
      const whole = await run(shape, dtype, {
        ...forms,
        rows: wholeRows,
        productBytes: Infinity,
        lookupBytes: Infinity,
      });
      const cut = await run(shape, dtype, {
        ...forms,
        rows,
        productBytes: SMALL,
        lookupBytes: SMALL,
      });
      expect(cut.logits).toEqual(whole.logits);
      const names = cut.segments.map(({ tensor }) => tensor.name);
      const ofVocabulary = names.filter((name) => name.includes(':'));
      // Tied float16 has one copy for lookup and head; others have their rows and their head.
      const shared = linear === 'float16' && shape === TIED;
      expect(new Set(ofVocabulary).size).toBe(shared ? 3 : 6);
      const bytes = ({ segments }: typeof cut) => segments.reduce((sum, s) => sum + s.length, 0);
      if (linear === 'float16') expect(bytes(cut)).toBe(bytes(whole));
    },
  );
});
