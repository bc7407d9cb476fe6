import { evaluate, grad, jvp, type Tensor, type TypedArray, tensor } from "@cotangent/core";
import { randomFrom } from "../../gradients/support/random.ts";

/** A function and the inputs at which it is checked. */
export interface Point {
  f(...inputs: Tensor[]): Tensor | Tensor[];
  readonly inputs: readonly Tensor[];
}

/** The results of a function as a list. */
export function resultsOf({ f }: Point, inputs: readonly Tensor[]): Tensor[] {
  const results = f(...inputs);
  return Array.isArray(results) ? results : [results];
}

/** The elements of tensors, computed together. */
export function read(tensors: readonly Tensor[]): TypedArray[] {
  evaluate(...tensors);
  return tensors.map((x) => x.dataSync());
}

/** Numbers of magnitude 0.5 to 1 and either sign for the elements of these tensors. */
export function directionsLike(tensors: readonly Tensor[], seed: number): Tensor[] {
  const random = randomFrom(seed);
  return tensors.map(({ shape, dtype, size }) => {
    const elements = Float64Array.from({ length: size }, () => random.sign() * random.between(0.5, 1));
    return tensor(elements, { shape, dtype: "float64" }).cast(dtype);
  });
}

/** The sum over several pairs of tensors of the sums of products. */
export const inner = (xs: readonly Tensor[], ys: readonly Tensor[]): Tensor =>
  xs.map((x, i) => x.mul(ys[i]).sum()).reduce((total, term) => total.add(term));

/** The gradients of the weighted sum of the results by all inputs, as a function of the inputs. */
export const gradientOf =
  (point: Point, weights: readonly Tensor[]) =>
  (...inputs: Tensor[]): Tensor[] => {
    const loss = (...all: Tensor[]): Tensor => inner(resultsOf(point, all), weights);
    return grad(loss, { argnums: inputs.map((_, i) => i) })(...inputs);
  };

/** The derivatives of the results along tangents of the inputs, as a function of the inputs. */
export const pushedBy =
  (point: Point, tangents: readonly Tensor[]) =>
  (...inputs: Tensor[]): Tensor[] =>
    jvp((...all: Tensor[]) => resultsOf(point, all), inputs, tangents)[1];
