import styles from './PairingNote.module.css';
import type { LaneFrequencies } from './ropeLanes';

type PairedLane = Pick<LaneFrequencies, 'name' | 'pairing'>;

/** Says of lanes with another pairing what these views cannot show; nothing where there is no such lane. */
export function PairingNote({ lanes }: { readonly lanes: readonly PairedLane[] }) {
  const reading = pairingReading(lanes);
  return reading === '' ? null : <p className={`note ${styles.pairing}`}>{reading}</p>;
}

/** The same as text; empty where every lane pairs halves. */
export function pairingReading(lanes: readonly PairedLane[]): string {
  const names = new Set(
    lanes.filter(({ pairing }) => pairing === 'interleaved').map(({ name }) => name),
  );
  if (names.size === 0) return '';
  return (
    `${[...names].join(' and ')}: healthy frequencies, so nothing shows here; but components 2i and 2i + 1 turn together, ` +
    'not i and i + headDim / 2 as the weights expect. See Q and K.'
  );
}
