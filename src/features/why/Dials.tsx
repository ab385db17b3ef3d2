import { useId } from 'react';
import styles from './Dials.module.css';

const DIALS = 12;

interface DialsProps {
  readonly label: string;
  /** Radians per token. */
  readonly frequency: number;
  readonly colour: string;
}

/** One pair of components at the first positions: a hand that turns by its frequency from token to token. */
export function Dials({ label, frequency, colour }: DialsProps) {
  const id = useId();
  return (
    <svg
      className={styles.dials}
      viewBox={`0 0 ${DIALS * 30} 30`}
      role="img"
      aria-labelledby={id}
      style={{ color: colour }}
    >
      <title id={id}>{label}</title>
      {Array.from({ length: DIALS }, (_, position) => {
        const angle = position * frequency;
        return (
          <g key={position} transform={`translate(${position * 30 + 15} 15)`}>
            <circle r="12" className={styles.face} />
            {Number.isFinite(angle) && (
              <>
                <line
                  className={styles.hand}
                  x2={(10 * Math.cos(angle)).toFixed(3)}
                  y2={(-10 * Math.sin(angle)).toFixed(3)}
                />
                <circle r="1.6" fill="currentColor" />
              </>
            )}
          </g>
        );
      })}
    </svg>
  );
}
