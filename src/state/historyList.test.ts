import { describe, expect, it } from 'vitest';
import { entryOf, type HistoryEntry, keyOf, readEntry } from './historyEntry';
import {
  beyondBounds,
  matching,
  MOST_CHARACTERS,
  MOST_RUNS,
  readList,
  withPinned,
  withRuns,
} from './historyList';
import { finishedRun } from './testing/finishedRuns';

function entry(prompt: string, changed: Partial<HistoryEntry> = {}): HistoryEntry {
  return { ...entryOf(finishedRun({ prompt }), { at: 1, size: 10, pinned: false }), ...changed };
}

const kept = (of: HistoryEntry) => ({ entry: of, bundle: '{}' });
const many = (count: number, changed: Partial<HistoryEntry> = {}) =>
  Array.from({ length: count }, (_, i) => entry(`run ${i}`, { at: i, ...changed }));
const prompts = (entries: readonly HistoryEntry[]) => entries.map(({ prompt }) => prompt);

describe('keyOf', () => {
  it('is the same for the same settings and ids, whatever lanes are called and where it ran', () => {
    const run = finishedRun();
    const lanes = run.lanes.map((lane) => ({ ...lane, name: 'mine' }));
    const again = finishedRun({ lanes, executionProvider: 'webgpu' });
    expect(keyOf(again)).toBe(keyOf(run));
  });

  it('differs with the ids, the prompt, the mode, a parameter and the weights', () => {
    const dose = (alpha: number) => {
      const [healthy] = finishedRun().lanes;
      const fault = { kind: 'scaled', parameters: { alpha } } as const;
      if (healthy === undefined) throw new Error('none');
      return finishedRun({ lanes: [healthy, { name: '', fault, guard: 'none' }] });
    };
    const keys = [
      finishedRun(),
      finishedRun({ said: [[3], [3]] }),
      finishedRun({ prompt: 'other' }),
      finishedRun({ mode: 'teacher-forced' }),
      finishedRun({ maxNewTokens: 4 }),
      finishedRun({ model: { id: 'scripted', sha256: 'ab'.repeat(32) } }),
      dose(0.25),
      dose(0.75),
    ].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('readEntry', () => {
  it('reads what was written, from another realm as well', () => {
    const written = entry('a');
    expect(readEntry(structuredClone(written))).toEqual(written);
    expect(readEntry(JSON.parse(JSON.stringify(written)))).toEqual(written);
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'run'],
    ['no lanes', { ...entry('a'), lanes: [] }],
    [
      'a fault that there is not',
      { ...entry('a'), lanes: [{ ...entry('a').lanes[0], fault: { kind: 'x' } }] },
    ],
    ['a time that is none', { ...entry('a'), at: 1e300 }],
    ['a key that is none', { ...entry('a'), key: '<img src=x>' }],
    ['a prompt as long as a book', { ...entry('a'), prompt: 'a'.repeat(1e6) }],
  ])('takes %s for none', (_, stored) => {
    expect(readEntry(stored)).toBeNull();
  });
});

describe('readList', () => {
  it('leaves out what cannot be read, and counts it', () => {
    const { entries, unreadable } = readList([
      entry('old', { at: 1 }),
      { key: 'broken' },
      entry('new', { at: 2 }),
      null,
    ]);
    expect(prompts(entries)).toEqual(['new', 'old']);
    expect(unreadable).toEqual(['broken', null]);
  });
});

describe('bounds', () => {
  it('lets the oldest go that is not pinned', () => {
    const [oldest, second, ...others] = many(MOST_RUNS + 1);
    if (oldest === undefined || second === undefined) throw new Error('none');
    const list = readList([{ ...oldest, pinned: true }, second, ...others]);
    expect(beyondBounds(list)).toEqual([second.key]);
  });

  it('lets what cannot be read go first', () => {
    const list = readList([...many(MOST_RUNS), { key: 'broken' }]);
    expect(beyondBounds(list)).toEqual(['broken']);
  });

  it('lets several go for a long one', () => {
    const size = MOST_CHARACTERS / 4;
    const stored = many(4, { size });
    const changes = withRuns(stored, [kept(entry('long', { at: 9, size: 2 * size }))]);
    expect(changes.remove).toEqual([stored[0]?.key, stored[1]?.key]);
    expect(changes.put).toHaveLength(1);
  });

  it('keeps none that would have to go at once', () => {
    const stored = many(MOST_RUNS).map((of) => ({ ...of, at: of.at + 10 }));
    const changes = withRuns(stored, [kept(entry('ancient', { at: 1 }))]);
    expect(changes.put).toEqual([]);
  });
});

describe('withRuns', () => {
  it('moves a run that is there already, and doubles nothing', () => {
    const stored = [entry('a', { at: 1 }), entry('b', { at: 2 })];
    const changes = withRuns(stored, [kept(entry('a', { at: 3 }))]);
    expect(changes.put?.map((run) => [run.entry.key, run.entry.at])).toEqual([[stored[0]?.key, 3]]);
    expect(changes.remove).toEqual([]);
  });

  it('leaves the pinned run as it was made, and moves it', () => {
    const stored = [entry('a', { pinned: true, executionProvider: 'wasm' })];
    const changes = withRuns(stored, [kept(entry('a', { at: 5, executionProvider: 'webgpu' }))]);
    expect(changes.put).toEqual([]);
    expect(changes.entries).toEqual([
      entry('a', { at: 5, pinned: true, executionProvider: 'wasm' }),
    ]);
  });

  it('brings a pin back only if no other run is pinned', () => {
    const back = kept(entry('a', { pinned: true }));
    expect(withRuns([entry('b')], [back]).put?.[0]?.entry.pinned).toBe(true);
    expect(withRuns([entry('b', { pinned: true })], [back]).put?.[0]?.entry.pinned).toBe(false);
  });
});

describe('withPinned', () => {
  it('pins one in the place of another, and none', () => {
    const [a, b] = [entry('a', { pinned: true }), entry('b')];
    const pins = (key: string | null) =>
      withPinned([a, b], key).entries?.map(({ prompt, pinned }) => [prompt, pinned]);
    expect(pins(b.key)?.sort()).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect(pins(null)).toEqual([['a', false]]);
    expect(pins(a.key)).toEqual([]);
  });
});

describe('matching', () => {
  const [healthy] = finishedRun().lanes;
  if (healthy === undefined) throw new Error('none');
  const named = entryOf(
    finishedRun({
      prompt: 'Straße nach Rom',
      lanes: [healthy, { name: 'Half dose', fault: { kind: 'scaled' }, guard: 'patch5' }],
    }),
    { at: 2, size: 1, pinned: false },
  );
  const all = [named, entry('The capital of France is')];

  it.each([
    ['capital FRANCE', ['The capital of France is']],
    ['strasse', []],
    ['straße', ['Straße nach Rom']],
    ['half', ['Straße nach Rom']],
    ['patch5', ['Straße nach Rom']],
    ['all zeros', ['The capital of France is']],
    ['scripted', ['Straße nach Rom', 'The capital of France is']],
    ['c0ffee rom', ['Straße nach Rom']],
    ['capital rom', []],
    ['   ', ['Straße nach Rom', 'The capital of France is']],
    ['.*', []],
  ])('finds %j', (query, expected) => {
    expect(prompts(matching(all, query))).toEqual(expected);
  });
});
