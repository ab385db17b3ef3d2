import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { formatRecording } from '../src/repro/recording';
import { FIRST_RUN_FILE, recordFirstRun } from './firstRun';

/** `npm run record`: writes down the run that the page shows before its model is there. */
const recording = await recordFirstRun(Date.now());
const { model, lanes, firstDivergence } = recording.bundle;
writeFileSync(FIRST_RUN_FILE, `${formatRecording(recording)}\n`);
const parts = firstDivergence === null ? 'agree' : `part at token ${firstDivergence + 1}`;
process.stdout.write(
  `${relative(process.cwd(), FIRST_RUN_FILE)}: ${model.id} ${model.sha256.slice(0, 8)}, the lanes ${parts}\n` +
    lanes.map(({ text }) => `  ${JSON.stringify(text)}\n`).join(''),
);
