import { Failure } from '../src/core/errors';
import type { LoadedModel } from '../src/protocol/engineApi';
import type { ModelSurvey } from '../src/protocol/models';
import { heldAs } from '../src/state/surveyActions';
import type { Engine } from '../workers/engine';
import { progressLine } from './progressLine';
import { unwrap } from './unwrap';
import type { WantedModel } from './wantedModel';

export interface ReadyModel {
  readonly model: LoadedModel;
  /** What there is to fetch of it; null for a model of no hub. */
  readonly bytes: number | null;
}

/**
 * Looks at a model, then loads it under its own name. What cannot be held here is refused before it is fetched.
 * @param check may refuse it after the look
 * @throws Failure
 */
export async function loadModel(
  engine: Engine,
  { reference, packing: wanted }: WantedModel,
  check: (survey: ModelSurvey) => void = () => undefined,
): Promise<ReadyModel> {
  const looked = unwrap(await engine.survey({ reference }));
  const { id, packings, recommended } = looked;
  const packing = wanted ?? recommended;
  const survey = heldAs(looked, packing);
  const obstacle = packings.find((choice) => choice.packing === packing)?.obstacle ?? null;
  if (obstacle !== null) throw new Failure('memory-exceeded', `${packing}: ${obstacle}`);
  check(survey);
  const ofHub = reference.kind === 'hub';
  const line = ofHub ? progressLine(id) : undefined;
  const request = { reference, id, packing, executionProvider: 'auto' } as const;
  try {
    const loaded = await engine.load(request, (progress) => line?.show(progress));
    return { model: unwrap(loaded), bytes: ofHub ? survey.totalBytes : null };
  } finally {
    line?.clear();
  }
}
