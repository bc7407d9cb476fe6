import type { Tensor } from "../ir/tensor.ts";
import type { NestedValues, TensorLike } from "../prims/convert.ts";
import type { DType, TypedArray } from "../types/dtype.ts";
import type { Shape } from "../types/shape.ts";
import type {
  Broadcast,
  Count,
  Diag,
  Diagonals,
  DotShape,
  Expanded,
  Fits,
  InnerShape,
  Known,
  MatmulShape,
  Moved,
  Picked,
  Reduced,
  ReducedBy,
  Reshaped,
  Settled,
  ShapeOf,
  Squeezed,
  StaticAxes,
  Stretch,
  Swapped,
  Traces,
  Transposed,
} from "../types/static/index.ts";
import type { Indexed } from "./at/indexed.ts";
import type { Index } from "./at/range.ts";

/*
 * How operations and methods say what shape comes out. Methods are generic in `this: Tensor<A>` and never use the class's
 * own parameter, else `Tensor<readonly [2, 3]>` would be no `Tensor`. Overloads go from exact, which generic code can use,
 * to general, which computes shapes and, where they do not fit, asks for a `ShapeMismatch`. Of four or more overloads the
 * compiler reports the last alone: the one with the sentence.
 */

type Scalar = number | boolean;
type ArrayLike = NestedValues | TypedArray;

/** A function of one tensor that keeps its shape. */
export type Unary = <X extends TensorLike>(x: X) => Tensor<ShapeOf<X>>;

/** The method of such a function. */
export type UnaryMethod = <T extends Tensor>(this: T) => Tensor<ShapeOf<T>>;

/** The same with one more argument that may be left out: options, axes. */
export type UnaryMethodWith<O> = <T extends Tensor>(this: T, options?: O) => Tensor<ShapeOf<T>>;

/** The method of running totals: along an axis, or of all elements as a vector. */
export interface CumulativeMethod<O> {
  <T extends Tensor>(this: T, axis: number, options?: O): Tensor<ShapeOf<T>>;
  (axis?: undefined, options?: O): Tensor<readonly [number]>;
  (axis?: number, options?: O): Tensor;
}

/** The method that changes the dtype. */
export type CastMethod = <T extends Tensor>(this: T, dtype: DType) => Tensor<ShapeOf<T>>;

/** A function of two tensors, with broadcasting. */
export interface Binary<Op extends string> {
  <A extends Shape>(x: Tensor<A>, y: Tensor<NoInfer<A>> | Scalar): Tensor<A>;
  <A extends Shape>(x: Scalar, y: Tensor<A>): Tensor<A>;
  (x: ArrayLike, y: ArrayLike | Scalar): Tensor;
  <X extends TensorLike, Y extends TensorLike>(
    x: X,
    y: Y & Fits<Broadcast<Op, ShapeOf<X>, ShapeOf<Y>>>,
  ): Tensor<Settled<Broadcast<Op, ShapeOf<X>, ShapeOf<Y>>>>;
}

/** The method of such a function. */
export interface BinaryMethod<Op extends string> {
  <A extends Shape>(this: Tensor<A>, y: Tensor<NoInfer<A>> | Scalar): Tensor<A>;
  <M extends number, N extends number>(
    this: Tensor<readonly [M, N]>,
    y: Tensor<readonly [NoInfer<N>]>,
  ): Tensor<readonly [M, N]>;
  (y: ArrayLike): Tensor;
  <T extends Tensor, Y extends TensorLike>(
    this: T,
    y: Y & Fits<Broadcast<Op, ShapeOf<T>, ShapeOf<Y>>>,
  ): Tensor<Settled<Broadcast<Op, ShapeOf<T>, ShapeOf<Y>>>>;
}

/** The matrix product. */
export interface Matmul {
  <M extends number, K extends number, N extends number>(
    x: Tensor<readonly [M, K]>,
    y: Tensor<readonly [NoInfer<K>, N]>,
  ): Tensor<readonly [M, N]>;
  <B extends number, M extends number, K extends number, N extends number>(
    x: Tensor<readonly [B, M, K]>,
    y: Tensor<readonly [NoInfer<K>, N]>,
  ): Tensor<readonly [B, M, N]>;
  (x: ArrayLike, y: ArrayLike): Tensor;
  <X extends TensorLike, Y extends TensorLike>(
    x: X,
    y: Y & Fits<MatmulShape<ShapeOf<X>, ShapeOf<Y>>>,
  ): Tensor<Settled<MatmulShape<ShapeOf<X>, ShapeOf<Y>>>>;
}

/** The method of the matrix product. */
export interface MatmulMethod {
  <M extends number, K extends number, N extends number>(
    this: Tensor<readonly [M, K]>,
    y: Tensor<readonly [NoInfer<K>, N]>,
  ): Tensor<readonly [M, N]>;
  <B extends number, M extends number, K extends number, N extends number>(
    this: Tensor<readonly [B, M, K]>,
    y: Tensor<readonly [NoInfer<K>, N]>,
  ): Tensor<readonly [B, M, N]>;
  (y: ArrayLike): Tensor;
  <T extends Tensor, Y extends TensorLike>(
    this: T,
    y: Y & Fits<MatmulShape<ShapeOf<T>, ShapeOf<Y>>>,
  ): Tensor<Settled<MatmulShape<ShapeOf<T>, ShapeOf<Y>>>>;
}

/** The method of NumPy's `dot`. */
export type DotMethod = <T extends Tensor, Y extends TensorLike>(
  this: T,
  y: Y & Fits<DotShape<ShapeOf<T>, ShapeOf<Y>>>,
) => Tensor<Settled<DotShape<ShapeOf<T>, ShapeOf<Y>>>>;

/** The method of the product over last axes. */
export type InnerMethod = <T extends Tensor, Y extends TensorLike>(
  this: T,
  y: Y & Fits<InnerShape<ShapeOf<T>, ShapeOf<Y>>>,
) => Tensor<Settled<InnerShape<ShapeOf<T>, ShapeOf<Y>>>>;

/** The method of all products. */
export type OuterMethod = <T extends Tensor, Y extends TensorLike>(
  this: T,
  y: Y,
) => Tensor<readonly [Count<ShapeOf<T>>, Count<ShapeOf<Y>>]>;

/** A reduction of all elements, or along axes. `O` are its options. */
export type Reduction<Op extends string, O> = <
  X extends TensorLike,
  const Axes extends StaticAxes = undefined,
  const Given extends O = O & Record<never, never>,
>(
  x: X,
  axes?: Axes & Fits<Reduced<Op, ShapeOf<X>, Axes, Given>>,
  options?: Given,
) => Tensor<Settled<Reduced<Op, ShapeOf<X>, Axes, Given>>>;

/** The method of a reduction. */
export interface ReductionMethod<Op extends string, O> {
  (): Tensor<readonly []>;
  <T extends Tensor, const Axes extends StaticAxes>(
    this: T,
    axes: Axes & Fits<Reduced<Op, ShapeOf<T>, Axes, unknown>>,
  ): Tensor<Settled<Reduced<Op, ShapeOf<T>, Axes, unknown>>>;
  <T extends Tensor, const Axes extends StaticAxes, const Given extends O>(
    this: T,
    axes: Axes & Fits<Reduced<Op, ShapeOf<T>, Axes, Given>>,
    options: Given | undefined,
  ): Tensor<Settled<Reduced<Op, ShapeOf<T>, Axes, Given>>>;
}

/** The method of a reduction whose options `O` name the axes. */
export interface ReductionByMethod<Op extends string, O> {
  (): Tensor<readonly []>;
  <T extends Tensor, const Given extends O>(
    this: T,
    options: Given & Fits<ReducedBy<Op, ShapeOf<T>, Given>>,
  ): Tensor<Settled<ReducedBy<Op, ShapeOf<T>, Given>>>;
}

/** A function along axes that keeps the shape. */
export type AlongMethod = <T extends Tensor>(this: T, axes?: StaticAxes) => Tensor<ShapeOf<T>>;

/** The method that gives the elements another shape. */
export type ReshapeMethod = <T extends Tensor, const B extends Shape>(
  this: T,
  shape: B & Fits<Reshaped<ShapeOf<T>, B>>,
) => Tensor<Settled<Reshaped<ShapeOf<T>, B>>>;

/** The method that puts all elements in a row. */
export type RavelMethod = <T extends Tensor>(this: T) => Tensor<readonly [Count<ShapeOf<T>>]>;

/** The method that moves elements on. */
export type RollMethod = <T extends Tensor>(
  this: T,
  shift: number | readonly number[],
  axes?: number | readonly number[],
) => Tensor<ShapeOf<T>>;

/** The method that exchanges two axes. */
export type SwapAxesMethod = <T extends Tensor, const A extends number, const B extends number>(
  this: T,
  axis1: A,
  axis2: B & Fits<Swapped<ShapeOf<T>, A, B>>,
) => Tensor<Settled<Swapped<ShapeOf<T>, A, B>>>;

/** The method that moves axes. */
export type MoveAxisMethod = <
  T extends Tensor,
  const A extends number | readonly number[],
  const B extends number | readonly number[],
>(
  this: T,
  source: A,
  destination: B & Fits<Moved<ShapeOf<T>, A, B>>,
) => Tensor<Settled<Moved<ShapeOf<T>, A, B>>>;

/** The method that makes a diagonal matrix, or takes its diagonal. */
export interface DiagMethod<O> {
  <T extends Tensor>(this: T): Tensor<Settled<Diag<ShapeOf<T>, unknown>>>;
  <T extends Tensor, const Given extends O>(
    this: T,
    options: Given & Fits<Diag<ShapeOf<T>, Given>>,
  ): Tensor<Settled<Diag<ShapeOf<T>, Given>>>;
}

/** The method that takes diagonals. */
export interface DiagonalMethod<O> {
  <T extends Tensor>(this: T): Tensor<Settled<Diagonals<ShapeOf<T>, unknown>>>;
  <T extends Tensor, const Given extends O>(
    this: T,
    options: Given & Fits<Diagonals<ShapeOf<T>, Given>>,
  ): Tensor<Settled<Diagonals<ShapeOf<T>, Given>>>;
}

/** The method that adds a diagonal up. */
export interface TraceMethod<O> {
  <T extends Tensor>(this: T): Tensor<Settled<Traces<ShapeOf<T>, unknown>>>;
  <T extends Tensor, const Given extends O>(
    this: T,
    options: Given & Fits<Traces<ShapeOf<T>, Given>>,
  ): Tensor<Settled<Traces<ShapeOf<T>, Given>>>;
}

/** The method that reorders axes. */
export type TransposeMethod = <T extends Tensor, const Order extends Shape | undefined = undefined>(
  this: T,
  axes?: Order & Fits<Transposed<ShapeOf<T>, Order>>,
) => Tensor<Settled<Transposed<ShapeOf<T>, Order>>>;

/** The method that repeats. */
export type BroadcastMethod = <T extends Tensor, const B extends Shape>(
  this: T,
  shape: B & Fits<Stretch<ShapeOf<T>, B>>,
) => Tensor<Known<B>>;

/** The method that removes axes of size 1. */
export type SqueezeMethod = <T extends Tensor, const Axes extends StaticAxes = undefined>(
  this: T,
  axes?: Axes & Fits<Squeezed<ShapeOf<T>, Axes>>,
) => Tensor<Settled<Squeezed<ShapeOf<T>, Axes>>>;

/** The method that adds an axis of size 1. */
export type ExpandDimsMethod = <T extends Tensor, const Axis extends number>(
  this: T,
  axis: Axis & Fits<Expanded<"expandDims", ShapeOf<T>, Axis>>,
) => Tensor<Settled<Expanded<"expandDims", ShapeOf<T>, Axis>>>;

/** The shape of an operation on three. */
export type Broadcast3<Op extends string, X, Y, Z> = Broadcast<
  Op,
  Broadcast<Op, ShapeOf<X>, ShapeOf<Y>>,
  ShapeOf<Z>
>;

/** The method that limits values. */
export interface ClipMethod {
  <T extends Tensor>(this: T, low: Scalar, high: Scalar): Tensor<ShapeOf<T>>;
  <T extends Tensor, L extends TensorLike, H extends TensorLike>(
    this: T,
    low: L & Fits<Broadcast<"clip", ShapeOf<T>, ShapeOf<L>>>,
    high: H & Fits<Broadcast<"clip", ShapeOf<T>, ShapeOf<H>>>,
  ): Tensor<Settled<Broadcast<"clip", Broadcast<"clip", ShapeOf<T>, ShapeOf<L>>, ShapeOf<H>>>>;
}

/** The method that names elements. */
export type AtMethod = <T extends Tensor, const I extends readonly Index[]>(
  this: T,
  ...indices: I
) => Indexed<ShapeOf<T>, Settled<Picked<ShapeOf<T>, I>>>;
