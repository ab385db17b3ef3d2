import type { LoadPhase } from '../protocol/engineApi';

/** What a load does, as the page says it. */
export const LOAD_PHASES: Readonly<Record<LoadPhase, string>> = {
  waiting: 'Waiting for another tab, or for the hub',
  files: 'Loading the model',
  session: 'Starting the session',
  'warm-up': 'Warming up',
};
