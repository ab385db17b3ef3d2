import type { LaneSpec } from '../../core/lanes';
import type { LoadedModel } from '../../protocol/engineApi';
import { linkTo } from '../../repro/link';
import type { View } from '../../repro/repro';
import { PUBLISHED } from './caseFigures';

const NEW_TOKENS = 24;

/**
 * The playground with these lanes beside the healthy one, and the prompt of the case. It expects nothing: what comes of it
 * is for the visitor to see.
 *
 * @param site the address of the site, to which pages are relative
 */
export function playgroundLink(
  site: string,
  { id, sha256 }: Pick<LoadedModel, 'id' | 'sha256'>,
  lanes: readonly LaneSpec[],
  view: View | null,
): string {
  return linkTo(new URL('./', site).href, {
    model: { id, sha256 },
    prompt: PUBLISHED.prompt,
    lanes: [
      { name: '', fault: { kind: 'none' }, guard: 'none' },
      ...lanes.map((lane) => ({ name: '', ...lane })),
    ],
    mode: 'free',
    maxNewTokens: NEW_TOKENS,
    view,
    pinnedStep: null,
    expectation: null,
  });
}
