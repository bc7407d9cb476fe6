import { tame } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { At, call, type Expression } from "../expression.ts";
import type { Operand } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

const vector = (draw: Draw): Operand => draw.float(tame, { minRank: 1, maxRank: 1, minSize: 1, maxSize: 6 });

/** A constant vector times one that is none. */
const beside =
  (made: (size: number, draw: Draw) => Expression): Decode =>
  (draw) => {
    const x = vector(draw);
    return call("mul", x.expression, made(x.shape[0], draw));
  };

/** A constant made of x's shape and dtype, next to x. */
const like =
  (name: string, ...rest: readonly Expression[]): Decode =>
  (draw) => {
    const x = draw.float();
    return call("add", x.expression, call(name, x.expression, ...rest));
  };

/** Constants, and what makes them of shapes: each meets a value that is differentiated. */
export const creation: Operations = {
  arange: beside((size, draw) => call("arange", 1, size + 1, 1, { dtype: draw.dtype })),
  ones: beside((size, draw) => call("ones", [size], { dtype: draw.dtype })),
  zeros: beside((size, draw) => call("add", call("zeros", [size], { dtype: draw.dtype }), 0.5)),
  full: beside((size, draw) => call("full", [size], draw.genes.of([0.5, -1, 2]), { dtype: draw.dtype })),
  linspace: beside((size, draw) =>
    call("linspace", -1, 1, size, { dtype: draw.dtype, endpoint: !draw.genes.yes() }),
  ),
  logspace: beside((size, draw) => call("logspace", -1, 1, size, { dtype: draw.dtype, base: draw.genes.of([2, 3]) })), // biome-ignore format: one call
  tensor: beside((size, draw) =>
    call(
      "tensor",
      Array.from({ length: size }, () => draw.genes.whole(-3, 3) / 4),
      { dtype: draw.dtype },
    ),
  ),
  eye: (draw) => {
    const x = draw.float(tame, { minRank: 1, maxSize: 12 });
    const rows = x.shape[x.shape.length - 1];
    return call("matmul", x.expression, call("eye", rows, draw.genes.whole(1, 3), { dtype: draw.dtype }));
  },
  // Of what depends on inputs, its derivative is 0 and differences are not.
  stopGradient: beside((size, draw) =>
    call("stopGradient", call("full", [size], draw.genes.of([0.5, -1, 2]), { dtype: draw.dtype })),
  ),
  onesLike: like("onesLike"),
  zerosLike: like("zerosLike"),
  fullLike: like("fullLike", 0.75),
  meshgrid: (draw) => {
    const sides = [vector(draw).expression, vector(draw).expression];
    const options = draw.genes.yes() ? { indexing: "ij" } : {};
    return new At(call("meshgrid", sides, options), draw.genes.whole(0, 1));
  },
};
