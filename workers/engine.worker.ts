import { expose } from 'comlink';
import { browserRuntime } from './browserRuntime';
import { browserSource, browserStore } from './browserSource';
import { WorkerEngine } from './workerEngine';

/** The worker's shell: the engine behind comlink, with a browser's runtime and files from the page's origin. */
expose(
  new WorkerEngine({
    runtime: browserRuntime,
    openSource: browserSource,
    store: browserStore,
    graph: 'stored',
  }),
);
