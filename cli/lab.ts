import { appError, Failure, toAppError } from '../src/core/errors';
import {
  parseExportArguments,
  parseLinkArguments,
  parseReproArguments,
  parseRunArguments,
} from './arguments';
import { exportModel } from './export';
import { printLink } from './link';
import { UsageError } from './options';
import { reproduce, reproExit } from './repro';
import { runComparison } from './run';
import { USAGE } from './usage';

/** 0 done, 1 it failed, 2 the arguments are wrong. */
const EXIT = { failed: 1, usage: 2 } as const;

const [command, ...args] = process.argv.slice(2);

async function main(): Promise<void> {
  switch (command) {
    case 'run':
      return runComparison(parseRunArguments(args));
    case 'link':
      return printLink(parseLinkArguments(args));
    case 'repro':
      process.exitCode = await reproduce(parseReproArguments(args));
      return;
    case 'export':
      return exportModel(parseExportArguments(args));
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      process.stdout.write(USAGE);
      return;
    default:
      throw new UsageError(`there is no command ${JSON.stringify(command)}`);
  }
}

try {
  await main();
} catch (thrown) {
  if (thrown instanceof UsageError) {
    process.stderr.write(`lab: ${oneLine(thrown.message)} (see: npm run lab -- help)\n`);
    process.exitCode = EXIT.usage;
  } else {
    const error =
      thrown instanceof Failure ? toAppError(thrown) : appError('internal', String(thrown));
    const message = error.message.replace(/\.?$/, '.');
    process.stderr.write(`lab: ${oneLine(`${message} ${error.action}`)}\n`);
    process.exitCode = command === 'repro' ? reproExit(error.code) : EXIT.failed;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
