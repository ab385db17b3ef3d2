import { useState } from 'react';
import type { Reading } from '../../core/lifecycle';
import { LOADING_ORDER, type LoadingStepId } from '../../core/lifecycleStates';
import { Select } from '../../ui/Select';
import styles from './Investigation.module.css';
import { firstFour } from './readings';

/** When each step of a load is over. */
export const STEP_NAMES: Readonly<Record<LoadingStepId, string>> = {
  call: 'from_pretrained is called',
  construct: '__init__ has run',
  load: 'the checkpoint is read',
  materialise: 'what is missing has memory',
  initialise: '_init_weights has run',
  tie: 'tied weights are tied',
  forward: 'inside forward',
};

const ORDER = LOADING_ORDER['5.x'];

/** A probe that the visitor places in a load under 5.x: what it reads there, and what one reads later. */
export function ProbePlacement({
  readings,
}: {
  readonly readings: ReadonlyMap<LoadingStepId, Reading>;
}) {
  const [place, setPlace] = useState(ORDER.indexOf('construct'));
  const here = ORDER[place] ?? 'call';
  return (
    <div className={styles.probe}>
      <Select
        label="Place the probe where"
        options={ORDER.map((id, i) => [i, STEP_NAMES[id]] as const)}
        value={place}
        onChange={setPlace}
      />
      <p role="status">
        There it reads: <strong>{readingText(readings.get(here))}</strong>.{' '}
        {here === 'forward' ? (
          'Nothing comes later: it is what the model uses.'
        ) : (
          <>
            Later, inside forward, it reads: <strong>{readingText(readings.get('forward'))}</strong>
            .
          </>
        )}
      </p>
    </div>
  );
}

export function readingText(reading: Reading | undefined): string {
  switch (reading?.kind) {
    case undefined:
    case 'absent':
      return 'no buffer yet';
    case 'raises':
      return reading.error;
    case 'values':
      return firstFour(reading.values);
  }
}
