import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createEngineClient } from '../engine/client';
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
    // Reached for only when used: where storage is forbidden, even naming it throws.
    getItem: (key) => window.localStorage.getItem(key),
    setItem: (key, value) => window.localStorage.setItem(key, value),
  },
  model: BUNDLED_MODEL,
});
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <PlaygroundProvider playground={playground}>
        <App />
      </PlaygroundProvider>
    </ErrorBoundary>
  </StrictMode>,
);
void playground.getState().load();
