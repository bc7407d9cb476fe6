import type { Engine, IndexingParams } from "@cotangent/core";
import { standIn } from "../../engines/support/standIn.ts";
import { batchFault, derivativeFault, explicitFault, ruleFault, transposeFault } from "../../gradients/support/faults.ts"; // biome-ignore format: one import

/** Something that is made wrong, and how a random program shows it. */
export interface ProgramFault {
  readonly what: string;
  /** The kind of failure, but for what follows the first colon. */
  readonly kind: string;
  /** Runs `body` while it is wrong. */
  run<T>(body: () => T): T;
  /** The engine that is wrong. */
  readonly engine?: Engine;
}

const found = (kind: string, operation: string, fault: { readonly what: string; run<T>(body: () => T): T }): ProgramFault => ({ kind, what: `${operation}: ${fault.what}`, run: (body) => fault.run(body) }); // biome-ignore format: one call

/** An engine that computes one primitive wrong, where `change` says so. */
const engineFault = (
  operation: string,
  primitive: string,
  what: string,
  change: (value: { [i: number]: number; readonly length: number }) => void,
): ProgramFault => ({
  kind: "engineIsRight",
  what: `${operation} on an engine: ${what}`,
  run: (body) => body(),
  engine: standIn("wrong", {
    computed: (node, value) => {
      if (node.prim?.name === primitive) change(value);
    },
  }),
});

export const FAULTS: readonly ProgramFault[] = [
  found("gradientsAreRight", "sin", ruleFault("sin", "wrong sign", 0, (rule) => (b, ...rest) => {
    const result = rule(b, ...rest);
    return result && b.neg(result);
  })),
  found("gradientsAreRight", "exp", ruleFault("exp", "factor of 1.001", 0, () => (b, t, _, out) => b.mul(t, b.mul(out, 1.001)))),
  found("gradientsAreRight", "tanh", ruleFault("tanh", "a square forgotten", 0, () => (b, t, _, out) => b.mul(t, b.sub(1, out)))),
  found("gradientsAreRight", "mul", ruleFault("mul", "missing term", 1, null)),
  found("gradientsAreRight", "div", ruleFault("div", "missing minus", 1, () => (b, t, [, y], out) => b.mul(b.div(t, y), out))),
  found("gradientsAreRight", "sub", transposeFault("sub", "missing minus", () => (_, ct) => [ct, ct])),
  found("gradientsAreRight", "flip", transposeFault("flip", "not flipped back", () => (_, ct) => [ct])),
  found("gradientsAreRight", "transpose", transposeFault("permute", "a permutation that is not inverted", () => (b, ct, [x], params) => {
    const { axes } = params as { axes: readonly number[] };
    return [b.permute(ct, axes.map((axis) => axis + x.rank))];
  })),
  found("gradientsAreRight", "matmul", derivativeFault("dot", "missing transpose", (original) => {
    if (original.kind !== "multilinear") throw new Error("dot is multilinear");
    return {
      kind: "multilinear",
      transpose: (b, ct, inputs, params, index, out) => {
        const right = original.transpose(b, ct, inputs, params, index, out);
        const square = right.rank === 2 && right.shape[0] === right.shape[1];
        return index === 1 && square ? b.permute(right, [1, 0]) : right;
      },
    };
  })),
  found("gradientsAreRight", "cumsum", transposeFault("cumulativeSum", "walked in the same direction", () => (b, ct, [x], params) => {
    const { axis, reverse } = params as { axis: number; reverse: boolean };
    return [b.cumulative("sum", ct, axis + x.rank, reverse)];
  })),
  found("gradientsAreRight", "take", explicitFault("gather", "of an index that occurs twice only one counts", ({ jvp }) => ({
    jvp,
    vjp: (b, ct, [x, indices], _, params) => [b.scatter("set", b.literal(0, x), indices, ct, params as IndexingParams), null],
  }))),
  found("gradientsAreRight", "max", explicitFault("reduceMax", "forward mode takes all elements", ({ vjp }) => ({
    vjp,
    jvp: (b, [t], [x], _, params) => {
      const { axes } = params as { axes: readonly number[] };
      return b.reduce("sum", t as NonNullable<typeof t>, axes.map((axis) => axis + x.rank));
    },
  }))),
  found("mappedIsStacked", "broadcastTo", batchFault("broadcast", "lanes against the wrong axes", () => (b, [x], _, params, size) => {
    const { shape } = params as { shape: readonly number[] };
    return b.broadcast(x, [size, ...shape]);
  })),
  found("mappedIsStacked", "take", batchFault("gather", "lanes in reverse order", (batch) => (b, inputs, mapped, params, size) => {
    if (batch === "same") throw new Error("gather has a rule of its own");
    return b.flip(batch(b, inputs, mapped, params, size), [0]);
  })),
  found("gradientsAreRight", "sqrt", ruleFault("sqrt", "an error of a class of its own", 0, () => () => {
    throw new RangeError("out of ideas");
  })),
  found("gradientsAreRight", "exp", ruleFault("exp", "right only once", 0, () => (b, t, _, out) => b.mul(t, b.stopGradient(out)))),
  found("gradientsAreRight", "add", transposeFault("broadcast", "the first of what was repeated instead of the sum", () => (b, ct, [x]) => {
    const start = ct.shape.map(() => 0);
    const offset = ct.rank - x.rank;
    const end = ct.shape.map((size, axis) => (axis < offset ? 1 : Math.min(size, x.shape[axis - offset])));
    return [b.reshape(b.slice(ct, start, end), x.shape)];
  })),
  engineFault("cos", "cos", "the first element is a little off", (value) => {
    if (value.length > 0) value[0] *= 1 + 1e-6;
  }),
  engineFault("cumprod", "cumulativeProd", "the last of several elements repeats the one before", (value) => {
    if (value.length > 2) value[value.length - 1] = value[value.length - 2];
  }),
]; // biome-ignore format: a table
