import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleOf, formatBundle } from '../src/repro/bundle';
import { formatLink, linkTo, parseLink } from '../src/repro/link';
import type { ExpectedLane, Repro } from '../src/repro/repro';
import {
  BUNDLED_MODEL,
  directoryOf,
  lab,
  labHere,
  labJson,
  oneLineOf,
  type Outcome,
} from '../workers/testing/commandLine';
import { randomModel, TINY_LLAMA } from '../workers/testing/randomModel';
import { compare, withEngine } from './compare';
import { APP_VERSION, finishedRunOf } from './finishedRun';
import { loadModel } from './loadModel';
import { directoryModel } from './wantedModel';

/** A process of its own, on a busy machine. */
const HOOK_MS = 60_000;
const CAPITAL = 'The capital of France is';

function lastLine({ stdout, stderr, status }: Outcome, expected: number): string {
  expect({ stderr, status }).toEqual({ stderr: '', status: expected });
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return stdout.trimEnd();
}

function withLane(repro: Repro, index: number, change: (lane: ExpectedLane) => object): Repro {
  const { expectation } = repro;
  if (!expectation) throw new Error('The link expects nothing.');
  const lanes = expectation.lanes.map((lane, i) =>
    i === index ? { ...lane, ...change(lane) } : lane,
  );
  return { ...repro, expectation: { ...expectation, lanes } };
}

describe('lab link and lab repro, with the bundled model', () => {
  const run = ['--prompt', CAPITAL, '--fault', 'zero', '--max-new-tokens', '32'];
  let link = '';
  beforeAll(async () => {
    link = lastLine(await lab('link', '--model', BUNDLED_MODEL, ...run), 0);
  }, HOOK_MS);

  it('print the link of the run alone, which says what the run said', async () => {
    const document = await labJson('--model', BUNDLED_MODEL, ...run);
    expect(link).toMatch(/^http:\/\/localhost:4173\/#1\.[\w-]+$/);
    const repro = parseLink(link);
    expect(repro.model.id).toBe('nano-opensci');
    expect(document.model.sha256.startsWith(repro.model.sha256)).toBe(true);
    expect(repro).toMatchObject({ prompt: CAPITAL, mode: 'free', maxNewTokens: 32, view: null });
    expect(repro.lanes.map(({ fault, guard }) => [fault.kind, guard])).toEqual([
      ['none', 'none'],
      ['zero', 'none'],
    ]);
    expect(repro.expectation).toMatchObject({ executionProvider: 'wasm', appVersion: APP_VERSION });
    expect(repro.expectation?.lanes.map(({ ids }) => ids)).toEqual(
      document.lanes.map(({ ids }) => ids),
    );
    const step = document.firstDivergence;
    expect(repro.expectation?.divergence?.step).toBe(step);
    expect(repro.expectation?.divergence?.tops).toEqual(
      document.lanes.map(({ steps }) =>
        (steps[step ?? 0]?.top ?? []).slice(0, 2).map(({ id, logit }) => ({ id, logit })),
      ),
    );
  });

  it('fit where links go: at most 300 characters, and 2,000 with a prompt of 1,500', () => {
    const fragment = link.slice(link.indexOf('#'));
    expect(fragment.length).toBeLessThanOrEqual(300);
    const repro = parseLink(link);
    const looked = formatLink({ ...repro, view: 'queries-and-keys', pinnedStep: 31 });
    expect(looked.length + 1).toBeLessThanOrEqual(300);
    // The bundled model has no room for so many tokens; another might.
    const prompt = ENGLISH.slice(0, 1500);
    expect(prompt).toHaveLength(1500);
    expect(formatLink({ ...repro, prompt }).length + 1).toBeLessThanOrEqual(2000);
  });

  it('reproduce the run from anywhere, without being told where the model is', async () => {
    const tsx = createRequire(import.meta.url).resolve('tsx/cli');
    const command = [tsx, fileURLToPath(new URL('lab.ts', import.meta.url)), 'repro', link];
    const outcome = await new Promise<Outcome>((resolve) => {
      execFile(process.execPath, command, { cwd: tmpdir() }, (error, stdout, stderr) => {
        resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
    expect(lastLine(outcome, 0)).toBe('Reproduced: the same tokens in every lane.');
  });

  it('find an altered token, and say where', async () => {
    const repro = parseLink(link);
    const last = (repro.expectation?.lanes[1]?.length ?? 0) - 1;
    const altered = withLane(repro, 1, ({ ids }) => ({
      ids: ids.map((id, step) => (step === last ? id ^ 1 : id)),
    }));
    const outcome = await lab('repro', linkTo('https://example.org/', altered));
    const sentence = lastLine(outcome, 1);
    expect(sentence).toContain(`Reproduced up to step ${last}: at token ${last + 1}, lane 2 (inv_`);
    expect(sentence).toMatch(/ chose “.+” where .+ was expected, .+ ahead of its second choice/);
  });

  it('know the model by its weights', async () => {
    const repro = parseLink(link);
    const other = { ...repro, model: { ...repro.model, sha256: '0'.repeat(16) } };
    const outcome = await labHere('repro', formatLink(other));
    expect(lastLine(outcome, 3)).toBe(
      `Different model: expected nano-opensci with sha256 0000000000000000; found nano-opensci with sha256 ${repro.model.sha256}.`,
    );
  });
});

describe('lab repro', () => {
  let model = '';
  let link = '';
  let bundle = '';
  let missing = '';
  const prompt = 'Once';

  beforeAll(async () => {
    model = await directoryOf(randomModel(TINY_LLAMA));
    missing = join(model, 'nowhere');
    const faults = ['--fault', 'zero', '--fault', 'uninitialised:seed=7', '--guard', 'patch5'];
    const run = ['--model', model, '--prompt', prompt, ...faults, '--max-new-tokens', '100'];
    link = lastLine(await labHere('link', ...run, '--base', 'https://example.org/play/'), 0);
    bundle = await withEngine(async (engine) => {
      const loaded = await loadModel(engine, directoryModel(model));
      const { lanes, maxNewTokens } = parseLink(link);
      const comparison = await compare(engine, loaded, { prompt, lanes, maxNewTokens, topK: 3 });
      const options = { appVersion: APP_VERSION, view: null, pinnedStep: null, createdAt: 0 };
      return formatBundle(bundleOf(finishedRunOf(comparison), options));
    });
  }, HOOK_MS);

  const fileOf = async (text: string): Promise<string> => {
    const directory = await directoryOf({});
    const file = join(directory, 'run.json');
    await writeFile(file, text);
    return file;
  };

  it('takes a URL, a fragment, or the file of a bundle', async () => {
    expect(link).toMatch(/^https:\/\/example\.org\/play\/#1\./);
    const fragment = link.slice(link.indexOf('#'));
    for (const given of [link, fragment, fragment.slice(1), await fileOf(bundle)]) {
      expect(lastLine(await labHere('repro', given, '--model', model), 0)).toMatch(/^Reproduced: /);
    }
  });

  it('prints one document with --json: the verdict, what was expected, and what was found', async () => {
    const { status, stdout, stderr } = await labHere('repro', link, '--model', model, '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const document = JSON.parse(stdout) as Record<string, unknown>;
    const repro = parseLink(link);
    expect(Object.keys(document)).toEqual(['verdict', 'sentence', 'expected', 'found']);
    expect(document).toMatchObject({
      verdict: { kind: 'reproduced' },
      sentence: 'Reproduced: the same tokens in every lane.',
      expected: repro,
      found: { executionProvider: 'wasm', appVersion: APP_VERSION, model: { id: basename(model) } },
    });
    const { lanes } = document.found as { lanes: { ids: number[] }[] };
    expect(lanes.map(({ ids }) => ids.slice(0, 64))).toEqual(
      repro.expectation?.lanes.map(({ ids }) => ids),
    );
    expect(lanes.map(({ ids }) => ids.length)).toEqual([100, 100, 100]);
  });

  it('says in the document where it parts, and that it ran nothing with another model', async () => {
    const repro = parseLink(link);
    const altered = formatLink(
      withLane(repro, 2, ({ ids }) => ({ ids: [(ids[0] ?? 0) ^ 1, ...ids.slice(1)] })),
    );
    const parted = await labHere('repro', altered, '--model', model, '--json');
    expect(parted.status).toBe(1);
    expect(JSON.parse(parted.stdout)).toMatchObject({
      verdict: { kind: 'parted', lane: 2, step: 0, beyond: false },
    });
    const other = { ...repro, model: { ...repro.model, sha256: 'f'.repeat(16) } };
    const different = await labHere('repro', formatLink(other), '--model', model, '--json');
    expect(different.status).toBe(3);
    expect(JSON.parse(different.stdout)).toMatchObject({
      verdict: { kind: 'different-model', expected: { sha256: 'f'.repeat(16) } },
      found: null,
    });
  });

  it('finds what is beyond the ids of a link by their digest, and in a bundle by the id', async () => {
    const altered = withLane(parseLink(link), 0, () => ({ digest: '0'.repeat(16) }));
    expect(lastLine(await labHere('repro', formatLink(altered), '--model', model), 1)).toMatch(
      /^Reproduced up to step 64: after token 64, lane 1 \(Healthy\) differs somewhere/,
    );
    interface Lane {
      ids: number[];
      steps: { top: { id: number }[] }[];
    }
    const document = JSON.parse(bundle) as { lanes: Lane[] };
    const lane = document.lanes[1];
    const top = lane?.steps[80]?.top[0];
    if (!lane || !top) throw new Error('The bundle has no such step.');
    top.id = lane.ids[80] = (lane.ids[80] ?? 0) ^ 1;
    const file = await fileOf(JSON.stringify(document));
    expect(lastLine(await labHere('repro', file, '--model', model), 1)).toMatch(
      /^Reproduced up to step 80: at token 81, lane 2/,
    );
  });

  it('cannot run without the model', async () => {
    const unknown = oneLineOf(await labHere('repro', link), 3);
    expect(unknown).toContain(`The link is of the model ${basename(model)}, and --model`);
    expect(oneLineOf(await labHere('repro', link, '--model', missing), 3)).toContain(
      'There is no directory',
    );
    const empty = await directoryOf({});
    expect(oneLineOf(await labHere('repro', link, '--model', empty), 3)).toContain('config.json');
  });

  it('cannot run what the model does not take', async () => {
    const long = { ...parseLink(link), prompt: 'Once upon a time '.repeat(20) };
    expect(oneLineOf(await labHere('repro', formatLink(long), '--model', model), 3)).toMatch(
      /exceed the context/,
    );
  });

  it('refuses what is not a link, not a bundle, and not an argument, in one line', async () => {
    const folder = join(await directoryOf({}), 'folder');
    await mkdir(folder);
    const settings = formatLink({ ...parseLink(link), expectation: null });
    const cases: [readonly string[], RegExp][] = [
      [[], /the link or the file is missing/],
      [[link, link], /one link at a time/],
      [[link, '--fast'], /--fast/],
      [['nowhere.json'], /There is no file nowhere\.json, and it is not the link/],
      [['https://example.org/#views'], /not the link of a run/],
      [['\u202Egnp\n'], /There is no file \\u\{202e\}gnp\\n/],
      [[link.slice(0, -9)], /damaged/],
      [[link.replace('#1.', '#2.')], /of version 2; this is a reader of version 1/],
      [[`#1.${'A'.repeat(100_000)}`, '--model', missing], /damaged/],
      [[settings], /not what comes of it/],
      [[folder], /is not a file/],
      [[await fileOf('{')], /not JSON/],
      [[await fileOf('{}')], /not the bundle of a run/],
      [[await fileOf(bundle.replace('"guard":"patch5"', '"guard":"dog"'))], /lanes\.2\.guard/],
      [[await fileOf(bundle.replace('"version":1', '"version":7'))], /of version 7/],
    ];
    for (const [args, reason] of cases) {
      expect(oneLineOf(await labHere('repro', ...args), 2)).toMatch(reason);
    }
    const spawned = await lab('repro', 'nowhere.json');
    expect(oneLineOf(spawned, 2)).toMatch(/^There is no file nowhere\.json/);
  });
});

describe('lab link', () => {
  it('takes the options of lab run, and the address of the page', async () => {
    const run = ['--model', BUNDLED_MODEL, '--prompt', CAPITAL, '--max-new-tokens', '2'];
    const more = ['--fault', 'band:fastest=4', '--guard', 'refill', '--mode', 'teacher-forced'];
    const base = ['--base', 'https://example.org/?a=1#views'];
    const { status, stdout } = await labHere('link', ...run, ...more, ...base, '--json');
    expect(status).toBe(0);
    const { link } = JSON.parse(stdout) as { link: string };
    expect(link).toMatch(/^https:\/\/example\.org\/\?a=1#1\./);
    expect(parseLink(link)).toMatchObject({
      mode: 'teacher-forced',
      maxNewTokens: 2,
      lanes: [{}, { fault: { kind: 'band', parameters: { fastest: 4 } }, guard: 'refill' }],
    });
  });

  it('refuses other addresses, and fails where lab run fails', async () => {
    const run = ['link', '--model', 'nowhere', '--prompt', 'Once'];
    for (const base of ['example.org', 'javascript:alert(1)', '']) {
      expect(oneLineOf(await labHere(...run, '--base', base), 2)).toMatch(/--base is the address/);
    }
    expect(oneLineOf(await labHere('link', '--model', 'nowhere'), 2)).toMatch(
      /--prompt is missing/,
    );
    expect(oneLineOf(await labHere(...run), 1)).toMatch(/There is no directory/);
  });
});

/** Prose, as a long prompt is. */
const ENGLISH = `A rotary position embedding turns each pair of components of a query and of a key by an angle that grows with the position of its token. The attention score of two tokens then depends on how far apart they are, because the two rotations cancel except for their difference. The frequencies of the pairs form a geometric series: the first pair turns by one radian per token, the last by so little that a whole text hardly moves it. Fast pairs let a head find its neighbour; slow pairs let it tell a chapter from the next. None of this is learned. It is computed when the module is built, kept in a buffer, and left out of the checkpoint, since anyone can compute it again from two numbers. That is how it gets lost. A loader that builds the model without memory, fills in what the file holds and asks for nothing else will leave this one buffer as it found it. Where the memory was fresh, it holds zeros, and the rotation becomes the identity. Nothing crashes. The weights are all in place, the loss on a short question is only a little worse, and the first words of an answer are often right. Then the text begins to circle: it repeats a name, forgets how many things it has listed, copies the wrong word of a list, and ends in the same phrase over and over. People who meet this look for a bad tokenizer, a broken cast, a wrong checkpoint. They compare tensors and find no difference. The page that you are reading shows what they could not see, token by token, with the healthy model beside the damaged one, and asks the visitor to find the place where the two of them part.`;
