import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, toAppError } from '../core/errors';
import {
  type Bundle,
  bundleOf,
  formatBundle,
  parseBundle,
  reproOfBundle,
  runOfBundle,
} from './bundle';
import { BundleSchema } from './bundleSchema';
import { reproOf } from './expectation';
import { VIEWS } from './repro';
import { finishedRun, finishedRuns } from './testing/repros';
import { verdictOf } from './verdict';

const OPTIONS = { appVersion: '0.1.0', view: null, pinnedStep: null, createdAt: 1_780_000_000_000 };
const BUNDLE = bundleOf(
  finishedRun([
    [5, 6, 7],
    [5, 9, 7],
  ]),
  OPTIONS,
);

function codeOf(work: () => unknown): { code: ErrorCode; message: string } {
  try {
    work();
  } catch (thrown) {
    return toAppError(thrown);
  }
  throw new Error('It did not fail.');
}

describe('a bundle', () => {
  it('brings back the whole run, and what to expect of it', () => {
    const views = fc.record({
      view: fc.option(fc.constantFrom(...VIEWS)),
      pinnedStep: fc.option(fc.nat(99)),
      appVersion: fc.string({ maxLength: 40 }),
      createdAt: fc.nat(),
    });
    fc.assert(
      fc.property(finishedRuns, views, (run, options) => {
        const text = formatBundle(bundleOf(run, options));
        expect(text).not.toContain('\n');
        const back = parseBundle(text);
        // JSON has one zero.
        const positive = JSON.parse(JSON.stringify(run)) as typeof run;
        expect(runOfBundle(back)).toEqual(positive);
        expect(reproOfBundle(back)).toEqual(reproOf(positive, options));
        expect(verdictOf(reproOfBundle(back), run)).toEqual({ kind: 'reproduced' });
        expect(formatBundle(back)).toBe(text);
      }),
    );
  });

  it('of version 1 opens as on the day it was made', () => {
    const text = readFileSync(new URL('./fixtures/bundle-v1.json', import.meta.url), 'utf8');
    const bundle = parseBundle(text);
    expect(bundle).toEqual(JSON.parse(text));
    expect(reproOfBundle(bundle)).toMatchObject({
      model: { id: 'nano' },
      view: 'dose',
      pinnedStep: 2,
      lanes: [{}, { fault: { kind: 'band', parameters: { fastest: 4, slowest: 2 } } }],
      expectation: {
        divergence: { step: 2 },
        lanes: [{ length: 4 }, { length: 3, stopped: 'eos' }],
      },
    });
  });

  it('leaves out what it does not know', () => {
    const [lane] = BUNDLE.lanes;
    const more = { ...BUNDLE, shown: [1, 2], lanes: [{ ...lane, colour: 'red' }, BUNDLE.lanes[1]] };
    expect(parseBundle(JSON.stringify(more))).toEqual(BUNDLE);
  });
});

describe('what is not a bundle', () => {
  const [healthy, zero] = BUNDLE.lanes as [Bundle['lanes'][0], Bundle['lanes'][0]];
  const lanes = (change: object) => ({ ...BUNDLE, lanes: [healthy, { ...zero, ...change }] });
  const cases: [string, unknown, ErrorCode, RegExp][] = [
    ['nothing', null, 'bundle-invalid', /not the bundle of a run/],
    ['another document', { lanes: [] }, 'bundle-invalid', /not the bundle of a run/],
    [
      'of a newer version',
      { ...BUNDLE, version: 2, lanes: 'other' },
      'bundle-version',
      /of version 2/,
    ],
    ['of no version', { ...BUNDLE, version: 0 }, 'bundle-invalid', /version/],
    [
      'with a short hash',
      { ...BUNDLE, model: { id: 'nano', sha256: '0123456789abcdef' } },
      'bundle-invalid',
      /model\.sha256/,
    ],
    [
      'without a prompt',
      { ...BUNDLE, prompt: { text: '\n', ids: [] } },
      'bundle-invalid',
      /prompt\.text: it is empty/,
    ],
    ['without lanes', { ...BUNDLE, lanes: [] }, 'bundle-invalid', /lanes/],
    [
      'with nine lanes',
      { ...BUNDLE, lanes: [healthy, ...Array.from({ length: 8 }, () => zero)] },
      'bundle-invalid',
      /lanes/,
    ],
    ['with a sick first lane', { ...BUNDLE, lanes: [zero, zero] }, 'bundle-invalid', /first lane/],
    [
      'with an unknown fault',
      lanes({ fault: 'gone' }),
      'bundle-invalid',
      /lanes\.1\.fault: there is no such fault/,
    ],
    ['with a fault of the prototype', lanes({ fault: 'constructor' }), 'bundle-invalid', /fault/],
    [
      'with fewer steps than ids',
      lanes({ steps: zero.steps.slice(1) }),
      'bundle-invalid',
      /highest logits/,
    ],
    [
      'with an id that was not chosen',
      lanes({ ids: [5, 9, 8] }),
      'bundle-invalid',
      /highest logits/,
    ],
    ['with an id that is none', lanes({ ids: [5, 9, -7] }), 'bundle-invalid', /ids/],
    [
      'with too many logits',
      lanes({
        steps: [{ top: Array.from({ length: 101 }, () => ({ id: 5, token: '', logit: 1 })) }],
      }),
      'bundle-invalid',
      /top/,
    ],
    [
      'with a logit in words',
      lanes({ steps: [{ top: [{ id: 5, token: '', logit: 'one' }] }] }),
      'bundle-invalid',
      /logit/,
    ],
    [
      'with more tokens than were asked for',
      { ...BUNDLE, maxNewTokens: 2 },
      'bundle-invalid',
      /more tokens/,
    ],
    [
      'with another divergence',
      { ...BUNDLE, firstDivergence: 2 },
      'bundle-invalid',
      /part elsewhere/,
    ],
    ['with a fraction of a step', { ...BUNDLE, pinnedStep: 0.5 }, 'bundle-invalid', /pinnedStep/],
    ['with an unknown view', { ...BUNDLE, view: 'gone' }, 'bundle-invalid', /view/],
  ];

  it.each(cases)('%s', (_, document, code, reason) => {
    const error = codeOf(() => parseBundle(JSON.stringify(document)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(reason);
  });

  it('no JSON', () => expect(codeOf(() => parseBundle('{')).code).toBe('bundle-invalid'));

  it('too large, read or written', () => {
    expect(codeOf(() => parseBundle(' '.repeat(8_000_001))).code).toBe('bundle-too-large');
    const long = 'a'.repeat(999_999);
    const lane = { ...healthy, text: long };
    const large = {
      ...BUNDLE,
      firstDivergence: null,
      lanes: Array.from({ length: 8 }, () => lane),
    };
    expect(codeOf(() => formatBundle(large)).code).toBe('bundle-too-large');
    const error = codeOf(() => formatBundle({ ...BUNDLE, prompt: { text: '', ids: [] } }));
    expect(error.code).toBe('bundle-invalid');
  });

  it('any mutation of one', () => {
    const text = formatBundle(BUNDLE);
    fc.assert(
      fc.property(fc.nat(text.length), fc.string({ maxLength: 3 }), fc.nat(9), (at, more, less) => {
        try {
          parseBundle(text.slice(0, at) + more + text.slice(at + less));
        } catch (thrown) {
          expect(toAppError(thrown).code).toMatch(/^bundle-/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('docs/bundle.md', () => {
  interface Schema {
    readonly type: string;
    readonly entries?: Readonly<Record<string, Schema>>;
    readonly item?: Schema;
    readonly wrapped?: Schema;
    readonly options?: readonly string[];
    readonly literal?: string | number;
  }

  /** Path and type of each field, as the table names them. */
  function fieldsOf(schema: Schema, path: string): [string, string][] {
    const { entries, item, wrapped, options, literal } = schema;
    if (entries) {
      const own: [string, string][] = path === '' ? [] : [[path, 'object']];
      const inner = Object.entries(entries).flatMap(([name, field]) =>
        fieldsOf(field, path === '' ? name : `${path}.${name}`),
      );
      return [...own, ...inner];
    }
    if (item) return fieldsOf(item, `${path}[]`);
    if (wrapped) {
      const suffix = schema.type === 'exact_optional' ? ', optional' : ' or null';
      return fieldsOf(wrapped, path).map(([name, type]) => [name, `${type}${suffix}`]);
    }
    if (options) return [[path, options.map((option) => `\`${option}\``).join(', ')]];
    if (literal !== undefined) return [[path, `\`${literal}\``]];
    return [[path, schema.type]];
  }

  it('has a row for each field of the schema, with its type', () => {
    const text = readFileSync(new URL('../../docs/bundle.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `([^`]+)`\s*\| (.+?)\s*\| .+ \|$/gm)].map(
      ([, path = '', type = '']) => [path, type],
    );
    expect(rows).toEqual(fieldsOf(BundleSchema as unknown as Schema, ''));
  });
});
