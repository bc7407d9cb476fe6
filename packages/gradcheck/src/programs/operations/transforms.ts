import { type Domain, within } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { Apply, At, call, type Expression, lambda, type Name, rule } from "../expression.ts";
import type { Operand } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

const gentle: Domain = within(-1.5, 1.5);

/** Functions that keep shapes, of every kind that derivatives and batches treat in their own way. */
const MAPS: readonly ((z: Expression) => Expression)[] = [
  (z) => call("mul", call("sin", z), z),
  (z) => call("exp", z),
  (z) => call("mul", z, call("sum", z)),
  (z) => call("div", z, call("add", call("square", z), 1)),
  (z) => call("sub", z, call("mul", call("sum", call("square", z)), 0.1)),
];

/** A scalar whose second derivatives are full. */
const energy = (z: Expression, draw: Draw): Expression => call("sum", call("mul", draw.genes.of(MAPS)(z), z));

const scalarFunction = (draw: Draw): Expression => lambda(["z"], (z) => energy(z, draw));

const mapFunction = (draw: Draw): Expression => lambda(["z"], (z) => draw.genes.of(MAPS)(z));

/** Every element of a result by every element of an operand. */
const small = { maxRank: 2, maxSize: 5 } as const;

/** A function made of a function, called with one tensor. */
const transformed =
  (name: string, of: (draw: Draw) => Expression, need: Parameters<Draw["float"]>[1] = {}): Decode =>
  (draw) => {
    const x = draw.float(gentle, need);
    return new Apply(call(name, of(draw)), [x.expression]);
  };

const pair = (draw: Draw): [Operand, Operand] => {
  const x = draw.float(gentle, { maxSize: 12 });
  return [x, draw.alike(x, x.shape, gentle)];
};

const residualAt = (residuals: Name, i: number): Expression => new At(residuals, i);

/** x * sigmoid(x), with its derivative by hand. */
const customVjp: Decode = (draw) => {
  const gate = (x: Expression): Expression => call("sigmoid", x);
  const own = {
    forward: lambda(["x"], (x) => [call("mul", x, gate(x)), [x, gate(x)]]),
    backward: rule(["residuals", "ct"], (residuals, ct) => {
      const [x, s] = [residualAt(residuals, 0), residualAt(residuals, 1)];
      const slope = call("add", s, call("mul", x, call("mul", s, call("sub", 1, s))));
      return [call("mul", ct, slope)];
    }),
  };
  const f = call("customVjp", lambda(["x"], (x) => call("mul", x, gate(x))), own); // biome-ignore format: one call
  return new Apply(f, [draw.float().expression]);
};

/** A product, with its tangent by hand. */
const customJvp: Decode = (draw) => {
  const [x, y] = pair(draw);
  const own = {
    jvp: rule(["primals", "tangents"], (primals, tangents) => {
      const [a, b] = [new At(primals, 0), new At(primals, 1)];
      const tangent = call("add", call("mul", new At(tangents, 0), b), call("mul", a, new At(tangents, 1)));
      return [call("mul", a, b), tangent];
    }),
  };
  const f = call("customJvp", lambda(["a", "b"], (a, b) => call("mul", a, b)), own); // biome-ignore format: one call
  return new Apply(f, [x.expression, y.expression]);
};

/** Derivatives, batches and rules of users as operations. */
export const transforms: Operations = {
  grad: transformed("grad", scalarFunction),
  valueAndGrad: (draw) => {
    const x = draw.float(gentle);
    const both = new Apply(call("valueAndGrad", scalarFunction(draw)), [x.expression]);
    return new At(both, draw.genes.whole(0, 1));
  },
  gradients: (draw) => {
    const x = draw.float(gentle);
    return new At(call("gradients", energy(x.expression, draw), [x.expression]), 0);
  },
  hessian: transformed("hessian", scalarFunction, small),
  jacobian: transformed("jacobian", mapFunction, small),
  hvp: (draw) => {
    const [x, v] = pair(draw);
    return call("hvp", scalarFunction(draw), [x.expression], [v.expression]);
  },
  jvp: (draw) => {
    const [x, v] = pair(draw);
    return new At(call("jvp", mapFunction(draw), [x.expression], [v.expression]), draw.genes.whole(0, 1));
  },
  vjp: (draw) => {
    const [x, ct] = pair(draw);
    const pullback = new At(call("vjp", mapFunction(draw), x.expression), 1);
    return new At(new Apply(pullback, [ct.expression]), 0);
  },
  linearize: (draw) => {
    const [x, v] = pair(draw);
    return new Apply(new At(call("linearize", mapFunction(draw), x.expression), 1), [v.expression]);
  },
  linearTranspose: (draw) => {
    const [y, ct] = pair(draw);
    const linear = lambda(["z"], (z) => call("add", call("mul", z, y.expression), call("sum", z)));
    const back = call("linearTranspose", linear, y.expression);
    return new At(new Apply(back, [ct.expression]), 0);
  },
  hessianDiagonal: transformed("hessianDiagonal", scalarFunction, small),
  gvp: (draw) => {
    const [x, v] = pair(draw);
    const losses = draw.genes.of([[], [scalarFunction(draw)]]);
    const at = new Apply(call("gvp", mapFunction(draw), ...losses), [x.expression]);
    return new Apply(at, [v.expression]);
  },
  gaussNewton: transformed("gaussNewton", mapFunction, small),
  vmap: transformed("vmap", mapFunction, { minRank: 1, minSize: 1 }),
  compile: transformed("compile", mapFunction),
  checkpoint: transformed("checkpoint", mapFunction),
  customVjp,
  customJvp,
};
