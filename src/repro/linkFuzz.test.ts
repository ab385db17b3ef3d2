import { base64Decode, base64Encode } from '@bufbuild/protobuf/wire';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { Failure } from '../core/errors';
import { formatLink, hasLink, parseLink } from './link';
import { repros } from './testing/repros';

const CASES = 10_000;
const SLOWEST_MS = 50;

/** Links of every kind, some of them long. */
const links = fc.sample(repros, { numRuns: 400, seed: 4 }).map(formatLink);
const anyLink = fc.constantFrom(...links);

/**
 * Reads a text that may be anything: a Repro that can be written again, or a Failure about the link, within the time.
 * Measured again if it took long: what is slow by itself stays slow, and a busy machine does not.
 */
function read(text: string): 'read' | 'refused' {
  hasLink(text);
  let took = Infinity;
  let outcome: 'read' | 'refused' = 'refused';
  for (let attempt = 0; attempt < 3 && took > SLOWEST_MS; attempt++) {
    const started = performance.now();
    outcome = readOnce(text);
    took = Math.min(took, performance.now() - started);
  }
  expect(took).toBeLessThanOrEqual(SLOWEST_MS);
  return outcome;
}

function readOnce(text: string): 'read' | 'refused' {
  try {
    const repro = parseLink(text);
    expect(parseLink(formatLink(repro))).toEqual(repro);
    return 'read';
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    expect(thrown.code).toMatch(/^link-/);
    expect(thrown.message).toMatch(/^[^\p{Cc}\p{Cf}]{1,300}$/u);
    return 'refused';
  }
}

const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** One to four edits of a string: another unit, a unit more, a piece less, a piece twice. */
const edits = fc.array(
  fc.tuple(
    fc.constantFrom('set', 'insert', 'delete', 'repeat'),
    position,
    fc.string({ maxLength: 3 }),
    fc.nat(40),
  ),
  { minLength: 1, maxLength: 4 },
);
type Edit = readonly [kind: string, at: number, more: string, length: number];

function edited(text: string, all: readonly Edit[]): string {
  return all.reduce((now, [kind, at, more, length]) => {
    const from = Math.floor(at * now.length);
    const rest = now.slice(from);
    switch (kind) {
      case 'set':
        return now.slice(0, from) + more + rest.slice(more.length);
      case 'insert':
        return now.slice(0, from) + more + rest;
      case 'delete':
        return now.slice(0, from) + rest.slice(length);
      default:
        return now.slice(0, from) + rest.slice(0, length) + rest;
    }
  }, text);
}

/** The same of the bytes inside a link, under a checksum that belongs to them. */
function editedInside(link: string, all: readonly Edit[]): string {
  const bytes = base64Decode(link.slice(2));
  const rest = Buffer.from(bytes.subarray(4)).toString('latin1');
  return around(bytes[0] ?? 0, Buffer.from(edited(rest, all), 'latin1'));
}

/** A link with these bytes in it, and the checksum that belongs to them. */
function around(packing: number, rest: Uint8Array): string {
  const check = sha256(Buffer.concat([Uint8Array.of(packing), rest])).subarray(0, 3);
  return `1.${base64Encode(Buffer.concat([Uint8Array.of(packing), check, rest]), 'url')}`;
}

describe('parseLink gives a Repro or an error of its own, in time', () => {
  it('for mutations of links', () => {
    fc.assert(
      fc.property(anyLink, edits, (link, all) => {
        read(edited(link, all));
      }),
      { numRuns: CASES },
    );
  });

  it('for mutations under a checksum that is right', () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(anyLink, edits, (link, all) => {
        outcomes[read(editedInside(link, all))]++;
      }),
      { numRuns: CASES },
    );
    // The checksum is not what refuses them: both happen.
    expect(outcomes.read).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  it('for random strings', () => {
    const body = fc.string({
      unit: fc.constantFrom(...['A', 'B', 'w', 'z', '0', '9', '-', '_']),
      maxLength: 300,
    });
    const strings = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(fc.nat(0xffff), { maxLength: 100 }).map((codes) => String.fromCharCode(...codes)),
      body.map((text) => `#1.${text}`),
      fc.tuple(fc.nat(), body).map(([version, text]) => `#${version}.${text}`),
      fc.webUrl({ withFragments: true }),
    );
    fc.assert(
      fc.property(strings, (text) => {
        read(text);
      }),
      { numRuns: CASES },
    );
  });

  /** Fields of two or three bytes, so many times over that they only just may be unpacked. */
  it.each([
    ['lanes', [0x1a, 0x00]],
    ['models', [0x0a, 0x00]],
    ['expectations', [0x42, 0x00]],
    ['expected lanes, one to an expectation', [0x42, 0x02, 0x0a, 0x00]],
    ['pinned steps', [0x38, 0x01]],
    ['groups in groups', [0x4b]],
    ['groups', [0x4b, 0x4c]],
    ['unknown fields', [0xf8, 0x7f, 0x01]],
    ['zeros', [0x00]],
  ])('for nothing but %s', (_, pattern) => {
    const plain = Buffer.alloc(96 * 1024 - ((96 * 1024) % pattern.length), Buffer.from(pattern));
    const packed = around(1, deflateSync(plain));
    expect(packed.length).toBeLessThan(500);
    expect(read(packed)).toBe('refused');
  });
});
