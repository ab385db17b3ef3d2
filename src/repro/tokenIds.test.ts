import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsFor, digestOf, packIds, unpackIds } from './tokenIds';

const ids = fc.array(fc.oneof(fc.nat(1791), fc.nat(0xffffffff)), { maxLength: 64 });

describe('packed ids', () => {
  it('come back, and take no more than their bits', () => {
    fc.assert(
      fc.property(ids, (own) => {
        const bits = bitsFor(own);
        expect(own.every((id) => id < 2 ** bits)).toBe(true);
        const bytes = packIds(own, bits);
        expect(bytes.byteLength).toBe(Math.ceil((own.length * bits) / 8));
        expect(unpackIds(bytes, own.length, bits)).toEqual(own);
      }),
    );
  });

  it('stand as written down: the highest bit first', () => {
    expect(bitsFor([1, 5, 1791])).toBe(11);
    expect(bitsFor([])).toBe(0);
    expect(bitsFor([0xffffffff])).toBe(32);
    expect([...packIds([1, 2, 3], 4)]).toEqual([0x12, 0x30]);
    expect([...packIds([0xffffffff, 1], 32)]).toEqual([255, 255, 255, 255, 0, 0, 0, 1]);
  });

  it('are not read from other bytes', () => {
    expect(unpackIds(Uint8Array.of(0x12, 0x30), 3, 4)).toEqual([1, 2, 3]);
    expect(unpackIds(Uint8Array.of(0x12, 0x31), 3, 4)).toBeUndefined();
    expect(unpackIds(Uint8Array.of(0x12), 3, 4)).toBeUndefined();
    expect(unpackIds(Uint8Array.of(0x12, 0x30, 0), 3, 4)).toBeUndefined();
    expect(unpackIds(new Uint8Array(5), 1, 33)).toBeUndefined();
    expect(unpackIds(new Uint8Array(), 3, 0)).toEqual([0, 0, 0]);
  });
});

describe('digestOf', () => {
  it('is the beginning of the SHA-256 of little-endian uint32', () => {
    // printf '\001\000\000\000\377\006\000\000' | sha256sum
    expect(digestOf([1, 1791])).toBe('d811dfefc2ee2aa8');
    expect(digestOf([])).toBe('e3b0c44298fc1c14');
  });
});
