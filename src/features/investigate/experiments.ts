import { createStore, type StoreApi } from 'zustand/vanilla';
import { type AppError, settle } from '../../core/errors';
import type { Laboratory } from '../../state/laboratory';

/** An experiment, from pressing its button to its numbers. While it is made again, the last ones stay. */
export type ExperimentStatus<T> =
  | { readonly status: 'running'; readonly last: T | null }
  | { readonly status: 'done'; readonly finding: T }
  | { readonly status: 'failed'; readonly error: AppError };

export interface Experiments<T> {
  /** By the slug of their step; one that was never started is not there. */
  readonly bySlug: Readonly<Record<string, ExperimentStatus<T>>>;
  /** Does nothing while it goes on. Several are made one after the other. */
  readonly start: (
    slug: string,
    experiment: (laboratory: Laboratory) => Promise<T>,
  ) => Promise<void>;
}

/** Experiments live outside of the steps, so that a finding is still there when one comes back. */
export function createExperiments<T>(laboratory: Laboratory): StoreApi<Experiments<T>> {
  return createStore<Experiments<T>>()((set, get) => {
    const put = (slug: string, status: ExperimentStatus<T>) =>
      set(({ bySlug }) => ({ bySlug: { ...bySlug, [slug]: status } }));
    return {
      bySlug: {},
      start: async (slug, experiment) => {
        const before = get().bySlug[slug];
        if (before?.status === 'running') return;
        put(slug, { status: 'running', last: findingOf(before) });
        const result = await settle(() => laboratory.inTurn(() => experiment(laboratory)));
        put(
          slug,
          result.ok
            ? { status: 'done', finding: result.value }
            : { status: 'failed', error: result.error },
        );
      },
    };
  });
}

/** The finding that is on screen, if there is one. */
export function findingOf<T>(experiment: ExperimentStatus<T> | undefined): T | null {
  switch (experiment?.status) {
    case undefined:
    case 'failed':
      return null;
    case 'running':
      return experiment.last;
    case 'done':
      return experiment.finding;
  }
}
