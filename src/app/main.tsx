import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createEngineClient } from '../engine/client';
import { browserAddress } from '../state/address';
import { followAddress } from '../state/addressBar';
import { createHistory } from '../state/history';
import { HistoryProvider } from '../state/HistoryContext';
import { createIndexedRuns } from '../state/indexedRuns';
import { createPlayground } from '../state/playground';
import { PlaygroundProvider } from '../state/PlaygroundContext';
import { applyStoredTheme } from '../ui/theme';
import '../ui/theme.css';
import { App } from './App';
import { ErrorBoundary } from './ErrorBoundary';

const BUNDLED_MODEL = {
  id: 'nano-opensci',
  location: new URL('models/nano-opensci/', document.baseURI).href,
};

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

applyStoredTheme();
const playground = createPlayground({
  engine: createEngineClient(),
  storage: {
    // Reached for only when used: where storage is forbidden, even naming it throws. A page that is loaded again finds
    // what was set in it, whatever another tab has set since.
    getItem: (key) => window.sessionStorage.getItem(key) ?? window.localStorage.getItem(key),
    setItem: (key, value) => {
      window.localStorage.setItem(key, value);
      window.sessionStorage.setItem(key, value);
    },
  },
  model: BUNDLED_MODEL,
  ...('storage' in navigator && { persist: () => navigator.storage.persist() }),
});
void playground.getState().begin();
// Before the first render, which then shows what the link says; after the load has begun, so that its run waits for it.
followAddress(playground, browserAddress());
const history = createHistory({ playground, storage: createIndexedRuns() });
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <PlaygroundProvider playground={playground}>
        <HistoryProvider history={history}>
          <App />
        </HistoryProvider>
      </PlaygroundProvider>
    </ErrorBoundary>
  </StrictMode>,
);
