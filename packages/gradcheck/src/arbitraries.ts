/**
 * Random inputs for property-based tests, for fast-check: shapes, tensors, trees, indices, and whole programs.
 * @packageDocumentation
 */
export { axes, axis, axisOrders } from "./arbitraries/axes.ts";
export { type DTypeOptions, dtypes } from "./arbitraries/dtypes.ts";
export { type EinsumEquation, type EinsumOptions, einsumEquations } from "./arbitraries/einsum.ts";
export type { ValueKind } from "./arbitraries/elements.ts";
export {
  type GatherArguments,
  gathers,
  type IndexOptions,
  indices,
  type SliceArguments,
  slices,
} from "./arbitraries/indexing.ts";
export { keys } from "./arbitraries/keys.ts";
export { broadcastableShapes, type ShapeOptions, shapes } from "./arbitraries/shapes.ts";
export { type TensorsOptions, tensors } from "./arbitraries/tensors.ts";
export { type TreeOptions, trees } from "./arbitraries/trees.ts";
export {
  type CheckProgramsOptions,
  checkPrograms,
  findFailure,
  kindOfError,
  type ProgramFailure,
} from "./programs/checkPrograms.ts";
export { decodeProgram, OPERATION_NAMES, type ProgramOptions } from "./programs/decode.ts";
export type { Apply, At, Call, Expression, Lambda, Name } from "./programs/expression.ts";
export { type PrintOptions, type ProgramInput, type ProgramStep, RandomProgram } from "./programs/program.ts";
export { programs } from "./programs/programs.ts";
