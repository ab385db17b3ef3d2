import type { Capture } from '../../protocol/inspection';
import { type InspectedRun, textsPartAt } from './inspectedRun';
import { tokenCount } from './logitsReading';

/** The first generated token that some lane chose after another text than the healthy lane's; null if there is none. */
export function firstParting(run: InspectedRun, capture: Capture | null): number | null {
  if (capture === null) return null;
  const { prompt } = run.record;
  const partings = run.lanes
    .map(({ index }) => textsPartAt(capture, index))
    .filter((position) => position !== null)
    // What is read at a position decides the token after it.
    .map((position) => position - prompt.length + 1);
  return partings.length === 0 ? null : Math.min(...partings);
}

/** The same as a sentence. */
export function textsPartReading(step: number | null): string {
  return step === null
    ? 'Every lane has read the same text, so distributions compare at the same context.'
    : `From token ${step + 1} on (dashed line) not every lane has read the same text: what differs there differs for that reason too. A teacher-forced run keeps the text the same.`;
}

/** Whether lanes go on after the healthy one, as a sentence; empty if none does. */
export function healthyEndReading({ record: { lanes } }: Pick<InspectedRun, 'record'>): string {
  const [healthy, ...others] = lanes.map(({ steps }) => steps.length);
  if (healthy === undefined || others.every((count) => count <= healthy)) return '';
  return `The healthy lane ended after ${tokenCount(healthy)}: beyond, there is nothing to compare with.`;
}
