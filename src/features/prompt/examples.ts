/** What the bundled model was taught: facts, stories, and tasks where order is everything. */
export const EXAMPLES: readonly string[] = [
  'The capital of France is',
  'Once upon a time, there was a',
  'Copy: red dog cup fox ->',
  'Reverse: red dog cup fox ->',
  'Count: three, four,',
  'The days: Friday,',
  'List: red dog cup fox. The third word is',
];
