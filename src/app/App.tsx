import { Comparison } from '../features/compare/Comparison';
import { FaultPanel } from '../features/lanes/FaultPanel';
import { LanesPanel } from '../features/lanes/LanesPanel';
import { ModelBar } from '../features/model/ModelBar';
import { ProblemPanel } from '../features/problem/ProblemPanel';
import { PromptPanel } from '../features/prompt/PromptPanel';
import { Why } from '../features/why/Why';
import { Segmented } from '../ui/Segmented';
import { type Theme, useTheme } from '../ui/theme';
import styles from './App.module.css';
import { Views } from './Views';

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** The page: what a visitor sets, what came of it, and why. */
export function App() {
  const [theme, setTheme] = useTheme();
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div>
          <h1 className={styles.name}>RoPE Collapse Playground</h1>
          <p className={styles.tagline}>
            One language model, decoded side by side in your browser: as it was trained, and with
            its rotary position embedding silently lost.
          </p>
        </div>
        <Segmented legend="Colours" options={THEMES} value={theme} onChange={setTheme} />
      </header>
      <main className={styles.main}>
        <div className={styles.controls}>
          <PromptPanel />
          <FaultPanel />
        </div>
        <LanesPanel />
        <ModelBar />
        <ProblemPanel />
        <Comparison />
        <Views />
        <Why />
      </main>
      <footer className={styles.footer}>
        Everything runs on this machine. Nothing is fetched from anywhere but this page’s own
        origin.
      </footer>
    </div>
  );
}
