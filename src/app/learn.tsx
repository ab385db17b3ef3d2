import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createEngineClient } from '../engine/client';
import { createLaboratory } from '../state/laboratory';
import { createProgress } from '../state/progress';
import { applyStoredTheme } from '../ui/theme';
import '../ui/theme.css';
import { ErrorBoundary } from './ErrorBoundary';
import { LearnPage } from './LearnPage';

const BUNDLED_MODEL = {
  id: 'nano-opensci',
  location: new URL('models/nano-opensci/', document.baseURI).href,
};
/** Where the browser does not say when it is idle. */
const SOON_MS = 1000;

const root = document.getElementById('root');
if (root === null) throw new Error('learn.html has no #root');

applyStoredTheme();
const laboratory = createLaboratory({ engine: createEngineClient(), model: BUNDLED_MODEL });
const progress = createProgress({
  // Reached for only when used: where storage is forbidden, even naming it throws.
  getItem: (key) => window.localStorage.getItem(key),
  setItem: (key, value) => window.localStorage.setItem(key, value),
});
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <LearnPage laboratory={laboratory} progress={progress} />
    </ErrorBoundary>
  </StrictMode>,
);

// Ready before the first experiment is asked for. If it fails, the experiment says so and tries again.
const loadSoon = () => void laboratory.model().catch(() => undefined);
if ('requestIdleCallback' in window) window.requestIdleCallback(loadSoon, { timeout: SOON_MS });
else setTimeout(loadSoon, SOON_MS);
