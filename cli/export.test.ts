import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HEALTHY_LANE, type LaneSpec, stackLanes } from '../src/core/lanes';
import { parseConfig } from '../src/onnx/config';
import { nodeRuntime } from '../workers/nodeRuntime';
import { DecoderSession } from '../workers/session';
import { directoryOf, labHere, oneLineOf } from '../workers/testing/commandLine';
import { readDirectory } from '../workers/testing/modelSources';
import {
  type ModelDirectory,
  randomModel,
  TINY_LLAMA,
  TINY_OPENSCI,
} from '../workers/testing/randomModel';
import { forwardIds, maxDifference, openModel } from '../workers/testing/referenceDecoding';
import { storedAs } from '../workers/testing/safetensorsFile';
import { sharedMissing, sharedModel, stories260k } from '../workers/testing/sharedModels';

const GOOD = randomModel(TINY_LLAMA);
const WEIGHTS = GOOD['model.safetensors'] ?? new Uint8Array();
const IDS = [5, 80, 12, 200];
const LANES: readonly LaneSpec[] = [HEALTHY_LANE, { fault: { kind: 'zero' }, guard: 'none' }];

async function exportTo(directory: string, ...more: readonly string[]): Promise<void> {
  const { status, stderr } = await labHere('export', '--model', directory, ...more);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

/** Logits of an exported file, run with the file beside it that it points into, if any. */
async function logitsOf(
  graphPath: string,
  files: ModelDirectory,
  weights: { readonly location: string; readonly bytes: Uint8Array },
  ids: readonly number[],
): Promise<Float32Array> {
  const config = parseConfig(new TextDecoder().decode(files['config.json']));
  const graph = new Uint8Array(await readFile(graphPath));
  const build = await nodeRuntime.load('wasm');
  const parts = { graphs: [graph], weights: [weights], widenOnce: true };
  const session = await DecoderSession.create(build, parts, config, 'wasm');
  const { logits } = await forwardIds({ config, session }, ids, LANES);
  await session.release();
  return logits;
}

async function expectedLogits(files: ModelDirectory, ids: readonly number[]) {
  const model = await openModel(files);
  const { logits } = await forwardIds(model, ids, LANES);
  await model.session.release();
  return logits;
}

const NOTHING = { location: 'no-such-file', bytes: new Uint8Array() };

describe('lab export', () => {
  it('refuses what run refuses, in one line', async () => {
    const nowhere = await labHere('export', '--model', join(await directoryOf({}), 'nowhere'));
    expect(oneLineOf(nowhere, 1)).toMatch(/There is no directory/);
    const cut = await directoryOf({ ...GOOD, 'model.safetensors': WEIGHTS.subarray(0, 30_000) });
    expect(oneLineOf(await labHere('export', '--model', cut), 1)).toMatch(/ends after 30000/);
    expect(existsSync(join(cut, 'model.onnx'))).toBe(false);
  });

  it('writes model.onnx beside the weights, and nothing else', async () => {
    const directory = await directoryOf(GOOD);
    await exportTo(directory);
    const names = await readdir(directory);
    expect(names.sort()).toEqual([
      'config.json',
      'model.onnx',
      'model.safetensors',
      'tokenizer.json',
    ]);
    const weights = { location: 'model.safetensors', bytes: WEIGHTS };
    const logits = await logitsOf(join(directory, 'model.onnx'), GOOD, weights, IDS);
    expect(logits).toEqual(await expectedLogits(GOOD, IDS));
  });

  it('writes elsewhere with a copy of the weights, so that the file runs there', async () => {
    const directory = await directoryOf(GOOD);
    const out = join(await directoryOf({}), 'deeper', 'decoder.onnx');
    await exportTo(directory, '--out', out);
    const bytes = new Uint8Array(await readFile(join(out, '..', 'model.safetensors')));
    expect(Buffer.compare(bytes, WEIGHTS)).toBe(0);
    expect(existsSync(join(directory, 'model.onnx'))).toBe(false);
    const logits = await logitsOf(out, GOOD, { location: 'model.safetensors', bytes }, IDS);
    expect(logits).toEqual(await expectedLogits(GOOD, IDS));
  });

  it.each(['F32', 'F16', 'BF16'] as const)(
    'writes one file that needs no other: %s',
    async (dtype) => {
      const random = randomModel(TINY_OPENSCI);
      const stored = storedAs(dtype, random['model.safetensors'] ?? new Uint8Array());
      const files = { ...random, 'model.safetensors': stored };
      const directory = await directoryOf(files);
      await exportTo(directory, '--self-contained');
      const logits = await logitsOf(join(directory, 'model.onnx'), files, NOTHING, IDS);
      expect(logits).toEqual(await expectedLogits(files, IDS));
    },
  );

  it('puts widened bfloat16 weights beside the graph, under their own name', async () => {
    const files = { ...GOOD, 'model.safetensors': storedAs('BF16', WEIGHTS) };
    const directory = await directoryOf(files);
    await exportTo(directory);
    const location = 'model.float32.safetensors';
    const bytes = new Uint8Array(await readFile(join(directory, location)));
    const logits = await logitsOf(join(directory, 'model.onnx'), files, { location, bytes }, IDS);
    expect(logits).toEqual(await expectedLogits(files, IDS));
  });

  it('writes the tapped graph with logits of every position', async () => {
    const directory = await directoryOf(GOOD);
    await exportTo(directory, '--taps', '--logits', 'all');
    const weights = { location: 'model.safetensors', bytes: WEIGHTS };
    const logits = await logitsOf(join(directory, 'model.onnx'), GOOD, weights, IDS);
    const reference = await openModel(GOOD, { logits: 'all', taps: true });
    expect(logits).toEqual((await forwardIds(reference, IDS, LANES)).logits);
    await reference.session.release();
  });
});

const python = process.env.PYTHON ?? 'python3';
const PROBE = 'import onnxruntime, numpy';
const noPython = spawnSync(python, ['-c', PROBE]).status !== 0;
if (noPython) {
  console.warn(`Skipped tests: ${python} has no onnxruntime (set PYTHON to one that has)`);
}

/** Reads feeds as JSON, runs the file, and writes the logits as JSON. */
const RUN_IN_PYTHON = `
import json, sys, numpy, onnxruntime
feeds = {name: numpy.array(values, dtype).reshape(shape) for name, (dtype, shape, values) in json.load(sys.stdin).items()}
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
json.dump(session.run(["logits"], feeds)[0].ravel().tolist(), sys.stdout)
`;

describe.skipIf(noPython || sharedMissing)('in Python’s onnxruntime', () => {
  it.each([[[]], [['--self-contained']]])(
    'an exported stories260k gives PyTorch’s logits: %j',
    async (more) => {
      const files = readDirectory(sharedModel('stories260k'), ['config.json', 'model.safetensors']);
      const directory = await directoryOf(files);
      await exportTo(directory, ...more);
      if (more.length > 0) await writeFile(join(directory, 'model.safetensors'), '');
      const golden = stories260k().cases.once;
      const ids = golden.prompt_ids;
      const config = parseConfig(new TextDecoder().decode(files['config.json']));
      const { tables } = stackLanes(LANES, config, ids.length);
      const shape = [2, ids.length];
      const rotation = [tables.positions, tables.pairs];
      const feeds: Record<string, readonly [string, readonly number[], readonly number[]]> = {
        input_ids: ['int64', shape, [...ids, ...ids]],
        position_ids: ['int64', shape, Array.from({ length: 2 * ids.length }, (_, row) => row)],
        cos_cache: ['float32', rotation, [...tables.cos]],
        sin_cache: ['float32', rotation, [...tables.sin]],
      };
      for (let layer = 0; layer < config.numHiddenLayers; layer++) {
        const empty = [2, config.numKeyValueHeads, 0, config.headDim];
        feeds[`past_key_values.${layer}.key`] = ['float32', empty, []];
        feeds[`past_key_values.${layer}.value`] = ['float32', empty, []];
      }
      const ran = spawnSync(python, ['-c', RUN_IN_PYTHON, join(directory, 'model.onnx')], {
        input: JSON.stringify(feeds),
        encoding: 'utf8',
      });
      expect(ran.stderr).toBe('');
      const logits = JSON.parse(ran.stdout) as number[];
      [golden.top10_healthy_first8[0], golden.top10_faulty_first8[0]].forEach((top = [], lane) => {
        const ours = top.map(([id]) => logits[lane * config.vocabSize + id] ?? Number.NaN);
        expect(
          maxDifference(
            ours,
            top.map(([, logit]) => logit),
          ),
        ).toBeLessThanOrEqual(1e-4);
      });
    },
  );
});
