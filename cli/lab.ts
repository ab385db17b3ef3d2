import { appError, Failure, toAppError } from '../src/core/errors';
import { parseExportArguments, parseRunArguments, USAGE, UsageError } from './arguments';
import { exportModel } from './export';
import { runComparison } from './run';

/** 0 done, 1 it failed, 2 the arguments are wrong. */
const EXIT = { failed: 1, usage: 2 } as const;

async function main([command, ...args]: readonly string[]): Promise<void> {
  switch (command) {
    case 'run':
      return runComparison(parseRunArguments(args));
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
  await main(process.argv.slice(2));
} catch (thrown) {
  if (thrown instanceof UsageError) {
    process.stderr.write(`lab: ${oneLine(thrown.message)} (see: npm run lab -- help)\n`);
    process.exitCode = EXIT.usage;
  } else {
    const error =
      thrown instanceof Failure ? toAppError(thrown) : appError('internal', String(thrown));
    const message = error.message.replace(/\.?$/, '.');
    process.stderr.write(`lab: ${oneLine(`${message} ${error.action}`)}\n`);
    process.exitCode = EXIT.failed;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
