import type { Shape } from "@cotangent/core";

/** `offset + sum of strides[d] * index[d]` over the dimensions of a domain. */
export interface Affine {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** The sizes of the loops of a kernel, outermost first; none is 1. */
export type Domain = readonly number[];

export const affineConstant = (offset: number, rank: number): Affine => ({
  offset,
  strides: new Array<number>(rank).fill(0),
});

export const scaled = ({ offset, strides }: Affine, by: number): Affine => ({
  offset: offset * by,
  strides: strides.map((stride) => stride * by),
});

export const plus = (a: Affine, b: Affine): Affine => ({
  offset: a.offset + b.offset,
  strides: a.strides.map((stride, d) => stride + b.strides[d]),
});

export const isConstantAffine = ({ strides }: Affine): boolean => strides.every((stride) => stride === 0);

export const sameAffine = (a: Affine, b: Affine): boolean =>
  a.offset === b.offset && a.strides.every((stride, d) => stride === b.strides[d]);

/** Row-major strides, in elements. */
export function rowMajor(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export const sizeOf = (shape: Shape): number => {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
};

/** The axes of a shape that have more than one element: the loops over it. */
export const domainOf = (shape: Shape): number[] => shape.filter((n) => n !== 1);
