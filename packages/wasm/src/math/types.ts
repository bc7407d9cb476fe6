import type { Expr, FunctionBuilder } from "../assemble/index.ts";

/**
 * An elementary function of vectors (all f32x4 or all f64x2): writes its code into the caller's function and returns
 * the result. The arguments may be any expressions; each is written once.
 */
export type VectorFunction = (f: FunctionBuilder, ...x: Expr[]) => Expr;

/** Vector functions by the names of core's primitives. */
export type VectorFunctions = Readonly<Record<string, VectorFunction>>;
