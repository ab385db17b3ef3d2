import { Failure } from '../src/core/errors';
import { fetchSource, type OpenSource } from './modelSource';

/** A browser's sources of models. */
export const sourceOf: OpenSource = (reference) => {
  if (reference.kind === 'directory') return fetchSource(reference.location);
  throw new Failure('model-not-found', 'This page has only its own model.');
};
