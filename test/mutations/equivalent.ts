const COMMUTES = "x and y change places in a commutative operation: the same bits";
const PASSED_ON =
  "what is given is the cotangent itself, which carries its mask as where(mask, ...): the next rule finds it there";
const NEVER_READ = "the value of this operand is never read: it only says what is computed before";
const ORIGINAL =
  "the original of an alternative and what it is made of are never computed once it is mapped, and no tensor inside of " +
  "it can be a target then: those that a function could name are nodes of the lane, not of the mapped graph";
const NO_GREATER =
  "no element is greater than the maximum, so that those not below it are equal to it; NaN is neither";
const AFTER_THE_FIRST =
  "asked only where the comparison before was false: of numbers neither of which wins, those in this order are equal";

/** Mutants that are no mistakes: what they change cannot be seen in any derivative. By name, with the proof. */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  "add, batch: swap operands 0 and 1": COMMUTES,
  "bitwise, batch: swap operands 0 and 1": COMMUTES,
  "max, batch: swap operands 0 and 1": COMMUTES,
  "min, batch: swap operands 0 and 1": COMMUTES,
  "mul, batch: swap operands 0 and 1": COMMUTES,

  "add, mask: left out": PASSED_ON,
  "identity, mask: left out": PASSED_ON,
  "barrier, mask: left out": PASSED_ON,
  "barrier, mask: mask all operand 0": PASSED_ON,
  "scatterAdd, mask: mask all operand 0": PASSED_ON,
  "scatterSet, mask: mask all operand 0":
    "what is given is where(untouched, cotangent, 0), and a mask is looked for inside of a mask, too",
  "reduceProd, mask: left out":
    "the gradient is that of a tree of products, slices and concats, each of which carries the mask by its own rule",
  "reduceProd, mask: mask all operand 0":
    "the gradient is that of a tree of products, slices and concats, each of which carries the mask by its own rule",
  "reduceProd, vjp: concat 0, in reverse order":
    "the factor that is left over is multiplied with other ones: a product in another order",

  "alternative, batch: not mapped operand 1": ORIGINAL,
  "alternative, batch: not mapped operand 2": ORIGINAL,
  "alternative, batch: swap operands 1 and 2": ORIGINAL,
  "alternative, batch: the first lane for all, of operand 1": ORIGINAL,
  "alternative, batch: the first lane for all, of operand 2": ORIGINAL,
  "alternative, batch: the lanes against the next axis, of operand 1": ORIGINAL,
  "alternative, batch: the lanes against the next axis, of operand 2": ORIGINAL,
  "alternative, batch: the lanes rolled, of operand 1": ORIGINAL,
  "alternative, batch: the lanes rolled, of operand 2": ORIGINAL,

  "barrier, batch: barrier 0, left out":
    "a barrier is its first operand; what it is for, the order and the memory of a run, is tested with checkpoint",
  "barrier, batch: the first lane for all, of operand 1": NEVER_READ,
  "barrier, batch: the lanes against the next axis, of operand 1": NEVER_READ,
  "barrier, batch: the lanes rolled, of operand 1": NEVER_READ,
  "customCall, batch: broadcast 0, in the first place only":
    "the first operand is a literal that stands for the call as a whole: its value is never read",

  "max, partial of 0: compare 1, other at the boundary": AFTER_THE_FIRST,
  "min, partial of 1: compare 1, other at the boundary": AFTER_THE_FIRST,
  "pow, partial of 0: compare 0, other at the boundary":
    "asked at p = 0 only, and a negative x has no derivative by p there: its powers are not numbers beside whole exponents",
  "pow, partial of 0: compare 1, other at the boundary": "x >= x where x == x",
  "reduceMax, jvp: compare 0, other at the boundary": NO_GREATER,
  "reduceMax, vjp: compare 0, other at the boundary": NO_GREATER,
  "scatterMax, jvp: compare 0, other at the boundary": NO_GREATER,
  "scatterMax, jvp: compare 1, other at the boundary": NO_GREATER,
  "scatterMax, vjp: compare 0, other at the boundary": NO_GREATER,
  "scatterMax, vjp: compare 1, other at the boundary": NO_GREATER,
  "scatterSet, vjp: scatter 0, of an index that occurs twice only the last counts":
    "what is scattered are the numbers of the updates in ascending order: the last is the greatest",
};
