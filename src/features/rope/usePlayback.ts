import { useEffect, useRef, useState } from 'react';

interface Playback {
  /** Positions from 0 to this, without it. */
  readonly positions: number;
  /** Whole positions only, and slowly. */
  readonly stepping: boolean;
  /** Draws a position on its way to the next. */
  readonly draw: (position: number) => void;
}

const PER_SECOND = 3;
const STEPS_PER_SECOND = 1;

/** The position of a scrubber, and playing it to its end. State changes once a position, drawing once a frame. */
export function usePlayback({ positions, stepping, draw }: Playback) {
  const [chosen, setPosition] = useState(1);
  const [playing, setPlaying] = useState(false);
  const position = Math.min(chosen, positions - 1);
  const reached = useRef(position);

  useEffect(() => {
    if (!playing) {
      reached.current = position;
      draw(position);
    }
  }, [playing, position, draw]);

  useEffect(() => {
    if (!playing) return;
    let frame = 0;
    let last: number | null = null;
    const advance = (now: number) => {
      const perSecond = stepping ? STEPS_PER_SECOND : PER_SECOND;
      const next = reached.current + ((now - (last ?? now)) / 1000) * perSecond;
      last = now;
      reached.current = Math.min(next, positions - 1);
      setPosition(Math.floor(reached.current));
      draw(stepping ? Math.floor(reached.current) : reached.current);
      if (next >= positions - 1) setPlaying(false);
      else frame = requestAnimationFrame(advance);
    };
    frame = requestAnimationFrame(advance);
    return () => cancelAnimationFrame(frame);
  }, [playing, stepping, positions, draw]);

  return {
    position,
    playing,
    /** Goes to a position and stays there. */
    goTo: (to: number) => {
      setPlaying(false);
      setPosition(to);
    },
    /** From the start again, if it is at its end. */
    toggle: () => {
      if (!playing && position >= positions - 1) {
        reached.current = 0;
        setPosition(0);
      }
      setPlaying(!playing);
    },
  };
}
