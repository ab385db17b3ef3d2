import { Failure } from '../src/core/errors';
import { checkHubReference, type HubReference } from '../workers/hub/hubAddress';
import { hubSource } from '../workers/hub/hubSource';
import type { ModelSource, OpenSource } from '../workers/modelSource';
import { ModelStore } from '../workers/store/modelStore';
import { directorySource } from './directorySource';
import { exportSource } from './exportSource';
import { cacheFolder, diskFiles } from './diskFiles';

/** Where models of a hub are kept under Node. */
export function nodeStore(): ModelStore {
  return new ModelStore(diskFiles(cacheFolder()), true);
}

/** Sources of models under Node. A source is opened once, so that what was looked at is the commit that is then loaded. */
export function nodeSources(store: ModelStore): OpenSource {
  const opened = new Map<string, Promise<ModelSource>>();
  return (reference, signal) => {
    const key = JSON.stringify(reference);
    const source = opened.get(key) ?? openOne(reference, store, signal);
    opened.set(key, source);
    source.catch(() => opened.delete(key));
    return source;
  };
}

function openOne(
  reference: Parameters<OpenSource>[0],
  store: ModelStore,
  signal: AbortSignal,
): Promise<ModelSource> {
  switch (reference.kind) {
    case 'directory':
      return reference.location.endsWith('.onnx')
        ? exportSource(reference.location, reference.companion, reference)
        : directorySource(reference.location);
    case 'hub':
      return hubSource(reference, { store, signal });
    case 'files':
      throw new Failure('model-not-found', 'Only directories and hubs can be read here.');
  }
}

/** Can this commit be loaded without asking its hub for anything? */
export async function isStored(wanted: HubReference, store: ModelStore): Promise<boolean> {
  const { hub, id, revision } = checkHubReference(wanted);
  const kept = (await store.manifests()).find(
    (manifest) => manifest.hub === hub && manifest.id === id && manifest.commit === revision,
  );
  if (!kept?.complete) return false;
  const files = Object.values(kept.files).map(({ sha256 }) => store.verified(sha256));
  return (await Promise.all(files)).every((file) => file !== undefined);
}
