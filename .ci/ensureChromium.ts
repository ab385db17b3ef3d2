import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { findChromium } from '../e2e/chromium';

/**
 * Path of an installed Chromium; installs one where there is none: the distribution's package as root on Debian,
 * Playwright's download elsewhere (its path is then Playwright's own affair, so undefined).
 */
export function ensureChromium(): string | undefined {
  const found = findChromium();
  if (found !== undefined) return found;
  if (isDebian() && process.getuid?.() === 0) {
    run('apt-get update && apt-get install --yes --no-install-recommends chromium');
    return findChromium();
  }
  run('npx playwright install chromium');
  return undefined;
}

function isDebian(): boolean {
  const file = '/etc/os-release';
  return existsSync(file) && /^ID=debian$/m.test(readFileSync(file, 'utf8'));
}

function run(command: string): void {
  process.stdout.write(`\n== No Chromium found: ${command}\n`);
  spawnSync(command, { shell: true, stdio: 'inherit' });
}
