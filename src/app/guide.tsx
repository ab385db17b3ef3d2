import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { FieldGuide } from '../features/guide/FieldGuide';
import { applyStoredTheme } from '../ui/theme';
import '../ui/theme.css';
import { ErrorBoundary } from './ErrorBoundary';
import { Shell } from './Shell';

const root = document.getElementById('root');
if (root === null) throw new Error('guide.html has no #root');

applyStoredTheme();
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <Shell
        page="guide"
        title="Field guide"
        lead="Where models lost a buffer while loading, what those cases share, which ways of writing a rotary embedding survive, and how to test for it."
      >
        <FieldGuide />
      </Shell>
    </ErrorBoundary>
  </StrictMode>,
);
