import type { Page } from '@playwright/test';

/** What is measured. */
export interface Scene {
  readonly name: string;
  /** Which view, of how many lanes. */
  readonly query: string;
  /** Device pixels for each CSS pixel. */
  readonly scale: number;
  /** What the hand does for that many frames. @returns milliseconds from each frame to the next */
  readonly act: (page: Page, frames: number) => Promise<number[]>;
}

const sweep = (selector: string) => (page: Page, frames: number) =>
  page.evaluate(([at, n]) => window.hand.sweep(at, n), [selector, frames] as const);
const drag = (selector: string) => (page: Page, frames: number) =>
  page.evaluate(([at, n]) => window.hand.drag(at, n), [selector, frames] as const);
/** One choice in fifteen frames: a quarter of a second. */
const choose = (selector: string) => (page: Page, frames: number) =>
  page.evaluate(([at, n]) => window.hand.choose(at, n / 15, 15), [selector, frames] as const);
const play = async (page: Page, frames: number) => {
  await page.getByRole('button', { name: 'Play' }).click();
  const intervals = await page.evaluate((n) => window.hand.watch(n), frames);
  await page.getByRole('button', { name: 'Pause' }).click();
  return intervals;
};

const HEATMAP = '[data-heatmap]';
const SLIDER = 'input[type=range]';

/** Every view under the pointer, and what goes through positions, layers or lanes. */
export const SCENES: readonly Scene[] = [
  {
    name: 'Frequencies, pointer',
    query: 'view=frequencies&lanes=8',
    scale: 1,
    act: sweep('[role=img]'),
  },
  {
    name: 'Dials, 64 pairs, scrubber',
    query: 'view=dials&lanes=8&pairs=64',
    scale: 1,
    act: drag(SLIDER),
  },
  { name: 'Dials, 64 pairs, play', query: 'view=dials&lanes=8&pairs=64', scale: 1, act: play },
  {
    name: 'Dials, 512 pairs, scrubber, 2×',
    query: 'view=dials&lanes=8&pairs=512',
    scale: 2,
    act: drag(SLIDER),
  },
  {
    name: 'Dials, 512 pairs, play, 2×',
    query: 'view=dials&lanes=8&pairs=512',
    scale: 2,
    act: play,
  },
  { name: 'Tables, cursor', query: 'view=tables&lanes=8', scale: 1, act: sweep(HEATMAP) },
  {
    name: 'Tables, other lanes',
    query: 'view=tables&lanes=8',
    scale: 1,
    act: choose('label:nth-of-type(2) select'),
  },
  {
    name: 'Q and K, cursor',
    query: 'view=queries-and-keys&lanes=8',
    scale: 1,
    act: sweep(HEATMAP),
  },
  {
    name: 'Q and K, other layers',
    query: 'view=queries-and-keys&lanes=8',
    scale: 1,
    act: choose('label:last-of-type select'),
  },
  {
    name: 'Attention, 2 lanes, cursor',
    query: 'view=attention&lanes=2',
    scale: 1,
    act: sweep(HEATMAP),
  },
  {
    name: 'Attention, 8 lanes, cursor',
    query: 'view=attention&lanes=8',
    scale: 1,
    act: sweep(HEATMAP),
  },
  {
    name: 'Attention, 8 lanes, other layers',
    query: 'view=attention&lanes=8',
    scale: 1,
    act: choose('label select'),
  },
  {
    name: 'Attention, 8 lanes, other layers, 2×',
    query: 'view=attention&lanes=8',
    scale: 2,
    act: choose('label select'),
  },
  { name: 'Logits, pointer', query: 'view=logits&lanes=8', scale: 1, act: sweep('[role=img]') },
  { name: 'Logits, slider', query: 'view=logits&lanes=8', scale: 1, act: drag(SLIDER) },
];
