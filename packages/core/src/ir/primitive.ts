import type { DType, TypedArray } from "../types/dtype.ts";
import type { Shape } from "../types/shape.ts";
import { StateError } from "../util/errors.ts";
import { FAULT } from "../util/fault.ts";
import { shared } from "../util/shared.ts";
import type { Builder } from "./builder.ts";
import type { Form } from "./form.ts";
import type { Tensor } from "./tensor.ts";

/** Plain, immutable data: numbers, strings, booleans and arrays of them. Equal params mean the same operation. */
export type Params = object;

/** A value as the reference engine sees it. */
export interface NDArray {
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Computes `out.data` from the inputs, obviously rather than fast; accumulates in float64, rounds once, on storing. */
export type ReferenceFunction<P> = (inputs: readonly NDArray[], params: P, out: NDArray) => void;

/**
 * How t, a tangent or a cotangent, passes through an operation whose Jacobian is diagonal: t times the partial
 * derivative by one input. The same rule serves both modes. `null` for an input without a derivative.
 */
export type ElementwiseRule<P> =
  | ((b: Builder, t: Tensor, inputs: readonly Tensor[], out: Tensor, params: P) => Tensor | null)
  | null;

/** What the maths says of a derivative; both modes follow from any of the first four. */
export type Derivative<P> =
  | { readonly kind: "elementwise"; readonly rules: readonly ElementwiseRule<P>[] }
  | {
      /** Linear in all inputs together: the tangent is the operation itself, the cotangents its transpose. */
      readonly kind: "linear";
      transpose(b: Builder, ct: Tensor, inputs: readonly Tensor[], params: P): readonly (Tensor | null)[];
      /**
       * Where the cotangent is `where(mask, a, 0)`: the mask of the transposed cotangent, so that what is masked
       * stays masked on its way back. Without this rule the mask ends here.
       */
      mask?(b: Builder, mask: Tensor, inputs: readonly Tensor[], params: P): readonly (Tensor | null)[];
      /** The transpose adds elements up, so that what is masked must be zero before, not only afterwards. */
      readonly adds?: boolean;
    }
  | {
      /** Linear in each input while the others stand still. */
      readonly kind: "multilinear";
      transpose(
        b: Builder,
        ct: Tensor,
        inputs: readonly Tensor[],
        params: P,
        index: number,
        out: Tensor,
      ): Tensor;
    }
  | {
      readonly kind: "explicit";
      vjp?(
        b: Builder,
        ct: Tensor,
        inputs: readonly Tensor[],
        out: Tensor,
        params: P,
      ): readonly (Tensor | null)[];
      jvp?(
        b: Builder,
        tangents: readonly (Tensor | null)[],
        inputs: readonly Tensor[],
        out: Tensor,
        params: P,
      ): Tensor | null;
      /** As for linear operations. */
      mask?(b: Builder, mask: Tensor, inputs: readonly Tensor[], params: P): readonly (Tensor | null)[];
    }
  /** Piecewise constant, or not a function of real numbers: the derivative is zero. */
  | { readonly kind: "none" };

/**
 * How the operation is mapped over a new leading axis of size `size`. `"same"`: with the same params, every input
 * having the axis (those that do not vary are broadcast first).
 */
export type BatchRule<P> =
  | "same"
  | ((b: Builder, inputs: readonly Tensor[], batched: readonly boolean[], params: P, size: number) => Tensor);

/** Everything the maths says of one operation. What an engine or an exporter says of it stands there. */
export interface PrimitiveDefinition<P extends Params> {
  readonly name: string;
  /** Leaves have no inputs to compute from: data, placeholders, reads of variables. */
  readonly leaf?: boolean;
  /** The value is the first input's, whatever the derivative says: engines need not compute anything. */
  readonly alias?: boolean;
  /** Shape of the result. @throws ShapeError */
  shape(inputs: readonly Tensor[], params: P): Shape;
  /** Dtype of the result. @throws DTypeError */
  dtype(inputs: readonly Tensor[], params: P): DType;
  readonly derivative: Derivative<P>;
  /** The inputs through which derivatives flow, from the first up to the second number; all unless given. */
  reach?(params: P): readonly [number, number];
  readonly batch: BatchRule<P>;
  readonly reference: ReferenceFunction<P>;
  /** How a formula is written as text. */
  readonly text: Form<P>;
  /** How a formula is written in LaTeX. */
  readonly latex: Form<P>;
}

/** A defined primitive: its definition and the number by which plan keys know it. */
export interface Primitive<P extends Params = Params> extends PrimitiveDefinition<P> {
  readonly id: number;
}

const registry = shared("primitives", () => new Map<string, Primitive>());
/** What this copy of core has defined: a second definition under one name is a mistake, a second copy is not. */
const definedHere = new Set<string>();

/** Defines a primitive once per process: another copy of core gets the one that is there. */
export function definePrimitive<P extends Params>(definition: PrimitiveDefinition<P>): Primitive<P> {
  if (definedHere.has(definition.name)) {
    throw new StateError(`primitive ${definition.name} is defined twice`, {
      operation: "definePrimitive",
      remedy: "Give each primitive a name of its own",
    });
  }
  definedHere.add(definition.name);
  const existing = registry.get(definition.name);
  if (existing !== undefined) return existing as unknown as Primitive<P>;
  const { leaf = false, alias = false, shape, dtype, derivative, reach, batch, reference } = definition;
  const { name, text, latex } = definition;
  const id = registry.size + 1;
  // All fields, in one order: JavaScript engines look them up faster when all primitives have one layout.
  const primitive: Primitive<P> = {
    id,
    name,
    leaf,
    alias,
    shape,
    dtype,
    derivative,
    reach,
    batch,
    reference,
    text,
    latex,
  };
  registry.set(definition.name, primitive as unknown as Primitive);
  return primitive;
}

/** All primitives, in the order of their definition. */
export const primitives = (): readonly Primitive[] => [...registry.values()];

/** The primitive of that name. @throws StateError when there is none */
export function definedPrimitive(name: string): Primitive {
  const primitive = registry.get(name);
  if (primitive === undefined)
    throw new StateError(`there is no primitive ${name}`, { operation: "definedPrimitive", remedy: FAULT });
  return primitive;
}
