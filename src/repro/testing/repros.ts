import fc from 'fast-check';
import { type Fault, type FaultKind, type FaultParameter, FAULTS } from '../../core/faults';
import { type Guard, GUARDS } from '../../core/guards';
import { HEALTHY_LANE } from '../../core/lanes';
import type { StopReason } from '../../protocol/engineApi';
import type {
  Expectation,
  ExpectedLane,
  FinishedRun,
  Repro,
  ReproLane,
  ReproModel,
} from '../repro';
import { VIEWS } from '../repro';
import { CARRIED_IDS } from '../tokenIds';

/** Any text of whole characters: controls, bidi controls, NUL, byte order marks and emoji among them. */
const text = (maxLength: number) =>
  fc
    .oneof(
      fc.string({ unit: 'grapheme', maxLength }),
      fc.string({ unit: 'binary', maxLength }),
      fc.constantFrom(
        '<img src=x onerror=alert(1)>',
        '\u202Eevil\u2066',
        '\uFEFFbom',
        'a\0b',
        '👩‍👩‍👧',
      ),
    )
    .map((any) => any.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, ''));

const prompt = text(400).filter((any) => any.trim() !== '');

const value = ({ min, max, integer }: FaultParameter): fc.Arbitrary<number> =>
  integer
    ? fc.integer({ min, max })
    : fc.double({ min, max, noNaN: true }).map((any) => (any === 0 ? 0 : any));

const fault: fc.Arbitrary<Fault> = fc
  .constantFrom(...(Object.keys(FAULTS) as FaultKind[]))
  .chain((kind) =>
    fc.subarray([...FAULTS[kind].parameters]).chain((given) =>
      fc.tuple(...given.map(value)).map((values) => {
        const parameters = given.map(({ name }, i): [string, number] => [name, values[i] ?? 0]);
        return given.length === 0 ? { kind } : { kind, parameters: Object.fromEntries(parameters) };
      }),
    ),
  );

const lane: fc.Arbitrary<ReproLane> = fc.record({
  name: text(40),
  fault,
  guard: fc.constantFrom(...(Object.keys(GUARDS) as Guard[])),
});

const lanes = fc
  .tuple(text(40), fc.array(lane, { maxLength: 7 }))
  .map(([name, others]): ReproLane[] => [{ name, ...HEALTHY_LANE }, ...others]);

const hex = (digits: number) =>
  fc
    .array(fc.nat(15), { minLength: digits, maxLength: digits })
    .map((all) => all.map((digit) => digit.toString(16)).join(''));

const part = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,30}$/);
const hub = fc.constantFrom(
  'https://huggingface.co',
  'https://hub.example.org/mirror',
  'http://localhost:4193',
);

/** A model of a hub, or of none, its hash with so many digits. */
const model = (digits: number): fc.Arbitrary<ReproModel> =>
  fc
    .record({
      id: text(200).filter((id) => id !== ''),
      sha256: hex(digits),
      origin: fc.option(fc.record({ hub, commit: hex(40), owner: part, name: part })),
      packing: fc.constantFrom('keep', 'float16', 'int4'),
      bytes: fc.option(fc.integer({ min: 1, max: 2 ** 43 })),
    })
    .map(({ id, sha256, origin, packing, bytes }) => ({
      id: origin === null ? id : `${origin.owner}/${origin.name}`,
      sha256,
      ...(origin && { hub: origin.hub, commit: origin.commit }),
      ...(packing !== 'keep' && { packing }),
      ...(bytes !== null && { bytes }),
    }));

const stopped = fc.constantFrom<StopReason[]>('eos', 'length', 'cancelled', 'non-finite');
const tokenId = fc.oneof(fc.nat({ max: 1791 }), fc.nat({ max: 0xffffffff }));
const scored = fc.record({
  id: tokenId,
  logit: fc.float({ noNaN: true, noDefaultInfinity: true }),
});
const tops = fc.array(scored, { maxLength: 2 });

/** What a link can say of a lane: all ids, or the first and a digest. */
const expectedLane = (maxNewTokens: number): fc.Arbitrary<ExpectedLane> =>
  fc.nat({ max: maxNewTokens }).chain((length) => {
    const carried = Math.min(length, CARRIED_IDS);
    return fc.record({
      ids: fc.array(tokenId, { minLength: carried, maxLength: carried }),
      length: fc.constant(length),
      digest: length > carried ? hex(16) : fc.constant(null),
      stopped,
    });
  });

const expectation = (count: number, maxNewTokens: number): fc.Arbitrary<Expectation> =>
  fc.record({
    lanes: fc.array(expectedLane(maxNewTokens), { minLength: count, maxLength: count }),
    divergence:
      count < 2
        ? fc.constant(null)
        : fc.option(
            fc.record({ step: fc.nat({ max: maxNewTokens - 1 }), tops: fc.tuple(tops, tops) }),
          ),
    executionProvider: fc.constantFrom('wasm', 'webgpu'),
    appVersion: text(40),
  });

/** Anything that a link can say, in the forms in which it comes out of one. */
export const repros: fc.Arbitrary<Repro> = fc
  .tuple(lanes, fc.oneof(fc.integer({ min: 1, max: 48 }), fc.integer({ min: 1, max: 4096 })))
  .chain(([own, maxNewTokens]) =>
    fc.record({
      model: model(16),
      prompt,
      lanes: fc.constant(own),
      mode: fc.constantFrom('free', 'teacher-forced'),
      maxNewTokens: fc.constant(maxNewTokens),
      view: fc.option(fc.constantFrom(...VIEWS)),
      pinnedStep: fc.option(fc.nat({ max: 4095 })),
      expectation: fc.option(expectation(own.length, maxNewTokens), { freq: 4 }),
    }),
  );

const result = (maxNewTokens: number): fc.Arbitrary<FinishedRun['results'][number]> =>
  fc
    .record({
      text: text(200),
      stopped,
      chosen: fc.array(
        fc.array(
          fc.record({
            id: tokenId,
            token: text(20),
            logit: fc.float({ noNaN: true, noDefaultInfinity: true }),
          }),
          {
            minLength: 1,
            maxLength: 5,
          },
        ),
        { maxLength: maxNewTokens },
      ),
    })
    .map(({ chosen, ...rest }) => ({
      ...rest,
      ids: chosen.map(([first]) => first?.id ?? 0),
      steps: chosen.map((top) => ({ top })),
    }));

/** Any run that can have ended. */
export const finishedRuns: fc.Arbitrary<FinishedRun> = fc
  .tuple(lanes, fc.integer({ min: 1, max: 100 }))
  .chain(([own, maxNewTokens]) =>
    fc.record({
      model: model(64),
      prompt,
      lanes: fc.constant(own),
      mode: fc.constantFrom('free', 'teacher-forced'),
      maxNewTokens: fc.constant(maxNewTokens),
      executionProvider: fc.constantFrom('wasm', 'webgpu'),
      promptIds: fc.array(tokenId, { maxLength: 30 }),
      results: fc.array(result(maxNewTokens), { minLength: own.length, maxLength: own.length }),
    }),
  );

/** A finished run whose lanes chose these ids; the first damaged lane has zeros. */
export function finishedRun(
  ids: readonly (readonly number[])[],
  changed: Partial<FinishedRun> = {},
): FinishedRun {
  return {
    model: { id: 'nano', sha256: 'c0ffee00'.repeat(8) },
    prompt: 'The capital of France is',
    lanes: ids.map((_, index) => ({
      name: '',
      fault: { kind: index === 0 ? 'none' : 'zero' },
      guard: 'none',
    })),
    mode: 'free',
    maxNewTokens: Math.max(1, ...ids.map(({ length }) => length)),
    executionProvider: 'wasm',
    promptIds: [1, 2, 3],
    results: ids.map((own) => ({
      ids: own,
      text: own.map(tokenText).join(''),
      stopped: 'length',
      steps: own.map((id) => ({
        top: [
          { id, token: tokenText(id), logit: 7.5 },
          { id: id + 1, token: tokenText(id + 1), logit: 7.25 },
        ],
      })),
    })),
    ...changed,
  };
}

function tokenText(id: number): string {
  return ` w${id}`;
}
