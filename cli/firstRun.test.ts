import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseBundle, reproOfBundle } from '../src/repro/bundle';
import { shortForm } from '../src/repro/expectation';
import { parseLink } from '../src/repro/link';
import { formatRecording, parseRecording } from '../src/repro/recording';
import { FIRST_RUN_FILE, recordFirstRun } from './firstRun';

const text = readFileSync(FIRST_RUN_FILE, 'utf8');
const committed = parseRecording(text);

it('the committed run is what the bundled model says today (else: npm run record)', async () => {
  const { createdAt } = committed.bundle;
  const again = await recordFirstRun(createdAt);
  const gist = ({ model, prompt, lanes }: typeof again.bundle) => ({
    sha256: model.sha256,
    prompt: prompt.ids,
    lanes: lanes.map(({ ids, stopped }) => ({ ids, stopped })),
  });
  expect(gist(committed.bundle)).toEqual(gist(again.bundle));
  expect(committed.shown.prompt).toEqual(again.shown.prompt);
  expect(committed.shown.lanes).toEqual(again.shown.lanes);
  expect(committed.shown.rope).toEqual(again.shown.rope);
  const logits = ({ lanes }: typeof again.bundle) =>
    lanes.flatMap(({ steps }) => steps.flatMap(({ top }) => top.map(({ logit }) => logit)));
  const expected = logits(again.bundle);
  logits(committed.bundle).forEach((logit, i) => expect(logit).toBeCloseTo(expected[i] ?? 0, 3));
});

it('two recordings differ by their date alone', async () => {
  const [first, second] = [await recordFirstRun(1), await recordFirstRun(2)];
  expect({ ...second, bundle: { ...second.bundle, createdAt: 1 } }).toEqual(first);
});

it('its link stands for its bundle, which any reader of bundles reads', () => {
  expect(parseBundle(text)).toEqual(committed.bundle);
  expect(parseLink(committed.shown.link)).toEqual(shortForm(reproOfBundle(committed.bundle)));
});

it('a recording survives being written and read', () => {
  expect(parseRecording(formatRecording(committed))).toEqual(committed);
  expect(`${formatRecording(committed)}\n`).toBe(text);
});
