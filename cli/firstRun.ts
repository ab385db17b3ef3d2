import { fileURLToPath } from 'node:url';
import { bundleOf, reproOfBundle } from '../src/repro/bundle';
import { formatLink } from '../src/repro/link';
import type { Recording } from '../src/repro/recording';
import { DEFAULT_SETTINGS, lanesOf } from '../src/state/settings';
import { compare, withEngine } from './compare';
import { APP_VERSION, finishedRunOf } from './finishedRun';
import { loadModel } from './loadModel';
import { directoryModel } from './wantedModel';

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

export const BUNDLED_MODEL = path('public/models/nano-opensci');
/** The run that the page shows before its model is there. */
export const FIRST_RUN_FILE = path('src/features/compare/first-run.json');

/** As many logits of a step as the page shows beside the strips of two lanes. */
const TOP_K = 5;

/**
 * Runs what the page is set to at a first visit, on the bundled model.
 * @param createdAt milliseconds since 1970; nothing else differs between two recordings
 */
export async function recordFirstRun(createdAt: number): Promise<Recording> {
  const { prompt, mode, maxNewTokens } = DEFAULT_SETTINGS;
  const lanes = lanesOf(DEFAULT_SETTINGS).map(({ fault, guard }) => ({ fault, guard }));
  const comparison = await withEngine(async (engine) => {
    const model = await loadModel(engine, directoryModel(BUNDLED_MODEL));
    return compare(engine, model, { prompt, mode, maxNewTokens, lanes, topK: TOP_K });
  });
  const view = { view: null, pinnedStep: null };
  const options = { ...view, appVersion: APP_VERSION, createdAt };
  const bundle = bundleOf(finishedRunOf(comparison), options);
  const { model, started, steps } = comparison;
  const { headDim, ropeTheta } = model.config;
  return {
    bundle,
    shown: {
      link: formatLink(reproOfBundle(bundle)),
      rope: { headDim, ropeTheta },
      prompt: started.prompt.map(({ text, label }) => ({ text, label })),
      lanes: steps.map((lane) => lane.map(({ text, label }) => ({ text, label }))),
    },
  };
}
