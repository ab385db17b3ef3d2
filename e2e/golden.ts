import { readFileSync } from 'node:fs';

interface GoldenLane {
  readonly ids: readonly number[];
  readonly text: string;
}

interface GoldenPrompt {
  readonly prompt: string;
  readonly prompt_ids: readonly number[];
  readonly first_divergence: number | null;
  readonly healthy: GoldenLane;
  readonly zero: GoldenLane;
}

interface Golden {
  readonly weights_sha256: string;
  readonly prompts: readonly GoldenPrompt[];
}

const FILE = new URL('../training/golden/nano-opensci.json', import.meta.url);

/** What PyTorch says with the bundled weights: greedy, healthy and with zero inv_freq. */
export const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Golden;

/** A golden prompt whose lanes part; the longest runs first. */
export function partingPrompt(): GoldenPrompt {
  const [longest] = golden.prompts
    .filter(({ first_divergence }) => first_divergence !== null)
    .sort(
      (a, b) => b.healthy.ids.length + b.zero.ids.length - a.healthy.ids.length - a.zero.ids.length,
    );
  if (longest === undefined) throw new Error('no golden prompt at which the lanes part');
  return longest;
}
