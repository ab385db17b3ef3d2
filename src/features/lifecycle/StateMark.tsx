import type { TensorState } from '../../core/lifecycleStates';
import { STATE_NAMES } from './lifecycleText';
import styles from './StateMark.module.css';

/** A shape for each state, so that colour never stands alone. */
const SYMBOLS: Readonly<Record<TensorState, string>> = {
  absent: '·',
  meta: '○',
  empty: '?',
  'from-checkpoint': '■',
  computed: '▲',
};

interface StateMarkProps {
  readonly state: TensorState;
  /** Of several tensors in this state. */
  readonly count?: number;
}

/** The state of a tensor by symbol, words and colour. */
export function StateMark({ state, count }: StateMarkProps) {
  return (
    <span className={styles.mark} data-state={state}>
      <span className={styles.symbol} aria-hidden="true">
        {SYMBOLS[state]}
      </span>
      <span>
        {count === undefined ? '' : `${count} `}
        {STATE_NAMES[state]}
      </span>
    </span>
  );
}
