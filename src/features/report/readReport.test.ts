import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/errors';
import { forgetReport, keepReport, restoreReport } from './keptReport';
import { LARGEST_REPORT, readReport, reportText } from './readReport';
import { freshMemory, loadFacts, machineFacts, remedyFacts } from './reportFacts';

const FOLDER = fileURLToPath(new URL('../../../training/reports/', import.meta.url));
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const textOf = (name: string) => readFileSync(FOLDER + name, 'utf8');
const real = textOf('transformers-5.18.0.json');

/** The code that a text is refused with. */
function refusal(text: string): string {
  try {
    readReport(text);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.code;
    throw thrown;
  }
  return 'accepted';
}

/** The real report with the value at a path replaced, or taken out. */
function altered(path: readonly (string | number)[], value?: unknown): string {
  const report = JSON.parse(real) as Record<string | number, unknown>;
  let place = report;
  for (const step of path.slice(0, -1)) place = place[step] as typeof place;
  const last = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return JSON.stringify(report);
}

/** Paths to everything in a JSON value, that value itself left out. */
function paths(value: unknown): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item: unknown, i) => [i, item])
    : Object.entries(value);
  return entries.flatMap(([key, item]) => [[key], ...paths(item).map((rest) => [key, ...rest])]);
}

describe('readReport', () => {
  it.each(files)('reads %s, and finds facts in it', (name) => {
    const report = readReport(textOf(name));
    expect(report).toEqual(JSON.parse(textOf(name)));
    expect(name).toContain(report.environment.transformers);
    expect(machineFacts(report).every(([, text]) => text !== '')).toBe(true);
    expect(report.loads.map(loadFacts)).toHaveLength(report.loads.length);
  });

  it.each([
    ['', 'report-invalid'],
    ['{', 'report-invalid'],
    ['null', 'report-invalid'],
    ['[]', 'report-invalid'],
    ['{"schema":"rope-collapse-bundle","version":1}', 'report-invalid'],
    ['{"schema":"rope-collapse-report","version":2}', 'report-version'],
    ['{"schema":"rope-collapse-report","version":"1"}', 'report-invalid'],
    ['['.repeat(LARGEST_REPORT), 'report-invalid'],
    [' '.repeat(LARGEST_REPORT + 1), 'report-too-large'],
  ])('refuses %#', (text, code) => {
    expect(refusal(text)).toBe(code);
  });

  it('refuses what would be shown wrongly', () => {
    const hostile: [path: (string | number)[], value?: unknown][] = [
      [['loads', 0, 'after_loading', 'state'], 'fine'],
      [['loads', 0, 'after_loading', 'values', 0], 'Infinity'],
      [['loads', 0, 'after_loading', 'zeros'], 33],
      [['loads', 0, 'after_loading', 'bits'], []],
      [['loads', 1, 'number'], 9],
      [['loads', 1, 'remedy'], 'none'],
      [['loads', 3]],
      [['options', 'loads'], 4],
      [['hostname'], 'here'],
      [['created'], '<img src=x>'],
      [['environment', 'processor'], 'x'.repeat(121)],
      [['environment', 'allocator'], { LD_PRELOAD: 1 }],
    ];
    for (const [path, value] of hostile) {
      expect(refusal(altered(path, value)), path.join('.')).toBe('report-invalid');
    }
  });

  it('reads a mutated report or refuses it by name, and never throws anything else', () => {
    const everywhere = paths(JSON.parse(real));
    fc.assert(
      fc.property(
        fc.constantFrom(...everywhere),
        fc.oneof(fc.constant(undefined), fc.jsonValue(), fc.constant(1e308), fc.constant('\u202e')),
        (path, value) => {
          const text = altered(path, value);
          const code = refusal(text);
          expect(['accepted', 'report-invalid', 'report-version', 'report-too-large']).toContain(
            code,
          );
          if (code !== 'accepted') return;
          const report = readReport(text);
          for (const [, fact] of machineFacts(report)) expect(fact).not.toContain('\u202e');
          for (const facts of report.loads.map(loadFacts)) {
            expect(facts.verdict).not.toContain('\u202e');
            expect(facts.firstFour).not.toContain('undefined');
          }
          remedyFacts(report);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('refuses every text that is cut off', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: real.trimEnd().length - 1 }), (length) => {
        expect(refusal(real.slice(0, length))).toBe('report-invalid');
      }),
      { numRuns: 50 },
    );
  });
});

describe('reportText', () => {
  it('looks at the size before it reads', async () => {
    const large = new File(['x'.repeat(LARGEST_REPORT + 1)], 'large.json');
    await expect(reportText(large)).rejects.toMatchObject({ code: 'report-too-large' });
    expect(await reportText(new File([real], 'report.json'))).toBe(real);
  });
});

describe('what a report says', () => {
  it('of leftovers: refilling mended every load', () => {
    const facts = remedyFacts(readReport(real));
    expect(facts.map(({ remedy }) => remedy)).toEqual(['none', 'patch5', 'refill', 'init_weights']);
    expect(facts.map(({ fired }) => fired)[2]).toBe('5 of 5');
    expect(facts.map(({ ids }) => ids).slice(2)).toEqual(['healthy', 'healthy']);
    expect(facts[0]?.afterLoading).toMatch(/garbage/);
  });

  it.each(files)('of patch 5 in %s: it fired on exact zeros, and on nothing else', (name) => {
    for (const { remedy, after_loading: held, forward } of readReport(textOf(name)).loads) {
      if (remedy === 'patch5') expect(forward.guard_fired).toBe(held.state === 'zeros');
    }
  });

  it('of exact zeros: patch 5 fired', () => {
    const report = readReport(textOf('transformers-5.18.0-malloc-perturb-255.json'));
    expect(freshMemory(report)).toBe('MALLOC_PERTURB_=255');
    expect(remedyFacts(report).slice(0, 2)).toEqual([
      {
        remedy: 'none',
        afterLoading: 'exact zeros',
        inForward: 'exact zeros',
        fired: null,
        ids: 'zero inv_freq',
      },
      {
        remedy: 'patch5',
        afterLoading: 'exact zeros',
        inForward: 'right',
        fired: '3 of 3',
        ids: 'healthy',
      },
    ]);
  });

  it('of 4.57.6: built on the CPU, and right', () => {
    const report = readReport(textOf('transformers-4.57.6.json'));
    expect(machineFacts(report)).toContainEqual(['__init__ ran', 'on cpu, readable there']);
    expect(remedyFacts(report).map(({ inForward }) => inForward)).toEqual(
      Array.from({ length: 4 }, () => 'right'),
    );
  });
});

describe('a kept report', () => {
  const memory = () => {
    const kept = new Map<string, string>();
    return {
      kept,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
  };

  it('comes back, until it is removed', () => {
    const storage = memory();
    expect(restoreReport(() => storage)).toBeNull();
    expect(keepReport(() => storage, real)).toBe(true);
    expect(restoreReport(() => storage)).toEqual(readReport(real));
    forgetReport(() => storage);
    expect(restoreReport(() => storage)).toBeNull();
  });

  it('that was damaged is gone, and breaks nothing', () => {
    const storage = memory();
    keepReport(() => storage, real.slice(1));
    expect(restoreReport(() => storage)).toBeNull();
    expect(storage.kept.size).toBe(0);
  });

  it('is none where storage is forbidden', () => {
    const forbidden = () => {
      throw new DOMException('no', 'SecurityError');
    };
    expect(restoreReport(forbidden)).toBeNull();
    expect(keepReport(forbidden, real)).toBe(false);
  });
});
