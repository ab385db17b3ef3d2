import type { OpenSource } from './modelSource';
import { fetchSource } from './modelSource';
import { filesSource } from './filesSource';
import { hubSource } from './hub/hubSource';
import { memoryFiles } from './store/memoryFiles';
import { ModelStore } from './store/modelStore';
import { opfsFiles } from './store/opfsFiles';

/** A browser's store of models, opened when first asked for: in memory where it keeps no files. */
export const browserStore = once(async () => {
  const lasting = await opfsFiles();
  return new ModelStore(lasting ?? memoryFiles(), lasting !== undefined);
});

/** A browser's sources of models. */
export const browserSource: OpenSource = async (reference, signal) => {
  switch (reference.kind) {
    case 'directory':
      return fetchSource(reference.location);
    case 'files':
      return filesSource(reference);
    case 'hub':
      return hubSource(reference, { store: await browserStore(), signal });
  }
};

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
