import { useCallback, useState } from 'react';
import { Comparison } from '../features/compare/Comparison';
import { PictureButtons } from '../features/compare/PictureButtons';
import { FaultPanel } from '../features/lanes/FaultPanel';
import { RunHistory } from '../features/history/RunHistory';
import { LanesPanel } from '../features/lanes/LanesPanel';
import { ModelBar } from '../features/model/ModelBar';
import { OwnModel } from '../features/models/OwnModel';
import { OwnModelButton } from '../features/models/OwnModelButton';
import { Remembered } from '../features/models/Remembered';
import { ProblemPanel } from '../features/problem/ProblemPanel';
import { PromptPanel } from '../features/prompt/PromptPanel';
import { OpenedRun } from '../features/share/OpenedRun';
import { Share } from '../features/share/Share';
import { Why } from '../features/why/Why';
import styles from './App.module.css';
import { Shell } from './Shell';
import { Views } from './Views';

/** The page: what a visitor sets, what came of it, and why. */
export function App() {
  const [bringing, setBringing] = useState(false);
  const bring = useCallback(() => setBringing(true), []);
  return (
    <Shell
      page="playground"
      lead="One language model, decoded side by side in your browser: as it was trained, and with its rotary position embedding silently lost."
    >
      <div className={styles.controls}>
        <PromptPanel />
        <FaultPanel />
      </div>
      <LanesPanel />
      <ModelBar>
        <OwnModelButton open={bringing} onToggle={() => setBringing(!bringing)} />
      </ModelBar>
      <Remembered onOpen={bring} />
      <OwnModel open={bringing} onOpen={bring} />
      <ProblemPanel />
      <OpenedRun />
      <Comparison />
      <Share>
        <PictureButtons />
      </Share>
      <RunHistory />
      <Views />
      <Why />
    </Shell>
  );
}
