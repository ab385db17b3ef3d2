import { type KeyboardEvent, type PointerEvent, useId, useMemo, useState } from 'react';
import { rotatedDim } from '../../core/ropeConfig';
import { Figure } from '../../ui/figure/Figure';
import { cellAfterKey } from '../../ui/figure/heatmapLayout';
import { Readout } from '../../ui/figure/Readout';
import { canvasToPng } from '../../ui/figure/save';
import { usePrefersReducedMotion } from '../../ui/figure/themeColours';
import { useWidth } from '../../ui/figure/useWidth';
import { Scrubber } from '../../ui/Scrubber';
import { dialGrid, pairAt } from './dialGrid';
import { allDialNumbers, dialNumbers } from './dialNumbers';
import { DialReading, dialSentence } from './DialReading';
import styles from './Dials.module.css';
import { PairingNote } from './PairingNote';
import { usePositions } from './PositionsSelect';
import { type RopeViewProps, withTables } from './ropeLanes';
import { useDialCanvas } from './useDialCanvas';
import { usePlayback } from './usePlayback';

/** A circle for each pair, in which a hand for each lane turns with the position. */
export function Dials({ lanes, config, positions: run, source }: RopeViewProps) {
  const id = useId();
  const { positions, control } = usePositions(run);
  const rows = useMemo(() => withTables(lanes, config, positions), [lanes, config, positions]);
  const pairs = rotatedDim(config) / 2;
  const [chosen, setSelected] = useState(0);
  const selected = Math.min(chosen, pairs - 1);
  const [box, width] = useWidth();
  const grid = useMemo(() => dialGrid(pairs, Math.max(width, 1)), [pairs, width]);
  const stepping = usePrefersReducedMotion();
  const { faces, hands, draw, picture } = useDialCanvas({ width, grid, lanes: rows, selected });
  const { position, playing, goTo, toggle } = usePlayback({ positions, stepping, draw });
  const numbers = useMemo(() => dialNumbers(rows, position), [rows, position]);
  const allNumbers = useMemo(() => allDialNumbers(rows), [rows]);

  const point = ({ currentTarget, clientX, clientY }: PointerEvent<HTMLElement>) => {
    const { left, top } = currentTarget.getBoundingClientRect();
    const pair = pairAt(grid, pairs, clientX - left, clientY - top);
    if (pair !== null) setSelected(pair);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { columns, rows: lines } = grid;
    const at = { row: Math.floor(selected / columns), column: selected % columns };
    const next = cellAfterKey(event.key, at, lines, columns);
    if (next === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    setSelected(Math.min(next.row * columns + next.column, pairs - 1));
  };

  return (
    <Figure
      title="Dials"
      explanation={[
        'Each circle is one pair: its hand starts at 3 o’clock and turns with the position, one hand for each lane.',
        'Where inv_freq is zero the hand never leaves 3 o’clock, and every token seems to stand at the same place.',
      ]}
      source={[`position ${position}`, ...source]}
      numbers={numbers}
      csv={
        allNumbers && {
          numbers: allNumbers,
          source: [`positions 0 to ${positions - 1}`, ...source],
        }
      }
      picture={{
        kind: 'painted',
        png: () => canvasToPng(picture(`Dials at position ${position}`, position)),
      }}
      controls={
        <>
          <button type="button" className={styles.play} onClick={toggle}>
            {playing ? 'Pause' : 'Play'}
          </button>
          <Scrubber name="Position" min={0} max={positions - 1} value={position} onChange={goTo} />
          {control}
        </>
      }
    >
      <div
        ref={box}
        className={styles.dials}
        style={{ height: grid.height }}
        role="application"
        aria-roledescription="dials"
        aria-label={`Dials of ${pairs} pairs; arrow keys go from pair to pair`}
        aria-describedby={id}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerMove={point}
        onPointerDown={point}
      >
        <canvas ref={faces} aria-hidden="true" />
        <canvas ref={hands} aria-hidden="true" />
      </div>
      <Readout
        id={id}
        text={dialSentence({ lanes: rows, pair: selected, position })}
        lines={2 + Math.ceil(lanes.length / (width > 620 ? 3 : 1))}
      >
        <DialReading lanes={rows} pair={selected} position={position} />
      </Readout>
      <PairingNote lanes={rows} />
    </Figure>
  );
}
