import { type ReactNode, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createStore } from 'zustand/vanilla';
import { Attention } from '../../src/features/inspect/Attention';
import { Logits } from '../../src/features/inspect/Logits';
import { QueriesAndKeys } from '../../src/features/inspect/QueriesAndKeys';
import { Dials } from '../../src/features/rope/Dials';
import { Frequencies } from '../../src/features/rope/Frequencies';
import { Tables } from '../../src/features/rope/Tables';
import type { Playground } from '../../src/state/playground';
import { PlaygroundProvider } from '../../src/state/PlaygroundContext';
import '../../src/ui/theme.css';
import { hand } from './hand';
import { LARGE, ropeLanes, syntheticCapture, syntheticInspection, syntheticRun } from './synthetic';

/** One view of the page, fed with a run of a large model: `?view=attention&lanes=8`, `?view=dials&lanes=8&pairs=512`. */

const asked = new URLSearchParams(window.location.search);
const count = Number(asked.get('lanes') ?? 8);
const pairs = Number(asked.get('pairs') ?? LARGE.headDim / 2);

const rope = {
  lanes: ropeLanes(count),
  config: { headDim: 2 * pairs, ropeTheta: LARGE.ropeTheta },
  positions: LARGE.positions,
  source: ['synthetic'],
};
const run = syntheticRun(count);
const capture = syntheticCapture(run);
/** All that these views ask of the page's state. */
const inspection = syntheticInspection(count);
const playground = createStore<Playground>()(() => ({ inspection }) as unknown as Playground);

const VIEWS: Readonly<Record<string, () => ReactNode>> = {
  frequencies: () => <Frequencies {...rope} />,
  dials: () => <Dials {...rope} />,
  tables: () => <Tables {...rope} />,
  'queries-and-keys': () => <QueriesAndKeys run={run} capture={capture} />,
  attention: () => <Attention run={run} capture={capture} />,
  logits: () => <PinnedLogits />,
};

function PinnedLogits() {
  const [pinnedStep, setPinnedStep] = useState<number | null>(null);
  return <Logits run={run} capture={capture} pinnedStep={pinnedStep} onPin={setPinnedStep} />;
}

window.hand = hand;
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <PlaygroundProvider playground={playground}>
      <main style={{ padding: '1rem' }}>
        {VIEWS[asked.get('view') ?? '']?.() ?? <p>There is no such view.</p>}
      </main>
    </PlaygroundProvider>
  </StrictMode>,
);
