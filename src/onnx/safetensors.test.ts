import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  float32Tensor,
  rawSafetensors,
  safetensorsFile,
} from '../../workers/testing/safetensorsFile';
import { Failure } from '../core/errors';
import { type Checkpoint, headerLength, parseCheckpoint } from './safetensors';

const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});
const fileOf = (header: unknown, dataBytes = 32) =>
  rawSafetensors(JSON.stringify(header), [new Uint8Array(dataBytes)]);

function failure(bytes: Uint8Array, fileLength?: number): Failure {
  try {
    parseCheckpoint(bytes, fileLength);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('the file was accepted');
}

/** What every checkpoint that was accepted promises. */
function expectSound({ tensors, dataStart, fileLength }: Checkpoint): void {
  let end = dataStart;
  const byOffset = [...tensors.values()].sort((a, b) => a.offset - b.offset);
  for (const { offset, length } of byOffset.filter(({ length }) => length > 0)) {
    expect(offset).toBeGreaterThanOrEqual(end);
    end = offset + length;
  }
  expect(end).toBeLessThanOrEqual(fileLength);
}

describe('parseCheckpoint', () => {
  it('finds every tensor where the writer put it', () => {
    const tensors = new Map([
      ['a', float32Tensor([2, 3], [1, 2, 3, 4, 5, 6])],
      ['b.weight', { dtype: 'F16' as const, shape: [3], bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) }],
      ['scalar', float32Tensor([], [7])],
      ['empty', float32Tensor([0, 4], [])],
    ]);
    const file = safetensorsFile(tensors);
    const checkpoint = parseCheckpoint(file);
    expect(checkpoint.fileLength).toBe(file.byteLength);
    expect([...checkpoint.tensors.keys()]).toEqual([...tensors.keys()]);
    for (const [name, { dtype, shape, bytes }] of tensors) {
      const found = checkpoint.tensors.get(name);
      expect(found).toMatchObject({ name, dtype, shape, length: bytes.byteLength });
      const { offset = 0, length = 0 } = found ?? {};
      expect(file.subarray(offset, offset + length)).toEqual(bytes);
    }
    expectSound(checkpoint);
  });

  it('reads the header alone, if it is told how long the file is', () => {
    const file = fileOf({ a: f32(0, 32) });
    const header = file.subarray(0, file.byteLength - 32);
    const checkpoint = parseCheckpoint(header, file.byteLength);
    expect(checkpoint.tensors.get('a')).toMatchObject({ offset: header.byteLength, length: 32 });
  });

  it('takes a view into a larger buffer', () => {
    const file = fileOf({ a: f32(0, 32) });
    const buffer = new Uint8Array(file.byteLength + 5);
    buffer.set(file, 5);
    expect(parseCheckpoint(buffer.subarray(5))).toEqual(parseCheckpoint(file));
  });

  it('leaves __metadata__ aside, and pads, spaces and gaps alone', () => {
    const text = `{"__metadata__":{"format":"pt"},"a":${JSON.stringify(f32(4, 8))}}   `;
    const { tensors } = parseCheckpoint(rawSafetensors(text, [new Uint8Array(8)]));
    expect([...tensors.keys()]).toEqual(['a']);
  });

  it('takes names that JavaScript objects treat in their own way for names', () => {
    const names = ['__proto__', 'constructor', 'toString', '1', ''];
    const header = names.map((name, i) => {
      return `${JSON.stringify(name)}:${JSON.stringify(f32(4 * i, 4 * i + 4))}`;
    });
    const bytes = rawSafetensors(`{${header.join()}}`, [new Uint8Array(4 * names.length)]);
    const { tensors } = parseCheckpoint(bytes);
    expect(new Set(tensors.keys())).toEqual(new Set(names));
    expect(tensors.get('__proto__')).toMatchObject({ dtype: 'F32', length: 4 });
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });
});

describe('parseCheckpoint refuses', () => {
  it.each([0, 1, 7])('a file of %i bytes', (length) => {
    expect(failure(new Uint8Array(length))).toMatchObject({ code: 'weights-truncated' });
  });

  it('a header that is longer than the file', () => {
    const error = failure(rawSafetensors('{}', [], 1000n));
    expect(error.code).toBe('weights-truncated');
    expect(error.message).toMatch(/header claims 1000 bytes.*ends after 10/);
  });

  it.each([2n ** 63n, 2n ** 64n - 1n, 2n ** 32n, 17n * 1024n * 1024n])(
    'an absurd header length: %s',
    (declared) => {
      const error = failure(rawSafetensors('{}', [], declared));
      expect(error.code).toBe('weights-invalid');
      expect(error.message).toContain(String(declared));
    },
  );

  it('a header length that a view of the first bytes cannot hold', () => {
    expect(() => headerLength(new Uint8Array(4), 1000)).toThrow(Failure);
  });

  it.each(['', '{', '{"a":}', 'null', '[]', '[1]', '3', '"text"'])('the header %j', (text) => {
    const error = failure(rawSafetensors(text));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toMatch(/header is not (JSON|an object)/);
  });

  it('a header that is not UTF-8', () => {
    const file = fileOf({ name: f32(0, 32) });
    file[10] = 0xff;
    expect(failure(file)).toMatchObject({ code: 'weights-invalid' });
  });

  it.each([
    ['not described', null],
    ['not described', 3],
    ['unknown dtype', []],
    ['unknown dtype', { ...f32(0, 4), dtype: 'F13' }],
    ['unknown dtype', { ...f32(0, 4), dtype: 'toString' }],
    ['unknown dtype', { ...f32(0, 4), dtype: 32 }],
    ['unknown dtype', { shape: [1], data_offsets: [0, 4] }],
    ['no valid shape', { ...f32(0, 4), shape: [-1] }],
    ['no valid shape', { ...f32(0, 4), shape: [0.5] }],
    ['no valid shape', { ...f32(0, 4), shape: '1' }],
    ['no valid shape', { ...f32(0, 4), shape: [2 ** 53] }],
    ['no valid shape', { ...f32(0, 4), shape: Array.from({ length: 9 }, () => 1) }],
    ['no valid offsets', { ...f32(0, 4), data_offsets: [0] }],
    ['no valid offsets', { ...f32(0, 4), data_offsets: [0, 4, 8] }],
    ['no valid offsets', { ...f32(0, 4), data_offsets: [-4, 0] }],
    ['no valid offsets', { ...f32(0, 4), data_offsets: ['0', '4'] }],
    ['before it begins', { ...f32(0, 4), data_offsets: [8, 4] }],
    ['has 4 bytes, but F32 [2] needs 8', { ...f32(0, 4), shape: [2] }],
    ['has 4 bytes, but F16 [1] needs 2', { ...f32(0, 4), dtype: 'F16' }],
    ['has 4 bytes, but F32', { ...f32(0, 4), shape: [2 ** 50, 2 ** 50] }],
  ])('a tensor that is %s: %j', (reason, entry) => {
    const error = failure(fileOf({ 'the.tensor': entry }));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toContain('"the.tensor"');
    expect(error.message).toContain(reason);
  });

  it('offsets beyond the end of the file', () => {
    const error = failure(fileOf({ a: f32(0, 16), b: f32(16, 36) }));
    expect(error.code).toBe('weights-truncated');
    expect(error.message).toContain('"b"');
  });

  it('offsets near the end of what a number can count', () => {
    const begin = 2 ** 53 - 1 - 4;
    const error = failure(fileOf({ a: { ...f32(begin, begin + 4), shape: [1] } }));
    expect(error).toMatchObject({ code: 'weights-truncated' });
  });

  it.each([
    ['the same bytes twice', f32(0, 16), f32(0, 16)],
    ['one byte of both', f32(0, 16), { dtype: 'U8', shape: [17], data_offsets: [15, 32] }],
    ['one inside the other', f32(0, 32), f32(8, 12)],
  ])('tensors that overlap: %s', (_, a, b) => {
    const error = failure(fileOf({ a, b }));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toMatch(/"[ab]" overlap those of "[ab]"/);
  });

  it('a file that is cut off anywhere', () => {
    const file = fileOf({ a: f32(0, 16), b: f32(16, 32) });
    for (let length = 0; length < file.byteLength; length++) {
      expect(failure(file.slice(0, length)).code).toBe('weights-truncated');
    }
  });
});

describe('parseCheckpoint, fuzzed', () => {
  const header = {
    __metadata__: { format: 'pt' },
    'model.embed_tokens.weight': f32(0, 64, [4, 4]),
    'model.norm.weight': { dtype: 'BF16', shape: [8], data_offsets: [64, 80] },
    'lm_head.weight': { dtype: 'F16', shape: [2, 4], data_offsets: [80, 96] },
  };
  const valid = fileOf(header, 96);
  const jsonText = JSON.stringify(header);

  function expectSoundOrFailure(bytes: Uint8Array): void {
    try {
      expectSound(parseCheckpoint(bytes));
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
    }
  }

  it('gives a sound checkpoint or a Failure after bytes were changed, cut or put in', () => {
    const mutation = fc.oneof(
      fc.record({ kind: fc.constant('set'), at: fc.nat(valid.byteLength - 1), byte: fc.nat(255) }),
      fc.record({ kind: fc.constant('cut'), at: fc.nat(valid.byteLength - 1), byte: fc.nat(40) }),
      fc.record({ kind: fc.constant('put'), at: fc.nat(valid.byteLength - 1), byte: fc.nat(255) }),
    );
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const bytes = [...valid];
        for (const { kind, at, byte } of mutations) {
          if (kind === 'set') bytes[at] = byte;
          else if (kind === 'cut') bytes.splice(at, byte);
          else bytes.splice(at, 0, byte);
        }
        expectSoundOrFailure(Uint8Array.from(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('gives a sound checkpoint or a Failure after the header’s text was changed', () => {
    const token = fc.constantFrom(
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '-',
      '1e400',
      '0',
      '99',
      'null',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(jsonText.length), fc.nat(3), token), {
          minLength: 1,
          maxLength: 3,
        }),
        (edits) => {
          let text = jsonText;
          for (const [at, cut, put] of edits) text = text.slice(0, at) + put + text.slice(at + cut);
          expectSoundOrFailure(rawSafetensors(text, [new Uint8Array(96)]));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('gives a sound checkpoint or a Failure for entries of any JSON', () => {
    const count = fc.oneof(fc.nat(100), fc.constantFrom(-1, 2 ** 53, 2 ** 31, 1e300, 0.5));
    const entry = fc.record({
      dtype: fc.oneof(fc.constantFrom('F32', 'F16', 'BF16', 'U8', 'I64', 'BOOL'), fc.string()),
      shape: fc.array(count, { maxLength: 9 }),
      data_offsets: fc.tuple(count, count),
    });
    const sized = fc
      .tuple(fc.nat(40), fc.nat(12))
      .map(([begin, size]) => f32(begin, begin + 4 * size));
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(sized, sized, entry, fc.jsonValue()), { maxKeys: 5 }),
        (entries) => expectSoundOrFailure(fileOf(entries, 96)),
      ),
      { numRuns: 4000 },
    );
  });
});
