import { readReport } from './readReport';
import type { Report } from './reportSchema';

/** A chunk each, fetched when it is chosen. */
const FILES = import.meta.glob<string>('../../../training/reports/*.json', {
  query: '?raw',
  import: 'default',
});

const VARIANTS: Readonly<Record<string, string>> = {
  '': 'memory as it comes',
  deterministic: 'NaN in fresh memory',
  'deterministic-eager': 'NaN in fresh memory, eager attention',
  'malloc-perturb-165': 'MALLOC_PERTURB_=165',
  'malloc-perturb-255': 'MALLOC_PERTURB_=255',
};

/** The committed reports: the file's name without its ending, and what it is called. */
export const MEASURED_REPORTS: readonly (readonly [name: string, label: string])[] = Object.keys(
  FILES,
).map((path) => {
  const name = nameOf(path);
  return [name, labelOf(name)];
});

/** @throws what the network throws, and Failure for a file that is not a report */
export async function measuredReport(name: string): Promise<Report> {
  const found = Object.entries(FILES).find(([path]) => nameOf(path) === name);
  if (found === undefined) throw new Error(`There is no report ${name}.`);
  const [, load] = found;
  return readReport(await load());
}

function nameOf(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.json$/, '');
}

/** "transformers-5.18.0-malloc-perturb-255" → "measured with 5.18.0, MALLOC_PERTURB_=255". */
function labelOf(name: string): string {
  const [, version = name, variant = ''] = /^transformers-([\d.]+)-?(.*)$/.exec(name) ?? [];
  return `measured with ${version}, ${VARIANTS[variant] ?? variant.replaceAll('-', ' ')}`;
}
