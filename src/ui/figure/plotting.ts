/**
 * What charts take from Observable Plot. This file is imported when the first chart is shown, so that the library, and
 * the parts of d3 that these marks need, stay out of the page's first load.
 */
export {
  areaY,
  axisX,
  axisY,
  dot,
  gridY,
  line,
  plot,
  pointer,
  pointerX,
  ruleX,
  ruleY,
  text,
  tip,
} from '@observablehq/plot';
