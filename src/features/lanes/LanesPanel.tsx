import { useEffect, useRef, useState } from 'react';
import type { RunMode } from '../../protocol/engineApi';
import { alike, type LaneSettings, MOST_LANES } from '../../state/lanes';
import { usePlayground } from '../../state/PlaygroundContext';
import { LaneMark, laneName } from '../../ui/lane';
import { Segmented } from '../../ui/Segmented';
import { LaneCard } from './LaneCard';
import styles from './LanesPanel.module.css';
import { type Preset, PRESETS } from './presets';

const MODES: readonly (readonly [RunMode, string])[] = [
  ['free', 'Free'],
  ['teacher-forced', 'Teacher-forced'],
];

const MODE_EXPLANATIONS: Readonly<Record<RunMode, string>> = {
  free: 'Each lane reads on in its own text, as a broken model would. After two lanes have parted they read different texts, so only what comes before compares like with like.',
  'teacher-forced':
    'Every lane reads the healthy text, and is asked at each step what it would have chosen. All steps then compare like with like, but a damaged lane never meets its own mistakes.',
};

/** Where the panel leaves room for the results below it. */
const WIDE = '(width >= 62rem)';

/** All lanes, and how they run. Closed at first sight: one lane and its switch need none of this. */
export function LanesPanel() {
  const lanes = usePlayground(({ settings }) => settings.lanes);
  const mode = usePlayground(({ settings }) => settings.mode);
  const setMode = usePlayground((playground) => playground.setMode);
  const [startsOpen] = useState(() => lanes.length > 1 && window.matchMedia(WIDE).matches);
  return (
    <details className={styles.panel} open={startsOpen} data-keeps-view>
      <summary className={styles.summary}>
        <span className={styles.title}>Lanes and faults</span>
        <span className={styles.marks}>
          {Array.from({ length: lanes.length + 1 }, (_, lane) => (
            <LaneMark key={lane} lane={lane} />
          ))}
        </span>
        <span className={styles.gist}>
          {lanes.length === 1
            ? 'healthy against one lane'
            : `healthy against ${lanes.length} lanes`}
          {mode === 'free' ? '' : ', teacher-forced'}
        </span>
      </summary>
      <div className={styles.body}>
        <Presets lanes={lanes} />
        <LaneList lanes={lanes} />
        <div className={styles.mode}>
          <h3 className="eyebrow">What the lanes read</h3>
          <Segmented legend="What the lanes read" options={MODES} value={mode} onChange={setMode} />
          <p className="note">{MODE_EXPLANATIONS[mode]}</p>
        </div>
      </div>
    </details>
  );
}

function Presets({ lanes }: { readonly lanes: LaneSettings }) {
  const applyPreset = usePlayground((playground) => playground.applyPreset);
  const standing = PRESETS.find((preset) => stands(preset, lanes));
  return (
    <div className={styles.presets} role="group" aria-label="Presets">
      <span className="eyebrow">Presets</span>
      {PRESETS.map((preset) => (
        <button
          key={preset.label}
          type="button"
          className={styles.preset}
          aria-pressed={preset === standing}
          title={preset.question}
          onClick={() => applyPreset(preset.lanes)}
        >
          {preset.label}
        </button>
      ))}
      <p className={styles.question}>{standing?.question}</p>
    </div>
  );
}

function stands(preset: Preset, lanes: LaneSettings): boolean {
  return (
    preset.lanes.length === lanes.length &&
    lanes.every((lane, i) => {
      const other = preset.lanes[i];
      return other !== undefined && alike(lane, other);
    })
  );
}

function LaneList({ lanes }: { readonly lanes: LaneSettings }) {
  const addLane = usePlayground((playground) => playground.addLane);
  const removeLane = usePlayground((playground) => playground.removeLane);
  const undoable = usePlayground((playground) => playground.undoable);
  const undo = usePlayground((playground) => playground.undo);
  const undoButton = useRef<HTMLButtonElement>(null);
  const addButton = useRef<HTMLButtonElement>(null);
  const removed = undoable?.of === 'removal' ? undoable.lane : null;

  // The button that had the focus went with its lane: the way back takes it.
  useEffect(() => {
    if (removed !== null) undoButton.current?.focus();
  }, [removed]);

  const full = lanes.length >= MOST_LANES;
  const back = undoable?.of === 'removal' && full ? null : undoable;
  return (
    <>
      <ol className={styles.lanes} aria-label="Lanes">
        <li className={styles.healthy}>
          <span className={styles.mark}>
            <LaneMark lane={0} />
          </span>
          <span>
            <strong>Healthy</strong>{' '}
            <span className={styles.gist}>the lane that the others are compared with</span>
          </span>
        </li>
        {lanes.map(({ key }, index) => (
          <LaneCard key={key} lanes={lanes} index={index} onRemove={() => removeLane(key)} />
        ))}
      </ol>
      <div className={styles.actions}>
        <button
          ref={addButton}
          type="button"
          className="button"
          aria-disabled={full}
          onClick={() => addLane()}
        >
          <span aria-hidden="true">+ </span>Add lane
        </button>
        {full && (
          <span className="note">Eight lanes are one batch; remove one to add another.</span>
        )}
        <span className={styles.undo} aria-live="polite">
          {back !== null && (
            <>
              {back.of === 'removal'
                ? `Removed: ${laneName(back.lane, back.index + 1)}.`
                : `Replaced ${back.lanes.length === 1 ? 'one lane' : `${back.lanes.length} lanes`}.`}{' '}
              <button
                ref={undoButton}
                type="button"
                className={styles.link}
                onClick={() => {
                  undo();
                  addButton.current?.focus();
                }}
              >
                Undo
              </button>
            </>
          )}
        </span>
      </div>
    </>
  );
}
