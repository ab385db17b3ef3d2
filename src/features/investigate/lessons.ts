import type { Lesson } from './lesson';
import { applyRotary } from './lessons/applyRotary';
import { attentionKernel } from './lessons/attentionKernel';
import { cosAndSin } from './lessons/cosAndSin';
import { earlyRead } from './lessons/earlyRead';
import { everyIntermediate } from './lessons/everyIntermediate';
import { everyTensor } from './lessons/everyTensor';
import { forcedEager } from './lessons/forcedEager';
import { positionByPosition } from './lessons/positionByPosition';

/** The investigation, in the order in which it was made. */
export const LESSONS: readonly Lesson[] = [
  applyRotary,
  earlyRead,
  attentionKernel,
  forcedEager,
  everyTensor,
  positionByPosition,
  cosAndSin,
  everyIntermediate,
];
