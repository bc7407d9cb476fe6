import { commonDType } from "../ir/apply.ts";
import type { Builder, IndexingParams, ScatterOp } from "../ir/builder.ts";
import { callForm, latexCall } from "../ir/form.ts";
import { type Derivative, definePrimitive, type Primitive } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import { formatShape, sameShape, sizeOf } from "../types/shape.ts";
import { DTypeError, ShapeError } from "../util/errors.ts";
import { checkIndices, pickedShape, rowSize, rowsOf } from "./picking.ts";

type Explicit = Extract<Derivative<IndexingParams>, { kind: "explicit" }>;
type Rule = Required<Pick<Explicit, "vjp" | "jvp">>;

interface ScatterFacts {
  readonly step: (old: number, update: number) => number;
  /** For int32 and uint32, where float64 would lose bits. */
  readonly integerStep?: (old: number, update: number) => number;
  readonly acceptsBool: boolean;
  readonly derivative: Rule;
}

const FORM: Readonly<Record<ScatterOp, string>> = {
  set: "scatterSet",
  add: "scatterAdd",
  mul: "scatterMul",
  min: "scatterMin",
  max: "scatterMax",
};

/** Updates are taken in their order: what is rounded does not depend on who computes it. */
function defineScatter(op: ScatterOp, facts: ScatterFacts): Primitive<IndexingParams> {
  const name = FORM[op];
  return definePrimitive<IndexingParams>({
    name,
    shape: ([x, indices, updates], params) => {
      const expected = pickedShape(x, indices, params);
      if (sameShape(updates.shape, expected)) return x.shape;
      throw new ShapeError(`updates have shape ${formatShape(updates.shape)}, not ${formatShape(expected)}`, {
        operation: params.operation,
        shapes: [x.shape, indices.shape, updates.shape],
        remedy: "Give what gather with the same indices would give",
      });
    },
    dtype: ([x, indices, updates], params) => {
      checkIndices(indices, params);
      const dtype = commonDType(params.operation, [x, updates]);
      if (dtype !== "bool" || facts.acceptsBool) return dtype;
      throw new DTypeError("dtype bool is not accepted", {
        operation: params.operation,
        dtypes: [dtype],
        remedy: "Cast it first",
      });
    },
    derivative: {
      kind: "explicit",
      ...facts.derivative,
      mask: (b, mask, [, indices], params) => [mask, null, b.gather(mask, indices, params)],
    },
    batch: "same",
    reference: ([x, indices, updates], params, out) => {
      if (out.data.length === 0) return;
      const isInteger = x.dtype === "int32" || x.dtype === "uint32";
      const step = isInteger ? (facts.integerStep ?? facts.step) : facts.step;
      const row = rowSize(x, params);
      const totals = Float64Array.from(x.data);
      rowsOf(x, indices, params).forEach((to, from) => {
        for (let i = 0; i < row; i++) {
          totals[to * row + i] = step(totals[to * row + i], updates.data[from * row + i]);
        }
      });
      out.data.set(totals);
    },
    text: callForm(name),
    latex: latexCall(`\\operatorname{${name}}`),
  });
}

/** A flag for each index or row of x, repeated along the axes of a row. */
const along = (b: Builder, flags: Tensor, like: Tensor): Tensor =>
  b.broadcast(
    b.reshape(flags, [...flags.shape, ...new Array<number>(like.rank - flags.rank).fill(1)]),
    like.shape,
  );

/** Which updates are the last ones for their row, and which rows have none. */
function winners(b: Builder, x: Tensor, indices: Tensor, params: IndexingParams) {
  const flat: IndexingParams = { ...params, inner: 0 };
  const rows = x.shape.slice(0, x.rank - params.inner);
  const picked = indices.shape.slice(indices.rank - params.picked);
  const order = b.broadcast(b.reshape(b.iota(sizeOf(picked), "int32"), picked), indices.shape);
  const last = b.scatter("max", b.constant(-1, rows, "int32"), indices, order, flat);
  return {
    won: b.compare("equal", b.gather(last, indices, flat), order),
    untouched: b.compare("less", last, 0),
  };
}

const scatterSet = defineScatter("set", {
  step: (_, update) => update,
  acceptsBool: true,
  derivative: {
    vjp: (b, ct, [x, indices, updates], _, params) => {
      const { won, untouched } = winners(b, x, indices, params);
      const reached = b.gather(ct, indices, params);
      return [b.where(along(b, untouched, x), ct, 0), null, b.where(along(b, won, updates), reached, 0)];
    },
    jvp: (b, [x, , updates], [x0, indices, updates0], _, params) =>
      b.scatter("set", x ?? b.literal(0, x0), indices, updates ?? b.literal(0, updates0), params),
  },
});

const scatterAdd = defineScatter("add", {
  step: (total, update) => total + update,
  integerStep: (total, update) => (total + update) | 0,
  acceptsBool: false,
  derivative: {
    vjp: (b, ct, [, indices], _, params) => [ct, null, b.gather(ct, indices, params)],
    jvp: (b, [x, , updates], [x0, indices, updates0], _, params) =>
      b.scatter("add", x ?? b.literal(0, x0), indices, updates ?? b.literal(0, updates0), params),
  },
});

/** For each update the product of all others of its row: of pairs, so that it is exact with zeros, to any order. */
function productOfOthers(
  b: Builder,
  size: number,
  indices: Tensor,
  updates: Tensor,
  { picked, inner }: IndexingParams,
): Tensor {
  const batch = indices.shape.slice(0, indices.rank - picked);
  const count = sizeOf(indices.shape.slice(batch.length));
  const row = updates.shape.slice(updates.rank - inner);
  const index = b.reshape(indices, [...batch, count]);
  const front =
    indices.dtype === "int32" ? b.where(b.compare("less", index, 0), b.add(index, size), index) : index;
  const pairs = [...batch, count, count];
  const own = b.broadcast(b.reshape(front, [...batch, count, 1]), pairs);
  const other = b.broadcast(b.reshape(front, [...batch, 1, count]), pairs);
  const number = b.iota(count, "int32");
  const itself = b.compare(
    "notEqual",
    b.broadcast(b.reshape(number, [count, 1]), pairs),
    b.broadcast(number, pairs),
  );
  const meet = b.bitwise("and", b.compare("equal", own, other), itself);
  const all = [...pairs, ...row];
  const factors = b.broadcast(b.reshape(updates, [...batch, 1, count, ...row]), all);
  const flags = b.broadcast(b.reshape(meet, [...pairs, ...row.map(() => 1)]), all);
  const product = b.reduce("prod", b.where(flags, factors, 1), [batch.length + 1]);
  return b.reshape(product, updates.shape);
}

/** What x and each update are multiplied with in the result. */
function cofactors(b: Builder, [x, indices, updates]: readonly Tensor[], params: IndexingParams) {
  const size = x.shape[x.rank - 1 - params.inner];
  return {
    ofX: () => b.scatter("mul", b.literal(1, x), indices, updates, params),
    ofUpdates: () => b.mul(b.gather(x, indices, params), productOfOthers(b, size, indices, updates, params)),
  };
}

const scatterMul = defineScatter("mul", {
  step: (total, update) => total * update,
  integerStep: Math.imul,
  acceptsBool: false,
  derivative: {
    vjp: (b, ct, inputs, _, params) => {
      const { ofX, ofUpdates } = cofactors(b, inputs, params);
      return [b.mul(ct, ofX()), null, b.mul(b.gather(ct, inputs[1], params), ofUpdates())];
    },
    jvp: (b, [x, , updates], inputs, out, params) => {
      const { ofX, ofUpdates } = cofactors(b, inputs, params);
      const first = x === null ? b.literal(0, out) : b.mul(x, ofX());
      return updates === null
        ? first
        : b.scatter("add", first, inputs[1], b.mul(updates, ofUpdates()), params);
    },
  },
});

/** Who attains an extremum (or is NaN, when it is), and how many there are: they share the derivative. */
function attaining(
  b: Builder,
  [x, indices, updates]: readonly Tensor[],
  out: Tensor,
  params: IndexingParams,
) {
  const reached = (v: Tensor, extremum: Tensor) =>
    b.bitwise("or", b.compare("equal", v, extremum), b.isNaN(v));
  const byX = reached(x, out);
  const byUpdates = reached(updates, b.gather(out, indices, params));
  const count = b.scatter("add", b.cast(byX, x.dtype), indices, b.cast(byUpdates, x.dtype), params);
  return { byX, byUpdates, count };
}

const defineExtremum = (op: "min" | "max"): Primitive<IndexingParams> =>
  defineScatter(op, {
    step: op === "max" ? Math.max : Math.min,
    acceptsBool: true,
    derivative: {
      vjp: (b, ct, inputs, out, params) => {
        const { byX, byUpdates, count } = attaining(b, inputs, out, params);
        const share = b.div(ct, count);
        return [b.where(byX, share, 0), null, b.where(byUpdates, b.gather(share, inputs[1], params), 0)];
      },
      jvp: (b, [x, , updates], inputs, out, params) => {
        const { byX, byUpdates, count } = attaining(b, inputs, out, params);
        const first = x === null ? b.literal(0, out) : b.where(byX, x, 0);
        const both =
          updates === null
            ? first
            : b.scatter("add", first, inputs[1], b.where(byUpdates, updates, 0), params);
        return b.div(both, count);
      },
    },
  });

const scatterMin = defineExtremum("min");
const scatterMax = defineExtremum("max");

/** By what they do with the row that is there. */
export const scatters: Readonly<Record<ScatterOp, Primitive<IndexingParams>>> = {
  set: scatterSet,
  add: scatterAdd,
  mul: scatterMul,
  min: scatterMin,
  max: scatterMax,
};
