import {
  type CSSProperties,
  type KeyboardEvent,
  type SyntheticEvent,
  useRef,
  useState,
} from 'react';
import type { TextToken } from '../../protocol/engineApi';
import { usePlayground } from '../../state/PlaygroundContext';
import { type DecodedRun, divergenceOf } from '../../state/run';
import { LaneMark, laneName } from '../../ui/lane';
import { LaneRails } from './LaneRails';
import { PromptTokens } from './PromptTokens';
import { StepReading } from './StepReading';
import { type Place, placeAfterKey, sameLane } from './place';
import { StepColumn } from './StepColumn';
import styles from './TokenStrips.module.css';

interface TokenStripsProps {
  readonly record: DecodedRun;
  readonly prompt: readonly TextToken[];
  /** May tokens still arrive? Then the places that they may take are kept free. */
  readonly growing: boolean;
}

/**
 * The lanes as token strips that wrap together: a column for each step, a row for each lane. One tab stop; arrow keys
 * go from token to token, and the reading beside shows the step that is pointed at or focused.
 */
export function TokenStrips({ record, prompt, growing }: TokenStripsProps) {
  const { lanes, settings } = record;
  const strips = useRef<HTMLDivElement>(null);
  const pinnedStep = usePlayground((playground) => playground.pinnedStep);
  const pinStep = usePlayground((playground) => playground.pinStep);
  const [focused, setFocused] = useState<Place | null>(null);
  const [hovered, setHovered] = useState<Place | null>(null);
  const parts = lanes.map((_, lane) => divergenceOf(record, lane));
  const firstParting = parts.reduce<number | null>(
    (first, part) => (part === null ? first : Math.min(first ?? part, part)),
    null,
  );
  const lengths = lanes.map(({ steps }) => steps.length);
  const longest = Math.max(0, ...lengths);
  const resting = { lane: 0, step: pinnedStep ?? firstParting ?? 0 };
  const shown = hovered ?? focused ?? resting;
  const forced = settings.mode === 'teacher-forced';
  const tabStop = focused ?? { lane: 0, step: 0 };

  const onKeyDown = (event: KeyboardEvent) => {
    const at = placeOf(event);
    const next = at && placeAfterKey(event.key, at, lengths);
    if (!next) return;
    event.preventDefault();
    setHovered(null);
    strips.current?.querySelector<HTMLElement>(`[data-token="${next.lane}.${next.step}"]`)?.focus();
  };

  return (
    <div className={styles.body}>
      <div className={styles.tokens}>
        <PromptTokens tokens={prompt} />
        {lanes.length > 2 && (
          <ul className={styles.legend} aria-label="Rows">
            {lanes.map(({ spec }, lane) => (
              <li key={lane}>
                <LaneMark lane={lane} /> {laneName(spec, lane)}
              </li>
            ))}
          </ul>
        )}
        {forced && (
          <p className={styles.forced}>
            Teacher-forced: every lane has read the prompt and the healthy row, never its own. A row
            shows what its lane would have chosen next; tinted where that is another token.
          </p>
        )}
        <div
          ref={strips}
          role="toolbar"
          aria-label="Generated tokens by lane and step; arrow keys move"
          className={styles.strips}
          style={{ '--lanes': lanes.length } as CSSProperties}
          data-many={lanes.length > 4 || undefined}
          onKeyDown={onKeyDown}
          onFocus={(event) => setFocused(placeOf(event))}
          onClick={(event) => {
            const place = placeOf(event);
            if (place === null) return;
            setFocused(place);
            pinStep(place.step);
          }}
          onPointerOver={(event) => setHovered(placeOf(event))}
          onPointerLeave={() => setHovered(null)}
        >
          <LaneRails strips={strips} lanes={lanes.length} />
          {Array.from({ length: longest }, (_, step) => (
            <StepColumn
              key={step}
              step={step}
              lanes={lanes}
              parts={parts}
              firstParting={firstParting}
              forced={forced}
              tabLane={sameLane(tabStop, step)}
              shown={shown.step === step}
            />
          ))}
          {growing &&
            Array.from({ length: settings.maxNewTokens - longest }, (_, i) => (
              <span key={`free-${i}`} className={styles.free} data-line aria-hidden="true" />
            ))}
        </div>
      </div>
      <StepReading
        record={record}
        place={shown}
        chosen={(hovered ?? focused ?? pinnedStep) !== null}
      />
    </div>
  );
}

/** The token in which an event happened. */
function placeOf({ target }: SyntheticEvent): Place | null {
  if (!(target instanceof Element)) return null;
  const token = target.closest<HTMLElement>('[data-token]')?.dataset.token;
  const [lane, step] = token?.split('.').map(Number) ?? [];
  return lane === undefined || step === undefined ? null : { lane, step };
}
