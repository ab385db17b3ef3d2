import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Reference models that are not ours to commit, and what PyTorch says about them: `../shared` beside the repository, or
 * SHARED_DIR. Without it, tests that need them are skipped and say so; with CI_REQUIRE_SHARED=1 they fail instead.
 */
const SHARED_DIR = resolve(
  process.env.SHARED_DIR ?? fileURLToPath(new URL('../../../shared', import.meta.url)),
);

/** Are the reference models missing? For `describe.skipIf`. */
export const sharedMissing = !existsSync(join(SHARED_DIR, 'golden/stories260k.json'));

if (sharedMissing) {
  const reason = `no reference models in ${SHARED_DIR} (set SHARED_DIR)`;
  if (process.env.CI_REQUIRE_SHARED === '1') throw new Error(reason);
  console.warn(`Skipped tests: ${reason}`);
}

/** [id, logit], highest first. */
export type GoldenTop = readonly (readonly [number, number])[];

export interface GoldenRope {
  readonly inv_freq_healthy: readonly number[];
  /** [4 positions, headDim]: each row is the pairs' values twice. */
  readonly cos_healthy_pos0_3: readonly (readonly number[])[];
  readonly sin_healthy_pos0_3: readonly (readonly number[])[];
  readonly cos_faulty_pos0_3: readonly (readonly number[])[];
  readonly sin_faulty_pos0_3: readonly (readonly number[])[];
}

export interface GoldenCase {
  readonly prompt_ids: readonly number[];
  readonly greedy_healthy: readonly number[];
  readonly greedy_faulty: readonly number[];
  readonly first_divergence: number;
  readonly top10_healthy_first8: readonly GoldenTop[];
  readonly top10_faulty_first8: readonly GoldenTop[];
}

/** Of both lanes' rotated queries and keys and of their values, the largest difference per layer and position. */
export interface GoldenDifferences {
  readonly qkv_diff_seq: readonly number[];
  readonly qkv_absmax_diff_per_layer_per_pos: readonly Readonly<
    Record<'dQ' | 'dK' | 'dV', readonly number[]>
  >[];
}

export interface Stories260k extends GoldenRope {
  readonly cases: Readonly<Record<'bos' | 'once', GoldenCase & GoldenDifferences>>;
}

export type TinyOpensci = GoldenRope & GoldenCase;

export const sharedModel = (name: string): string => join(SHARED_DIR, 'models', name);

/** A text of the case that the page teaches: its facts, or the engineers' notes. */
export const sharedCase = (name: 'README.md' | 'NotesFixingOpensciRef.md'): string =>
  readFileSync(join(SHARED_DIR, 'case', name), 'utf8');

export const stories260k = (): Stories260k => golden('stories260k') as Stories260k;
export const tinyOpensci = (): TinyOpensci => golden('tiny-opensci') as TinyOpensci;

function golden(name: string): unknown {
  return JSON.parse(readFileSync(join(SHARED_DIR, 'golden', `${name}.json`), 'utf8'));
}
