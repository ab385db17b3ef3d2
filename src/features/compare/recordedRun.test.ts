import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BUNDLED_MODEL, FIRST_RUN_FILE } from '../../../cli/firstRun';
import { parseRecording } from '../../repro/recording';
import { divergenceOf } from '../../state/run';
import { DEFAULT_SETTINGS, lanesOf } from '../../state/settings';
import { readRecordedRun } from './recordedRun';
import { verdictOf } from './verdict';

const text = readFileSync(FIRST_RUN_FILE, 'utf8');
const weights = createHash('sha256')
  .update(readFileSync(`${BUNDLED_MODEL}/model.safetensors`))
  .digest('hex');
const { bundle } = parseRecording(text);

describe('the recorded run', () => {
  const recorded = readRecordedRun(text, weights);

  it('is of the bundled weights (else: npm run record)', () => {
    expect(bundle.model.sha256).toBe(weights);
  });

  it('is what the page is set to at a first visit', () => {
    const { prompt, mode, maxNewTokens } = DEFAULT_SETTINGS;
    expect(recorded?.decoded.settings).toMatchObject({ prompt, mode, maxNewTokens });
    expect(recorded?.decoded.lanes.map(({ spec }) => spec)).toEqual(lanesOf(DEFAULT_SETTINGS));
  });

  it('has every token of its bundle, and parts where that says', () => {
    const decoded = recorded?.decoded;
    if (decoded === undefined) throw new Error('it cannot be read');
    expect(decoded.prompt.map(({ id }) => id)).toEqual(bundle.prompt.ids);
    expect(decoded.lanes.map(({ steps }) => steps.map(({ id }) => id))).toEqual(
      bundle.lanes.map(({ ids }) => ids),
    );
    expect(decoded.lanes.map(({ steps }) => steps.map((step) => step.text).join(''))).toEqual(
      bundle.lanes.map(({ text: said }) => said),
    );
    expect(divergenceOf(decoded, 1)).toBe(bundle.firstDivergence);
    expect(verdictOf(decoded).headline).toContain(`token ${(bundle.firstDivergence ?? -1) + 1}`);
    expect(decoded.lanes.map(({ rotation }) => rotation?.tablesIdentical)).toEqual([true, false]);
  });

  it('is not shown for other weights, nor if it cannot be read', () => {
    expect(readRecordedRun(text, 'c0ffee'.repeat(11).slice(0, 64))).toBeNull();
    expect(readRecordedRun('', weights)).toBeNull();
    expect(readRecordedRun(text.slice(0, -9), weights)).toBeNull();
    const { shown, ...withoutTokens } = JSON.parse(text) as Record<string, object>;
    expect(readRecordedRun(JSON.stringify(withoutTokens), weights)).toBeNull();
    const cut = { ...withoutTokens, shown: { ...shown, prompt: [] } };
    expect(readRecordedRun(JSON.stringify(cut), weights)).toBeNull();
  });
});
