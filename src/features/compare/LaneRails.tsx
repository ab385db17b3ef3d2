import { type CSSProperties, type RefObject, useEffect, useState } from 'react';
import { LaneMark } from '../../ui/lane';
import styles from './TokenStrips.module.css';

interface LaneRailsProps {
  readonly strips: RefObject<HTMLElement | null>;
  readonly lanes: number;
}

/** The lanes' marks at the start of each line of the strips, however they wrap. */
export function LaneRails({ strips, lanes }: LaneRailsProps) {
  const [lines, setLines] = useState(1);

  useEffect(() => {
    const element = strips.current;
    if (element === null) return undefined;
    const count = () => {
      const { rowGap, paddingBottom } = getComputedStyle(element);
      const column = element.querySelector<HTMLElement>('[data-line]');
      if (column === null) return;
      const gap = parseFloat(rowGap);
      const height = element.clientHeight - parseFloat(paddingBottom) + gap;
      setLines(Math.max(1, Math.round(height / (column.offsetHeight + gap))));
    };
    const observer = new ResizeObserver(count);
    observer.observe(element);
    return () => observer.disconnect();
  }, [strips, lanes]);

  return Array.from({ length: lines }, (_, line) => (
    <span key={line} className={styles.rails} style={{ '--at': line } as CSSProperties}>
      {Array.from({ length: lanes }, (_, lane) => (
        <LaneMark key={lane} lane={lane} />
      ))}
    </span>
  ));
}
