import { create, toBinary } from '@bufbuild/protobuf';
import { base64Encode } from '@bufbuild/protobuf/wire';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { deflateSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, Failure, toAppError } from '../core/errors';
import { FAULTS } from '../core/faults';
import { GUARDS } from '../core/guards';
import { DEFAULT_HUB, PACKINGS } from '../protocol/models';
import { formatLink, hasLink, linkTo, parseLink } from './link';
import { encodeRepro } from './message';
import { LinkSchema } from './proto/repro_pb';
import { type Repro, VIEWS } from './repro';
import { packingOf } from './reproModel';
import { repros } from './testing/repros';
import { digestOf } from './tokenIds';

const REPRO: Repro = {
  model: { id: 'nano', sha256: '0123456789abcdef' },
  prompt: 'The capital of France is',
  lanes: [
    { name: '', fault: { kind: 'none' }, guard: 'none' },
    {
      name: 'lost',
      fault: { kind: 'band', parameters: { fastest: 4, slowest: 2 } },
      guard: 'patch5',
    },
  ],
  mode: 'free',
  maxNewTokens: 3,
  view: 'queries-and-keys',
  pinnedStep: 2,
  expectation: {
    lanes: [
      { ids: [5, 6, 1791], length: 3, digest: null, stopped: 'length' },
      { ids: [5, 0], length: 2, digest: null, stopped: 'eos' },
    ],
    divergence: {
      step: 1,
      tops: [
        [
          { id: 6, logit: 8.5 },
          { id: 0, logit: 8.25 },
        ],
        [{ id: 0, logit: -0.5 }],
      ],
    },
    executionProvider: 'webgpu',
    appVersion: '0.1.0',
  },
};
/** Of a hub. */
const OF_HUB = {
  id: 'org/nano',
  sha256: '0123456789abcdef',
  hub: DEFAULT_HUB,
  commit: '0123456789'.repeat(4),
};
const withExpectation = (change: Partial<NonNullable<Repro['expectation']>>): Repro => ({
  ...REPRO,
  expectation: REPRO.expectation && { ...REPRO.expectation, ...change },
});

function errorOf(work: () => unknown): { code: ErrorCode; message: string } {
  try {
    work();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Failure);
    return toAppError(thrown);
  }
  throw new Error('It did not fail.');
}

/** A link around these bytes, with the checksum that belongs to them. */
function linkAround(packing: number, rest: Uint8Array, version = 1): string {
  const check = sha256(Buffer.concat([Uint8Array.of(packing), rest])).subarray(0, 3);
  const bytes = Buffer.concat([Uint8Array.of(packing), check, rest]);
  return `${version}.${base64Encode(bytes, 'url')}`;
}

describe('a link', () => {
  it('brings back whatever it is made of', () => {
    fc.assert(
      fc.property(repros, (repro) => {
        const link = formatLink(repro);
        expect(link).toMatch(/^1\.[\w-]+$/);
        expect(parseLink(link)).toEqual(repro);
      }),
      { numRuns: 500 },
    );
  });

  it('reads lone surrogates as U+FFFD, and leaves every other text as it is', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 40 });
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(
      fc.property(units, (codes) => {
        const prompt = `a${String.fromCharCode(...codes)}`;
        const read = decoder.decode(new TextEncoder().encode(prompt));
        const name = prompt.slice(0, 40);
        const lanes = REPRO.lanes.map((lane) => ({ ...lane, name }));
        const back = parseLink(formatLink({ ...REPRO, prompt, lanes }));
        expect(back.prompt).toBe(read);
        expect(back.lanes[0]?.name).toBe(decoder.decode(new TextEncoder().encode(name)));
      }),
    );
  });

  it('takes the first 16 digits of a hash, the first 64 of many ids, and float32 of logits', () => {
    const ids = Array.from({ length: 65 }, (_, i) => i * 27);
    const long = { ids, length: 65, digest: null, stopped: 'length' as const };
    const back = parseLink(
      formatLink({
        ...withExpectation({
          lanes: [long, { ...long, ids: ids.slice(0, 64), length: 64 }],
          divergence: { step: 64, tops: [[{ id: 1, logit: 0.1 }], []] },
        }),
        maxNewTokens: 65,
        model: { id: 'nano', sha256: '0123456789abcdef'.repeat(4) },
      }),
    );
    expect(back.model.sha256).toBe('0123456789abcdef');
    expect(back.expectation?.lanes).toEqual([
      { ids: ids.slice(0, 64), length: 65, digest: digestOf(ids), stopped: 'length' },
      { ids: ids.slice(0, 64), length: 64, digest: null, stopped: 'length' },
    ]);
    expect(back.expectation?.divergence?.tops).toEqual([[{ id: 1, logit: Math.fround(0.1) }], []]);
  });

  it('takes no more of them from a link that was not written here', () => {
    const whole = { ...REPRO, model: { id: 'nano', sha256: '0123456789abcdef'.repeat(4) } };
    expect(parseLink(linkAround(0, encodeRepro(whole)))).toEqual(REPRO);
  });

  it('carries what lanes have in common once', () => {
    const ids = Array.from({ length: 48 }, (_, i) => (i * 611) % 1792);
    const lane = { ids, length: 48, digest: null, stopped: 'length' as const };
    const long = { ...withExpectation({ lanes: [lane, lane] }), maxNewTokens: 48 };
    const other = { ...lane, ids: ids.map((id) => id ^ 1) };
    const both = { ...withExpectation({ lanes: [lane, other] }), maxNewTokens: 48 };
    // 48 ids of 11 bits each, in base64: 88 characters.
    expect(formatLink(both).length - formatLink(long).length).toBeGreaterThan(80);
  });

  it('takes a few bytes more for a model of the usual hub, and none for a model of no hub', () => {
    const { length } = formatLink(REPRO);
    const id = 'org/nano';
    const commit = '0123456789'.repeat(4);
    const ofHub = { ...REPRO, model: { ...REPRO.model, id, hub: DEFAULT_HUB, commit } };
    expect(formatLink({ ...REPRO, model: { ...REPRO.model, id } }).length).toBeLessThan(length + 8);
    // 20 bytes and their two of frame, in base64.
    expect(formatLink(ofHub).length).toBeLessThan(length + 8 + 32);
    expect(parseLink(formatLink(ofHub))).toEqual(ofHub);
  });

  it('is read with its address or without, with or without #, and with white space around it', () => {
    const link = formatLink(REPRO);
    const url = linkTo('https://example.org/play/?a=1#views', REPRO);
    expect(url).toBe(`https://example.org/play/?a=1#${link}`);
    for (const text of [link, `#${link}`, url, ` ${url}\n`]) {
      expect(parseLink(text)).toEqual(REPRO);
      expect(hasLink(text)).toBe(true);
    }
  });

  it('is told from other fragments', () => {
    const others = [
      '',
      '#',
      '#views',
      'https://example.org/',
      'https://example.org/#',
      '#0.abc',
      '#.1',
      '#v1.abc',
    ];
    for (const other of others) {
      expect(hasLink(other)).toBe(false);
      expect(errorOf(() => parseLink(other)).code).toBe('link-invalid');
    }
    // Ours, although nobody can read them.
    for (const own of ['#1.', '#2.abc', '#1.%20', 'https://example.org/#1.ab']) {
      expect(hasLink(own)).toBe(true);
    }
  });
});

describe('a link that cannot be read', () => {
  const link = formatLink(REPRO);

  it('is of a newer version', () => {
    expect(errorOf(() => parseLink('#2.anything at all'))).toMatchObject({
      code: 'link-version',
      message: 'The link is of version 2; this is a reader of version 1.',
    });
  });

  it('was cut off anywhere', () => {
    for (let length = 0; length < link.length; length++) {
      expect(errorOf(() => parseLink(link.slice(0, length))).code).toBe('link-invalid');
    }
  });

  it('has one character altered', () => {
    for (let at = 2; at < link.length - 1; at++) {
      const altered = `${link.slice(0, at)}${link[at] === 'A' ? 'B' : 'A'}${link.slice(at + 1)}`;
      expect(errorOf(() => parseLink(altered)).message).toContain('damaged');
    }
  });

  it('is longer than any link', () => {
    expect(errorOf(() => parseLink(`1.${'A'.repeat(200_000)}`)).code).toBe('link-too-large');
  });

  it('expands beyond bounds', () => {
    for (const megabytes of [0.25, 30]) {
      const bomb = deflateSync(new Uint8Array(megabytes * 1e6), { level: 9 });
      const text = linkAround(1, bomb);
      const times = [1, 2, 3].map(() => {
        const started = performance.now();
        expect(errorOf(() => parseLink(text)).code).toBe('link-too-large');
        return performance.now() - started;
      });
      // Not the time to unpack it all. The shortest: a busy machine takes its own.
      expect(Math.min(...times)).toBeLessThan(50);
    }
  });

  it('is packed in a way that nobody knows, or not as it says', () => {
    const plain = encodeRepro(REPRO);
    expect(parseLink(linkAround(0, plain))).toEqual(REPRO);
    expect(parseLink(linkAround(1, deflateSync(plain)))).toEqual(REPRO);
    expect(errorOf(() => parseLink(linkAround(2, plain))).code).toBe('link-invalid');
    expect(errorOf(() => parseLink(linkAround(1, plain))).code).toBe('link-invalid');
    expect(errorOf(() => parseLink(linkAround(1, deflateSync(plain).slice(0, -4)))).code).toBe(
      'link-invalid',
    );
  });

  it('says something that its version does not know', () => {
    const bytes = encodeRepro(REPRO);
    const changed = (...more: number[]) =>
      linkAround(0, Buffer.concat([bytes, Uint8Array.from(more)]));
    // Of two values of a field the later counts: mode, view.
    expect(parseLink(changed(0x20, 1)).mode).toBe('teacher-forced');
    for (const fields of [
      [0x20, 7],
      [0x30, 8],
      [0x30, 0xff, 0xff, 0xff, 0xff, 0x0f],
    ]) {
      expect(errorOf(() => parseLink(changed(...fields))).message).toContain('does not know');
    }
  });

  it('has fields that its version does not know: they are left out', () => {
    const unknown = Uint8Array.of(0xfa, 0x01, 3, 1, 2, 3, 0xf8, 0x02, 42);
    expect(parseLink(linkAround(0, Buffer.concat([encodeRepro(REPRO), unknown])))).toEqual(REPRO);
  });

  it('has a text that is not UTF-8', () => {
    const bytes = Buffer.from(encodeRepro(REPRO));
    bytes[bytes.indexOf('capital')] = 0xff;
    expect(errorOf(() => parseLink(linkAround(0, bytes))).code).toBe('link-invalid');
  });

  it('names a hub and no commit', () => {
    const model = { id: 'org/nano', sha256: new Uint8Array(8), hub: 'https://hub.example.org' };
    const bytes = toBinary(LinkSchema, create(LinkSchema, { model, prompt: 'a', maxNewTokens: 1 }));
    expect(errorOf(() => parseLink(linkAround(0, bytes))).message).toContain('model.commit');
  });

  it('has nothing in it', () => {
    const empty = toBinary(LinkSchema, create(LinkSchema));
    expect(errorOf(() => parseLink(linkAround(0, empty))).message).toContain('names no model');
  });
});

describe('what is not valid', () => {
  const lane = REPRO.lanes[1];
  const lanes = (...faults: string[]) =>
    [
      REPRO.lanes[0],
      ...faults.map((kind) => ({ name: '', fault: { kind }, guard: 'none' })),
    ] as Repro['lanes'];
  const expected = REPRO.expectation?.lanes ?? [];
  const cases: [string, Repro, ErrorCode, RegExp][] = [
    [
      'a prompt too long',
      { ...REPRO, prompt: 'a'.repeat(20_001) },
      'link-too-large',
      /20001 characters/,
    ],
    ['an empty prompt', { ...REPRO, prompt: ' ' }, 'link-invalid', /prompt is empty/],
    ['no lanes', { ...REPRO, lanes: [], expectation: null }, 'link-invalid', /lanes/],
    [
      'nine lanes',
      { ...REPRO, lanes: lanes(...Array.from({ length: 8 }, () => 'zero')), expectation: null },
      'link-invalid',
      /lanes/,
    ],
    ['an unknown fault', { ...REPRO, lanes: lanes('gone') }, 'link-invalid', /lanes\.1\.fault/],
    [
      'a fault out of bounds',
      {
        ...REPRO,
        lanes: [
          REPRO.lanes[0] ?? fail(),
          { name: '', guard: 'none', fault: { kind: 'scaled', parameters: { alpha: 2 } } },
        ],
      },
      'link-invalid',
      /bounds/,
    ],
    [
      'a sick first lane',
      { ...REPRO, lanes: lane ? [lane, lane] : [] },
      'link-invalid',
      /first lane/,
    ],
    [
      'a name too long',
      { ...REPRO, lanes: REPRO.lanes.map((one) => ({ ...one, name: 'a'.repeat(41) })) },
      'link-invalid',
      /name/,
    ],
    ['no new tokens', { ...REPRO, maxNewTokens: 0 }, 'link-invalid', /maxNewTokens/],
    ['half a token', { ...REPRO, maxNewTokens: 2.5 }, 'link-invalid', /maxNewTokens/],
    ['too many tokens', { ...REPRO, maxNewTokens: 4097 }, 'link-invalid', /maxNewTokens/],
    ['a step before the first', { ...REPRO, pinnedStep: -1 }, 'link-invalid', /pinnedStep/],
    [
      'a hash that is none',
      { ...REPRO, model: { id: 'nano', sha256: 'zz' } },
      'link-invalid',
      /sha256/,
    ],
    [
      'a hub that is no address',
      { ...REPRO, model: { ...OF_HUB, hub: 'javascript:alert(1)' } },
      'link-invalid',
      /model\.hub/,
    ],
    [
      'a hub with a password',
      { ...REPRO, model: { ...OF_HUB, hub: 'https://me:secret@hub.example.org' } },
      'link-invalid',
      /model\.hub/,
    ],
    [
      'a hub whose letters are not those that they seem',
      { ...REPRO, model: { ...OF_HUB, hub: 'https://huggingfac\u0435.co' } },
      'link-invalid',
      /model\.hub/,
    ],
    [
      'a name that leads out of its hub',
      { ...REPRO, model: { ...OF_HUB, id: '../../secret' } },
      'link-invalid',
      /do not go together/,
    ],
    [
      'a branch in the place of a commit',
      { ...REPRO, model: { ...OF_HUB, commit: 'main' } },
      'link-invalid',
      /model\.commit/,
    ],
    [
      'more bytes than a model has',
      { ...REPRO, model: { ...OF_HUB, bytes: 2 ** 50 } },
      'link-invalid',
      /model\.bytes/,
    ],
    [
      'fewer tokens than are expected',
      { ...REPRO, maxNewTokens: 2 },
      'link-invalid',
      /more tokens/,
    ],
    [
      'another number of lanes than is expected',
      withExpectation({ lanes: expected.slice(1) }),
      'link-invalid',
      /number of lanes/,
    ],
    [
      'an id that is none',
      withExpectation({ lanes: expected.map((one) => ({ ...one, ids: [-1], length: 1 })) }),
      'link-invalid',
      /ids/,
    ],
    [
      'ids that are not all',
      withExpectation({ lanes: expected.map((one) => ({ ...one, length: 3, ids: [1] })) }),
      'link-invalid',
      /neither all/,
    ],
    [
      'a logit that is not a number',
      withExpectation({ divergence: { step: 1, tops: [[{ id: 1, logit: Number.NaN }], []] } }),
      'link-invalid',
      /logit/,
    ],
    [
      'a logit beyond float32',
      withExpectation({ divergence: { step: 1, tops: [[{ id: 1, logit: 1e300 }], []] } }),
      'link-invalid',
      /logit/,
    ],
    [
      'lanes that part after their end',
      withExpectation({ divergence: { step: 3, tops: [[], []] } }),
      'link-invalid',
      /part where there are none/,
    ],
  ];

  it.each(cases)('%s is never written', (_, repro, code, reason) => {
    const error = errorOf(() => formatLink(repro));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(reason);
  });
});

describe('links of version 1', () => {
  const folder = new URL('./fixtures/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.startsWith('link-v1-'));

  const fixtures = files.map((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    return { name, ...(JSON.parse(text) as { link: string; repro: Repro }) };
  });

  it.each(fixtures)('$name opens as on the day it was made', ({ link, repro }) => {
    expect(parseLink(link)).toEqual(repro);
  });

  it('are there for every name that a link carries: a new one needs a new fixture', () => {
    const repros = fixtures.map(({ repro }) => repro);
    const lanes = repros.flatMap((repro) => repro.lanes);
    const expectations = repros.flatMap(({ expectation }) => expectation ?? []);
    const seen = (names: readonly unknown[]) => [...new Set(names)].sort();
    expect(seen(lanes.map(({ fault }) => fault.kind))).toEqual(Object.keys(FAULTS).sort());
    expect(seen(lanes.map(({ guard }) => guard))).toEqual(Object.keys(GUARDS).sort());
    expect(seen(repros.flatMap(({ view }) => view ?? []))).toEqual([...VIEWS].sort());
    expect(seen(repros.map(({ mode }) => mode))).toEqual(['free', 'teacher-forced']);
    expect(seen(repros.map(({ model }) => packingOf(model)))).toEqual([...PACKINGS].sort());
    expect(seen(expectations.map((one) => one.executionProvider))).toEqual(['wasm', 'webgpu']);
    expect(seen(expectations.flatMap((one) => one.lanes.map(({ stopped }) => stopped)))).toEqual([
      'cancelled',
      'eos',
      'length',
      'non-finite',
    ]);
  });
});

function fail(): never {
  throw new Error('There is no such lane.');
}
