import { fileURLToPath } from 'node:url';
import { Failure } from '../src/core/errors';
import { DEFAULT_HUB, type ModelSurvey } from '../src/protocol/models';
import { visible } from '../src/repro/plainText';
import type { Repro, ReproModel } from '../src/repro/repro';
import { isLarger } from '../src/state/wayToModel';
import type { ModelStore } from '../workers/store/modelStore';
import type { ReproArguments } from './arguments';
import { isStored } from './nodeSource';
import { sizeText } from './sizeText';
import { directoryModel, type WantedModel } from './wantedModel';

const BUNDLED_ID = 'nano-opensci';
const BUNDLED_DIRECTORY = fileURLToPath(new URL(`../public/models/${BUNDLED_ID}`, import.meta.url));

/**
 * The model to run a link on: the one that was named, or the link's own where it is here or may be fetched. Its weights are
 * held as the link says.
 * @throws Failure model-not-found, not-downloaded
 */
export async function modelOfLink(
  { model }: Repro,
  { model: named, download }: Pick<ReproArguments, 'model' | 'download'>,
  store: ModelStore,
): Promise<WantedModel> {
  const packing = model.packing ?? named?.packing ?? 'keep';
  if (named) return { ...named, packing };
  const { id, hub, commit } = model;
  if (hub === undefined || commit === undefined) {
    if (id === BUNDLED_ID) return { ...directoryModel(BUNDLED_DIRECTORY), packing };
    throw new Failure(
      'model-not-found',
      `The link is of the model ${visible(id)}, and --model does not say where it is.`,
    );
  }
  const reference = { kind: 'hub', hub, id, revision: commit } as const;
  if (download || (await isStored(reference, store))) return { reference, packing };
  throw new Failure('not-downloaded', `${described(model)}. It is not stored here.`);
}

/**
 * Nobody agreed to more than the link says.
 * @throws Failure not-downloaded
 */
export function checkSize(survey: ModelSurvey, { bytes }: ReproModel): void {
  if (bytes === undefined || !isLarger(survey, bytes)) return;
  throw new Failure(
    'not-downloaded',
    `${visible(survey.id)} has ${sizeText(survey.totalBytes)}, more than the ${sizeText(bytes)} that the link says, so it is not fetched for it.`,
  );
}

function described({ id, hub = DEFAULT_HUB, commit = '', bytes }: ReproModel): string {
  const from = hub === DEFAULT_HUB ? 'a hub' : `the hub ${visible(hub)}`;
  const size = bytes === undefined ? 'of a size that it does not say' : sizeText(bytes);
  return `The link is of a model of ${from}, ${visible(id)} at commit ${commit.slice(0, 12)}, ${size}`;
}
