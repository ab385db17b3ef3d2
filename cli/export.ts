import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../src/core/errors';
import { hasBfloat16, widenBfloat16 } from '../src/onnx/bfloat16';
import { parseConfig } from '../src/onnx/config';
import { buildDecoder, PLAYGROUND_GRAPH } from '../src/onnx/decoder';
import { parseCheckpoint, WEIGHTS_FILE } from '../src/onnx/safetensors';
import type { ExportArguments } from './arguments';
import { directorySource } from './directorySource';

const WIDENED_FILE = 'model.float32.safetensors';

/** Writes a checkpoint's decoder as ONNX: with its weights in the same file, or pointing into a safetensors file beside it. */
export async function exportModel(options: ExportArguments): Promise<void> {
  const directory = resolve(options.model);
  await directorySource(directory);
  const config = parseConfig(await readText(join(directory, 'config.json')));
  const stored = new Uint8Array(await readBytes(join(directory, WEIGHTS_FILE)));
  const widen = hasBfloat16(parseCheckpoint(stored));
  const bytes = widen ? widenBfloat16(parseCheckpoint(stored), stored) : stored;
  const location = widen ? WIDENED_FILE : WEIGHTS_FILE;

  const out = resolve(options.out ?? join(directory, 'model.onnx'));
  await mkdir(dirname(out), { recursive: true });
  const model = buildDecoder(config, parseCheckpoint(bytes), {
    weights: options.selfContained ? { kind: 'embedded', bytes } : { kind: 'external', location },
    taps: options.taps,
    ...(options.playground ? PLAYGROUND_GRAPH : {}),
    logits: options.logits,
  });
  await writeFile(out, model);
  process.stdout.write(`${out}: ${model.byteLength} bytes\n`);
  if (options.selfContained) return;
  const beside = join(dirname(out), location);
  if (widen) await writeFile(beside, bytes);
  else if (dirname(out) !== directory) await copyFile(join(directory, WEIGHTS_FILE), beside);
  process.stdout.write(`${beside}: the weights that it points into\n`);
}

async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path));
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = path.endsWith('config.json') ? 'config-missing' : 'weights-missing';
    throw new Failure(code, `${path} cannot be read.`, { cause });
  }
}
