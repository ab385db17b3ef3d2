import type { LoadProgress } from '../src/protocol/engineApi';
import { sizeText } from './sizeText';

type Terminal = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

export interface ProgressLine {
  readonly show: (progress: LoadProgress) => void;
  /** Leaves the line empty, for whatever is written next. */
  readonly clear: () => void;
}

/** ECMA-48: to the first column, and erase to the line's end. */
const ERASE = '\r\x1b[K';

/** One line that says how far a model is, written anew each time; nothing where no terminal shows it. */
export function progressLine(name: string, stream: Terminal = process.stderr): ProgressLine {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  // A line that wraps could not be written anew.
  const columns = (stream.columns || 80) - 1;
  return {
    show: (progress) => stream.write(`${ERASE}${`${name}: ${textOf(progress)}`.slice(0, columns)}`),
    clear: () => stream.write(ERASE),
  };
}

function textOf({ phase, loadedBytes, totalBytes }: LoadProgress): string {
  switch (phase) {
    case 'waiting':
      return 'waiting for the hub, or for another process that fetches it';
    case 'files': {
      const percent = Math.floor((100 * loadedBytes) / Math.max(1, totalBytes));
      return `${sizeText(loadedBytes)} of ${sizeText(totalBytes)}, ${percent} %`;
    }
    case 'session':
    case 'warm-up':
      return 'is here; preparing it';
  }
}
