import { broken, separated, tame } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { At, call, type Expression, Method } from "../expression.ts";
import { type Operand, sizeOf } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

/** An index for an axis of that size: a range, or a whole number. */
function basic(draw: Draw, size: number): Expression {
  if (size > 0 && draw.genes.yes()) return draw.genes.whole(-size, size - 1);
  const end = (): number | null => (draw.genes.yes() ? draw.genes.whole(-size - 1, size + 1) : null);
  return call("range", end(), end(), draw.genes.of([1, 2, -1, -2]));
}

/** Indices for the first axes of x, with a new axis, an ellipsis, and tensors among them. */
function indicesFor(draw: Draw, { shape }: Operand): Expression[] {
  const kind = draw.genes.whole(0, 3);
  const [first = 1] = shape;
  const hasElements = first > 0;
  if (kind === 1 && hasElements) {
    return [draw.indices(draw.genes.of([[2], [], [2, 1]]), first).expression];
  }
  if (kind === 2) return [maskFor(draw, first)];
  const count = draw.genes.whole(0, shape.length);
  const list = shape.slice(0, count).map((size) => basic(draw, size));
  if (kind === 3 && hasElements && list.length > 1) {
    list[0] = draw.indices([2], first).expression;
  }
  if (draw.genes.yes()) list.splice(draw.genes.whole(0, list.length), 0, null);
  return draw.genes.yes() ? [...list, "..."] : list;
}

const maskFor = (draw: Draw, size: number): Expression =>
  call("tensor", Array.from({ length: size }, () => draw.genes.whole(0, 1)), { dtype: "bool", shape: [size] }); // biome-ignore format: one call

const at: Decode = (draw) => {
  const x = draw.float(separated, { minRank: 1, maxRank: 3, maxSize: 12 });
  const view = call("at", x.expression, ...indicesFor(draw, x));
  const read = new Method(view, "get", []);
  const what = draw.genes.of(["get", "set", "add", "mul", "max", "min"]);
  if (what === "get") return read;
  const { shape } = draw.operand(read);
  if (sizeOf(shape) > 12) return read;
  const extreme = what === "max" || what === "min";
  // No two elements of both are near each other: one is a number beyond all others.
  const values = extreme ? 4.5 : draw.alike(x, shape, broken).expression;
  return new Method(view, what, [values]);
};

const scatterNd: Decode = (draw) => {
  const x = draw.float(tame, { minRank: 1, maxRank: 3, minSize: 1, maxSize: 12 });
  const own = draw.genes.of([[2], [1], [3]]);
  const places = draw.indices([...own, 1], x.shape[0]);
  const updates = draw.alike(x, [...own, ...x.shape.slice(1)]);
  const reduction = draw.genes.of(["set", "add"]);
  return call("scatterNd", x.expression, places.expression, updates.expression, { reduction });
};

/** Of what is not near another element. */
const unique: Decode = (draw) => {
  const x = draw.float(separated, { minSize: 1, maxSize: 9 });
  const size = draw.genes.whole(1, 4);
  return new At(
    call("unique", x.expression, { size }),
    draw.genes.of(["values", "inverse", "counts", "indices"]),
  );
};

/** Elements by brackets, tuples and values. */
export const brackets: Operations = { at, scatterNd, unique };
