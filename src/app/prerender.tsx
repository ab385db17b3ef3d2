import { renderToStaticMarkup } from 'react-dom/server';
import { createScriptedEngine } from '../engine/scriptedEngine';
import { createHistory } from '../state/history';
import { HistoryProvider } from '../state/HistoryContext';
import { createPlayground } from '../state/playground';
import { PlaygroundProvider } from '../state/PlaygroundContext';
import { App } from './App';

const never = () => new Promise<never>(() => undefined);

/** The page at a first visit, while its model is on the way, as HTML: for the time until its script is there. */
export function prerender(): string {
  const playground = createPlayground({
    engine: createScriptedEngine({ says: () => [], tick: never }),
    storage: { getItem: () => null, setItem: () => undefined },
    model: { id: 'nano-opensci', location: '' },
  });
  void playground.getState().load();
  const history = createHistory({
    playground,
    storage: { entries: never, bundles: never, change: never, onChange: () => () => undefined },
  });
  return renderToStaticMarkup(
    // Without this, a store is rendered as it was made, not as it is.
    <PlaygroundProvider playground={{ ...playground, getInitialState: playground.getState }}>
      <HistoryProvider history={history}>
        <App />
      </HistoryProvider>
    </PlaygroundProvider>,
  );
}
