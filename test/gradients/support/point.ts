import { evaluate, grad, jvp, type Shape, type Tensor, tensor } from "@cotangent/core";
import { type Random, randomFrom } from "./random.ts";
import type { Case } from "./row.ts";

export const float64 = (values: Float64Array, shape: Shape): Tensor =>
  tensor(values, { shape, dtype: "float64", copy: false });

/** The elements of several tensors, one after the other, computed in one plan. */
export function read(tensors: readonly Tensor[]): Float64Array {
  evaluate(...tensors);
  return concatenate(tensors.map((x) => x.dataSync() as Float64Array));
}

/** Several lists of tensors as with `read`, all computed in one plan. */
export function readAll(lists: readonly (readonly Tensor[])[]): Float64Array[] {
  evaluate(...lists.flat());
  return lists.map(read);
}

const concatenate = (arrays: readonly Float64Array[]): Float64Array =>
  arrays.length === 1 ? arrays[0] : Float64Array.from(arrays.flatMap((array) => [...array]));

/** Numbers of magnitude 0.5 to 1 and either sign: a direction in which no element is left out. */
const direction = (random: Random, size: number): Float64Array =>
  Float64Array.from({ length: size }, () => random.sign() * random.between(0.5, 1));

const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** A case with its values: a point, a direction through it, and weights that make a scalar of the result. */
export class Point {
  readonly args: readonly Tensor[];
  readonly values: readonly Float64Array[];
  readonly directions: readonly Float64Array[];
  readonly tangents: readonly Tensor[];
  readonly shape: Shape;
  readonly weights: Tensor;
  readonly epsilon: number;
  private readonly random: Random;

  constructor(readonly item: Case) {
    const { setup, seed, row } = item;
    this.epsilon = row.epsilon ?? 2 ** -52;
    this.random = randomFrom(seed);
    this.values = setup.shapes.map((shape, i) => setup.domains[i](this.random, sizeOf(shape), i));
    this.directions = setup.shapes.map((shape) => direction(this.random, sizeOf(shape)));
    this.args = this.values.map((values, i) => float64(values, setup.shapes[i]));
    this.tangents = this.directions.map((values, i) => float64(values, setup.shapes[i]));
    this.shape = setup.apply(...this.args).shape;
    this.weights = this.likeResult();
  }

  /** A random tensor of the result's shape. */
  likeResult(): Tensor {
    return float64(direction(this.random, sizeOf(this.shape)), this.shape);
  }

  /** Random tensors of the arguments' shapes. */
  likeArguments(): Tensor[] {
    return this.item.setup.shapes.map((shape) => float64(direction(this.random, sizeOf(shape)), shape));
  }

  /** The arguments moved by t along the direction. */
  readonly moved = (t: number): Tensor[] =>
    this.values.map((values, i) =>
      float64(
        values.map((x, k) => x + t * this.directions[i][k]),
        this.item.setup.shapes[i],
      ),
    );

  /** The operation. */
  readonly f = (...args: Tensor[]): Tensor => this.item.setup.apply(...args);

  /** The weighted sum of the operation's results. */
  readonly loss = (...args: Tensor[]): Tensor =>
    this.f(...args)
      .mul(this.weights)
      .sum();

  /** The gradients of `loss` by all arguments, in reverse mode. */
  readonly gradient = (...args: Tensor[]): Tensor[] =>
    grad((...all: Tensor[]) => this.loss(...all), { argnums: args.map((_, i) => i) })(...args);

  /** The derivative of the operation along `tangents`, in forward mode. */
  readonly pushed =
    (tangents: readonly Tensor[]) =>
    (...args: Tensor[]): Tensor =>
      jvp((...all: Tensor[]) => this.f(...all), args, tangents)[1];
}

/** The sum over several pairs of tensors of the sums of products. */
export const inner = (xs: readonly Tensor[], ys: readonly Tensor[]): Tensor =>
  xs.map((x, i) => x.mul(ys[i]).sum()).reduce((total, term) => total.add(term));
