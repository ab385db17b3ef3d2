import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../core/errors';
import type { Checkpoint, TensorEntry } from './safetensors';
import { checkHeaders, joinShards, parseShardIndex } from './shards';

const index = (map: Readonly<Record<string, unknown>>) =>
  parseShardIndex(JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }));

function shard(file: string, ...names: string[]): Checkpoint {
  const tensors = names.map((name): [string, TensorEntry] => [
    name,
    { name, file, dtype: 'F32', shape: [1], offset: 100, length: 4 },
  ]);
  return { tensors: new Map(tensors), dataStart: 100, fileLength: 104 };
}

describe('parseShardIndex', () => {
  it('gives the files in the order of their names, each once', () => {
    const { files, fileOf } = index({ a: '2.safetensors', b: '1.safetensors', c: '2.safetensors' });
    expect(files).toEqual(['1.safetensors', '2.safetensors']);
    expect(fileOf.get('c')).toBe('2.safetensors');
  });

  it.each([
    '../x.safetensors',
    '..\\x.safetensors',
    '/etc/x.safetensors',
    'a/b.safetensors',
    '.safetensors',
    'https://x.y/z.safetensors',
    'x.safetensors?y',
    'x.safetensors\n',
    'config.json',
    `${'x'.repeat(300)}.safetensors`,
    '',
    7,
    null,
  ])('refuses the file %j', (name) => {
    expect(() => index({ a: name })).toThrow(Failure);
  });

  it.each([
    ['no JSON', '{'],
    ['no object', 'null'],
    ['no map', '{}'],
    ['a text for a map', '{"weight_map":"a.safetensors"}'],
    ['an empty map', '{"weight_map":{}}'],
  ])('refuses %s', (_, text) => {
    expect(() => parseShardIndex(text)).toThrow(/^model\.safetensors\.index\.json/);
  });

  it('refuses 10,001 files', () => {
    const names = Array.from({ length: 10_001 }, (_, i) => [`t${i}`, `${i}.safetensors`] as const);
    expect(() => index(Object.fromEntries(names))).toThrow(/10001 files are too many/);
  });
});

describe('joinShards', () => {
  const named = index({ a: '1.safetensors', b: '2.safetensors' });

  it('is the checkpoint of all files, each tensor in its own', () => {
    const joined = joinShards(named, [shard('1.safetensors', 'a'), shard('2.safetensors', 'b')]);
    expect([...joined.tensors.values()].map(({ name, file }) => [name, file])).toEqual([
      ['a', '1.safetensors'],
      ['b', '2.safetensors'],
    ]);
    expect(joined.fileLength).toBe(208);
  });

  it.each([
    ['is in two', [shard('1.safetensors', 'a', 'b'), shard('2.safetensors', 'b')], /"b" is in/],
    ['is missing', [shard('1.safetensors', 'a'), shard('2.safetensors')], /"b" is not in/],
    ['is elsewhere', [shard('1.safetensors', 'a', 'b'), shard('2.safetensors')], /"b" is not in/],
  ])('refuses a tensor that %s', (_, shards, sentence) => {
    expect(() => joinShards(named, shards)).toThrow(sentence);
  });

  it('bounds the tensors and the headers of all files together', () => {
    const sized = (size: number, dataStart: number) => ({
      tensors: { size } as Checkpoint['tensors'],
      dataStart,
    });
    expect(() => checkHeaders([sized(50_000, 100), sized(50_000, 100)])).not.toThrow();
    expect(() => checkHeaders([sized(50_000, 100), sized(50_001, 100)])).toThrow(/100001 tensors/);
    const large = Array.from({ length: 5 }, () => sized(1, 16 * 2 ** 20));
    expect(() => checkHeaders(large.slice(1))).not.toThrow();
    expect(() => checkHeaders(large)).toThrow(/headers have/);
  });
});

describe('parseShardIndex, fuzzed', () => {
  const valid = JSON.stringify({
    metadata: { total_size: 96 },
    weight_map: {
      'model.embed_tokens.weight': 'model-00001-of-00002.safetensors',
      'model.norm.weight': 'model-00002-of-00002.safetensors',
    },
  });

  function expectIndexOrFailure(text: string): void {
    try {
      const { files, fileOf } = parseShardIndex(text);
      expect(new Set(fileOf.values())).toEqual(new Set(files));
      if (files.some((file) => /[/\\\s?#:]|^\./.test(file))) expect.fail(files.join());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      expect(error.code).toBe('weights-invalid');
      expect(error.message.length).toBeLessThan(500);
    }
  }

  it('gives an index or a Failure after its text was changed', () => {
    const put = fc.constantFrom('"', '{', '}', '[', ',', ':', '..', '/', '\\', '\\n', '0', 'null');
    const edit = fc.tuple(fc.nat(valid.length), fc.nat(4), put);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let text = valid;
        for (const [at, cut, piece] of edits)
          text = text.slice(0, at) + piece + text.slice(at + cut);
        expectIndexOrFailure(text);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives an index or a Failure for maps of any JSON', () => {
    const name = fc.oneof(
      fc.constantFrom('a.safetensors', '../a.safetensors', '__proto__', 'b.safetensors'),
      fc.string(),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const map = fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), name, {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(map, (entries) => {
        expectIndexOrFailure(JSON.stringify({ weight_map: entries }));
      }),
      { numRuns: 5000 },
    );
  });
});
