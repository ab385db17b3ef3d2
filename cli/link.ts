import { reproOf } from '../src/repro/expectation';
import { linkTo } from '../src/repro/link';
import type { LinkArguments } from './arguments';
import { compare, withEngine } from './compare';
import { APP_VERSION, finishedRunOf } from './finishedRun';
import { loadModel } from './loadModel';

/** Runs the lanes, and writes the link of the run to stdout, alone. */
export async function printLink(options: LinkArguments): Promise<void> {
  const comparison = await withEngine(async (engine) =>
    compare(engine, await loadModel(engine, options.model), options),
  );
  const run = finishedRunOf(comparison);
  const repro = reproOf(run, { appVersion: APP_VERSION, view: null, pinnedStep: null });
  const link = linkTo(options.base, repro);
  process.stdout.write(`${options.json ? JSON.stringify({ link }, null, 2) : link}\n`);
}
