/** Words of the descriptor of `loopBegin` and `loopStep`. */
export const LOOP = {
  /** Where the list goes on: written by `loopStep`. */
  target: 0,
  body: 1,
  end: 2,
  /** Steps taken so far. */
  taken: 3,
  limit: 4,
  /** The address of a number of steps, an int32, and of the condition's result, a bool; 0 where there is none. */
  count: 5,
  goesOn: 6,
  reverse: 7,
  /** Where the number of the step goes, and the number of all steps in the end (or 0). */
  step: 8,
  steps: 9,
  /** How many addresses move from step to step, then three words for each: of which word, its value at step 0, bytes. */
  table: 10,
} as const;

/** Words of the descriptor of `branchSelect`. */
export const BRANCH = {
  target: 0,
  /** The address of the number. */
  index: 1,
  count: 2,
  /** Where each branch begins. */
  places: 3,
} as const;
