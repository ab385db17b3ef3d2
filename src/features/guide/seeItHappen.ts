import { linkTo } from '../../repro/link';

/** By the build: the weights that the playground comes with. */
declare const BUNDLED_WEIGHTS_SHA256: string;

/** The playground with what the patterns leave: exact zeros, and what loaders really leave, with patch 5 and with a refill. */
export function seeItHappen(): string {
  return linkTo('./', {
    model: { id: 'nano-opensci', sha256: BUNDLED_WEIGHTS_SHA256 },
    prompt: 'The capital of France is',
    lanes: [
      { name: '', fault: { kind: 'none' }, guard: 'none' },
      { name: '', fault: { kind: 'zero' }, guard: 'patch5' },
      { name: '', fault: { kind: 'uninitialised' }, guard: 'patch5' },
      { name: '', fault: { kind: 'uninitialised' }, guard: 'refill' },
    ],
    mode: 'free',
    maxNewTokens: 32,
    view: 'frequencies',
    pinnedStep: null,
    expectation: null,
  });
}
