import { expose } from 'comlink';
import { browserRuntime } from './browserRuntime';
import { Engine } from './engine';
import { browserSource, browserStore } from './browserSource';

/** The worker's shell: the engine behind comlink, with a browser's runtime and files from the page's origin. */
expose(
  new Engine({
    runtime: browserRuntime,
    openSource: browserSource,
    store: browserStore,
    graph: 'stored',
  }),
);
