import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directoryOf, labHere, labJson, oneLineOf } from '../workers/testing/commandLine';
import { type ModelDirectory, randomModel, TINY_LLAMA } from '../workers/testing/randomModel';
import {
  rawSafetensors,
  safetensorsFile,
  type StoredTensor,
  storedTensors,
} from '../workers/testing/safetensorsFile';

const encode = (text: string) => new TextEncoder().encode(text);
const GOOD = randomModel(TINY_LLAMA);
const WEIGHTS = GOOD['model.safetensors'] ?? new Uint8Array();

describe('lab run with a broken directory', () => {
  type Break = (files: ModelDirectory) => ModelDirectory;
  const without =
    (name: string): Break =>
    (files) =>
      Object.fromEntries(Object.entries(files).filter(([key]) => key !== name));
  const text =
    (name: string, content: string): Break =>
    (files) => ({ ...files, [name]: encode(content) });
  const config = (changes: object): Break =>
    text('config.json', JSON.stringify({ ...TINY_LLAMA, ...changes }));
  const weights =
    (bytes: Uint8Array): Break =>
    (files) => ({ ...files, 'model.safetensors': bytes });
  /** The header as JSON, changed, before the same data. */
  const header = (change: (json: Record<string, HeaderEntry>) => void): Break => {
    const length = Number(new DataView(WEIGHTS.buffer).getBigUint64(0, true));
    const json = new TextDecoder().decode(WEIGHTS.subarray(8, 8 + length));
    const entries = JSON.parse(json) as Record<string, HeaderEntry>;
    change(entries);
    return weights(rawSafetensors(JSON.stringify(entries), [WEIGHTS.subarray(8 + length)]));
  };
  const tensors = (change: (tensors: Map<string, StoredTensor>) => void): Break => {
    const stored = storedTensors(WEIGHTS);
    change(stored);
    return weights(safetensorsFile(stored));
  };
  interface HeaderEntry {
    dtype: string;
    shape: number[];
    data_offsets: [number, number];
  }
  const entry = (json: Record<string, HeaderEntry>, name: string): HeaderEntry => {
    const found = json[name];
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  const NORM = 'model.norm.weight';
  const declared = (length: bigint): Uint8Array => {
    const bytes = WEIGHTS.slice();
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    return bytes;
  };

  const broken: [name: string, damage: Break, reason: RegExp][] = [
    ['no config.json', without('config.json'), /There is no config\.json/],
    ['a config.json that is not JSON', text('config.json', '{'), /config\.json is not JSON/],
    ['an unknown model_type', config({ model_type: 'gpt2' }), /model_type is "gpt2"/],
    ['an absurd size', config({ hidden_size: 1e9 }), /hidden_size/],
    ['a context of none', config({ max_position_embeddings: 0 }), /max_position_embeddings/],
    ['no model.safetensors', without('model.safetensors'), /There is no model\.safetensors/],
    ['weights cut off', weights(WEIGHTS.subarray(0, 30_000)), /but the file ends after 30000/],
    ['weights of a few bytes', weights(WEIGHTS.subarray(0, 5)), /5 bytes are too few/],
    [
      'a header beyond the file',
      weights(declared(BigInt(WEIGHTS.byteLength))),
      /the header claims \d+ bytes, but/,
    ],
    ['a header of an absurd length', weights(declared(2n ** 63n)), /header claims 9223372036854/],
    [
      'offsets out of range',
      header((json) => (entry(json, NORM).data_offsets = [10_000_000, 10_000_128])),
      /"model\.norm\.weight" ends at byte 100\d+/,
    ],
    [
      'overlapping tensors',
      header((json) => (entry(json, NORM).data_offsets = [0, 128])),
      /overlap/,
    ],
    [
      'an unknown dtype',
      header((json) => (entry(json, NORM).dtype = 'F13')),
      /unknown dtype "F13"/,
    ],
    ['a missing tensor', tensors((map) => map.delete(NORM)), /has no tensor model\.norm\.weight/],
    [
      'a tensor of another shape',
      config({ intermediate_size: 64 }),
      /has the shape \[48, 32\]; config\.json calls for \[64, 32\]/,
    ],
    ['no tokenizer.json', without('tokenizer.json'), /There is no tokenizer\.json/],
    [
      'a tokenizer.json that is not JSON',
      text('tokenizer.json', '{'),
      /tokenizer\.json is not valid/,
    ],
    [
      'a tokenizer.json of an unknown kind',
      text('tokenizer.json', '{"model":{"type":"Elephant"}}'),
      /tokenizer\.json is not valid: (?!Expected)/,
    ],
    [
      'weights that are not numbers',
      tensors((map) => map.get(NORM)?.bytes.fill(0xff)),
      /logits are not finite/,
    ],
  ];
  const excessive: [name: string, more: string[], reason: RegExp][] = [
    [
      'more tokens than the context',
      ['--max-new-tokens', '125'],
      /4 prompt tokens and 125 new ones exceed the context of 128/,
    ],
    ['more logits than a step reports', ['--top-k', '101'], /top-k must be a whole number .* 100/],
  ];
  const messages = new Map<string, string>();

  async function messageOf(files: ModelDirectory, ...more: string[]): Promise<string> {
    const directory = await directoryOf(files);
    const run = ['run', '--model', directory, '--prompt', 'Once', ...more];
    const message = oneLineOf(await labHere(...run), 1);
    // What to do about it comes after what is wrong.
    expect(message).toMatch(/\. [A-Z].+\.$/);
    return message;
  }

  it.each(broken)('%s: fails in one line of its own', async (name, damage, reason) => {
    const message = await messageOf(damage(GOOD));
    expect(message).toMatch(reason);
    messages.set(name, message);
  });

  it.each(excessive)('%s: fails in one line of its own', async (name, more, reason) => {
    const message = await messageOf(GOOD, ...more);
    expect(message).toMatch(reason);
    messages.set(name, message);
  });

  it('a directory that is not there', async () => {
    const missing = join(await directoryOf({}), 'nowhere');
    const message = oneLineOf(await labHere('run', '--model', missing, '--prompt', 'Once'), 1);
    expect(message).toContain(`There is no directory ${missing}`);
    const file = join(await directoryOf(GOOD), 'config.json');
    const other = oneLineOf(await labHere('run', '--model', file, '--prompt', 'Once'), 1);
    expect(other).toContain(`There is no directory ${file}`);
  });

  it('says something else in every case', () => {
    expect(messages.size).toBe(broken.length + excessive.length);
    expect(new Set(messages.values()).size).toBe(messages.size);
  });

  it('works with the same directory unbroken', async () => {
    const directory = await directoryOf(GOOD);
    const document = await labJson(
      '--model',
      directory,
      '--prompt',
      'Once',
      '--max-new-tokens',
      '4',
    );
    expect(document.lanes[0]?.ids).toHaveLength(4);
  });
});
