import { customVjp, type Tensor } from "@cotangent/core";

/** A function of tensors. */
export type Function1 = (x: Tensor) => Tensor;
export type Function2 = (x: Tensor, y: Tensor) => Tensor;

/** f with a backward pass of its own, which gets the cotangent and f's arguments. */
export const withBackward = (f: Function1, backward: (ct: Tensor, x: Tensor) => Tensor | null): Function1 =>
  customVjp(f, { forward: (x: Tensor) => [f(x), x], backward: (x, ct) => [backward(ct, x)] });

/** The same for two arguments. */
export const withBackward2 = (
  f: Function2,
  backward: (ct: Tensor, x: Tensor, y: Tensor) => readonly [Tensor | null, Tensor | null],
): Function2 =>
  customVjp(f, {
    forward: (x: Tensor, y: Tensor) => [f(x, y), [x, y] as const],
    backward: ([x, y], ct) => backward(ct, x, y),
  });
