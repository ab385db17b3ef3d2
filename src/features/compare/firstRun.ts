import recording from './first-run.json?raw';
import { readRecordedRun } from './recordedRun';

/** Of public/models/nano-opensci/model.safetensors: see vite.config.ts. */
declare const BUNDLED_WEIGHTS_SHA256: string;

/** The run of the first visit, as `npm run record` wrote it down. Null if the weights have been replaced since. */
export const FIRST_RUN = readRecordedRun(recording, BUNDLED_WEIGHTS_SHA256);
