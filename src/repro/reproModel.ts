import type { LoadedModel } from '../protocol/engineApi';
import type { Packing } from '../protocol/models';
import { wellFormed } from './plainText';
import type { ReproModel } from './repro';

/** Hexadecimal digits of a hash that a link carries. */
export const SHORT_HASH = 16;

/** Which of two models: by their weights, and by how they are held. */
export type ModelIdentity = Pick<ReproModel, 'sha256'> & { readonly packing?: Packing };

/**
 * A loaded model as links, bundles and the history name it.
 * @param bytes what there is to fetch of it; null where nobody has said
 */
export function reproModelOf(
  {
    id,
    sha256,
    origin: { hub, commit },
    packing,
  }: Pick<LoadedModel, 'id' | 'sha256' | 'origin' | 'packing'>,
  bytes: number | null = null,
): ReproModel {
  return {
    id,
    sha256,
    ...(hub !== null && commit !== null && { hub, commit }),
    ...(packing !== 'keep' && { packing }),
    ...(bytes !== null && { bytes }),
  };
}

/** The same without what is not there, its name well-formed. */
export function plainModel({ id, sha256, hub, commit, packing, bytes }: ReproModel): ReproModel {
  return {
    id: wellFormed(id),
    sha256,
    ...(hub !== undefined && { hub }),
    ...(commit !== undefined && { commit }),
    ...(packing !== undefined && { packing }),
    ...(bytes !== undefined && { bytes }),
  };
}

/** Are these the same weights, as far as the shorter of the two hashes tells? */
export function sameWeights(a: Pick<ReproModel, 'sha256'>, b: Pick<ReproModel, 'sha256'>): boolean {
  const digits = Math.min(a.sha256.length, b.sha256.length);
  return digits >= SHORT_HASH && a.sha256.slice(0, digits) === b.sha256.slice(0, digits);
}

/** The same weights, held alike? */
export function sameModel(a: ModelIdentity, b: ModelIdentity): boolean {
  return sameWeights(a, b) && packingOf(a) === packingOf(b);
}

export function packingOf({ packing = 'keep' }: { readonly packing?: Packing }): Packing {
  return packing;
}

const PACKED: Readonly<Record<Packing, string>> = {
  keep: 'its weights as stored',
  float16: 'its weights packed to float16',
  int4: 'its weights packed to int4',
};

/** How its weights are held, as a sentence says it. */
export function packingText(model: { readonly packing?: Packing }): string {
  return PACKED[packingOf(model)];
}
