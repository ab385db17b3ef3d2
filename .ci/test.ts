import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './ensureChromium';

/**
 * Everything that `npm test` runs, in order of how soon it can fail: format, lint, types, unit, end to end. Goes on after
 * a failure, so that one run shows them all, and ends with the totals. A check without tests of its own counts as one.
 */
interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

const reports = mkdtempSync(join(tmpdir(), 'rope-collapse-tests-'));
const unitReport = join(reports, 'unit.json');
const pageReport = join(reports, 'e2e.json');
const totals: Totals = { passed: 0, failed: 0, skipped: 0 };

check('Format', 'npx prettier --check .');
check('Lint', 'npx eslint .');
check('Types', 'npm run --silent types');
tests(
  'Unit tests',
  `npx vitest run --reporter=default --reporter=json --outputFile.json=${unitReport}`,
  () => {
    const report = readReport(unitReport) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numFailedTestSuites: number;
    };
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests,
    };
  },
);
process.env.CHROMIUM_PATH = ensureChromium() ?? '';
process.env.PLAYWRIGHT_JSON_OUTPUT_NAME = pageReport;
tests('End to end', 'npx playwright test --reporter=list,json', () => {
  const { stats } = readReport(pageReport) as {
    stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  };
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  };
});

process.exitCode = totals.failed > 0 ? 1 : 0;
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`);

function check(name: string, command: string): void {
  const ok = run(name, command);
  add({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });
}

/** A runner that fails although no test of its own did (a file that cannot be imported) counts as one failure. */
function tests(name: string, command: string, count: () => Totals): void {
  const ok = run(name, command);
  try {
    const counted = count();
    add(ok || counted.failed > 0 ? counted : { ...counted, failed: 1 });
  } catch {
    process.stdout.write(`${name}: no report was written\n`);
    add({ passed: 0, failed: 1, skipped: 0 });
  }
}

function run(name: string, command: string): boolean {
  process.stdout.write(`\n== ${name}: ${command}\n`);
  return spawnSync(command, { shell: true, stdio: 'inherit' }).status === 0;
}

function readReport(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function add(more: Totals): void {
  totals.passed += more.passed;
  totals.failed += more.failed;
  totals.skipped += more.skipped;
}
