import { type DType, type InputSlot, isFloating, type Params, type Shape, Tensor } from "@cotangent/core";
import { sizeOf } from "../../gradients/support/shapes.ts";
import { primitiveOf, type SlotPlan } from "./case.ts";
import type { Choices } from "./choices.ts";
import type { ValueKind, Values } from "./values.ts";

/** What all of a program's choices have in common. */
export interface Style {
  /** The sizes that its shapes are made of, so that equal shapes are common. */
  readonly sizes: readonly number[];
  /** The most elements that a value may have. */
  readonly limit: number;
  /** Extreme inputs, and nothing whose rounding errors depend on the order of adding. */
  readonly extreme: boolean;
}

/** A slot while the program is decoded. */
export interface GrownSlot extends SlotPlan {
  readonly tensor: Tensor;
  readonly kind: InputSlot["kind"];
}

/** Above this the numbers of a tame program are brought back to a few units. */
const TOO_LARGE = 1e4;

/** A program that grows by one operation after the other: what there is, and operands for what comes next. */
export class Grower {
  readonly slots: GrownSlot[] = [];
  /** New values of variables that belong together. */
  readonly assigned = new Map<Tensor, Tensor>();
  /** All values, in the order in which they were made. */
  readonly pool: Tensor[] = [];
  /** About how large the elements are. */
  private readonly magnitudes = new Map<Tensor, number>();
  private names = 0;

  constructor(
    readonly choices: Choices,
    readonly style: Style,
  ) {}

  /** The number of elements is within the limit. */
  fits(shape: Shape): boolean {
    return shape.length <= 5 && sizeOf(shape) <= this.style.limit;
  }

  /** A shape of rank `least` to `most`, of the program's sizes and 1. */
  shape(least = 0, most = 4): Shape {
    const { choices, style } = this;
    const ranks = [2, 6, 9, 5, 2].map((weight, rank) => [weight, rank] as const).slice(least, most + 1);
    const rank = choices.weighted(ranks);
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) shape.push(choices.chance(15) ? 1 : choices.of(style.sizes));
    for (let axis = 0; !this.fits(shape); axis = (axis + 1) % rank) shape[axis] = Math.ceil(shape[axis] / 2);
    return shape;
  }

  /** A new input. */
  slot(shape: Shape, dtype: DType, given?: Partial<GrownSlot>): Tensor {
    const { choices } = this;
    const name = `x${this.names++}`;
    const tensor = new Tensor(primitiveOf("input"), [], { name, shape, dtype }, shape, dtype, null, true);
    const kind = choices.chance(35) ? "variable" : "data";
    const values: Values = { kind: this.valueKind(), seed: choices.below(1e6) };
    const resident = choices.chance(25);
    const twin = kind === "data" && choices.chance(5) ? { twin: choices.below(2) } : {};
    const slot = { tensor, kind, values, renewed: choices.chance(70), resident, ...twin, ...given } as const;
    this.slots.push(slot);
    this.pool.push(tensor);
    this.magnitudes.set(tensor, slot.values.kind === "wide" ? 1e4 : 5);
    return tensor;
  }

  private valueKind(): ValueKind {
    if (this.style.extreme) return "extreme";
    return this.choices.weighted([
      [4, "normal"],
      [2, "halves"],
      [2, "whole"],
      [2, "unit"],
      [1, "wide"],
    ]);
  }

  /** One more node. */
  apply(name: string, inputs: readonly Tensor[], params: Params = {}): Tensor {
    const prim = primitiveOf(name);
    const node = new Tensor(prim, inputs, params, prim.shape(inputs, params), prim.dtype(inputs, params));
    this.magnitudes.set(node, magnitudeOf(name, inputs.map((x) => this.magnitude(x)), node, inputs)); // biome-ignore format: one call
    this.pool.push(node);
    return node;
  }

  /** One more node, unless it would have too many elements. */
  applyIfSmall(name: string, inputs: readonly Tensor[], params: Params): Tensor | null {
    return this.fits(primitiveOf(name).shape(inputs, params)) ? this.apply(name, inputs, params) : null;
  }

  /** A node that was built otherwise, of which nothing is known. */
  adopt(tensor: Tensor): Tensor {
    this.pool.push(tensor);
    return tensor;
  }

  magnitude(x: Tensor): number {
    return this.magnitudes.get(x) ?? 100;
  }

  /** A literal of x's shape and dtype. */
  literal(value: number, { shape, dtype }: { readonly shape: Shape; readonly dtype: DType }): Tensor {
    return this.apply("constant", [], {
      value: dtype === "bool" ? Number(value !== 0) : value,
      shape,
      dtype,
    });
  }

  /** Some value of the dtype: one that is there, one that is cast to it, or a new input. */
  operand(dtype: DType, accepts: (x: Tensor) => boolean = () => true): Tensor | null {
    const { choices, pool } = this;
    const same = pool.filter((x) => x.dtype === dtype && accepts(x));
    if (same.length > 0 && choices.chance(85)) return this.tamed(choices.recent(same));
    const others = pool.filter((x) => x.dtype !== dtype && accepts(x));
    if (others.length > 0 && choices.chance(60)) return this.converted(choices.recent(others), dtype);
    for (let tries = 0; tries < 4; tries++) {
      const shape = this.shape();
      if (accepts({ shape, dtype, rank: shape.length, size: sizeOf(shape) } as unknown as Tensor))
        return this.slot(shape, dtype);
    }
    return same.length > 0 ? this.tamed(choices.recent(same)) : null;
  }

  /** Another operand of x's shape and dtype; now and then x itself. */
  partner(x: Tensor): Tensor {
    const { choices } = this;
    return choices.weighted<() => Tensor>([
      [10, () => this.likeInPool(x)],
      [4, () => this.broadcastInPool(x)],
      [2, () => this.literal(this.literalValue(x.dtype), x)],
      [2, () => this.slot(x.shape, x.dtype)],
      [1, () => x],
    ])();
  }

  /** A value of the shape and dtype that is there already, or a new input. */
  likeInPool({ shape, dtype }: { readonly shape: Shape; readonly dtype: DType }): Tensor {
    const text = shape.join();
    const found = this.pool.filter(
      (y) => y.shape.join() === text && (y.dtype === dtype || this.choices.chance(10)),
    );
    if (found.length === 0) return this.slot(shape, dtype);
    const y = this.choices.recent(found);
    return this.tamed(y.dtype === dtype ? y : this.converted(y, dtype));
  }

  private broadcastInPool({ shape, dtype }: Tensor): Tensor {
    const found = this.pool.filter((y) => y.dtype === dtype && spreads(y.shape, shape));
    if (found.length > 0) return this.apply("broadcast", [this.choices.recent(found)], { shape });
    const dropped = this.choices.below(shape.length + 1);
    const small = shape.slice(dropped).map((size) => (this.choices.chance(40) ? 1 : size));
    return this.apply("broadcast", [this.slot(small, dtype)], { shape });
  }

  /** The same elements in another dtype. */
  converted(x: Tensor, dtype: DType): Tensor {
    return x.dtype === dtype ? x : this.tamed(this.apply("cast", [x], { dtype }));
  }

  /** x, or what is left of it when its numbers have grown too large to be good tests. */
  tamed(x: Tensor, most = TOO_LARGE): Tensor {
    if (!isFloating(x.dtype) || this.style.extreme || this.magnitude(x) <= most) return x;
    return this.choices.chance(5) ? x : this.apply(this.choices.of(["tanh", "sin", "sigmoid", "cos"]), [x]);
  }

  /** A literal number for a dtype, the odd ones included. */
  literalValue(dtype: DType): number {
    const { choices } = this;
    if (dtype === "bool") return choices.below(2);
    if (!isFloating(dtype)) return choices.of([0, 1, 2, -1, 3, 7, -8, 255, 2 ** 31, 2 ** 32 - 1]);
    const plain = choices.of([1, 0, -0, 0.5, 2, -1, 3, 0.1, -2.5, 1e-8, 1 / 3]);
    return choices.chance(this.style.extreme ? 50 : 3) ? choices.of(UNUSUAL) : plain;
  }
}

const UNUSUAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, 5e-324, 1e-40];

/** Whether `from` broadcasts to another shape `to`. */
const spreads = (from: Shape, to: Shape): boolean => {
  const offset = to.length - from.length;
  if (offset < 0 || from.join() === to.join()) return false;
  return from.every((size, axis) => size === 1 || size === to[axis + offset]);
};

const BOUNDED = [
  "sin",
  "cos",
  "tanh",
  "sigmoid",
  "erf",
  "asin",
  "acos",
  "atan",
  "atan2",
  "sign",
  "constant",
  "erfc",
];
const LOGARITHMIC = ["log", "log1p", "log2", "log10", "asinh", "acosh", "atanh", "erfinv"];
const EXPONENTIAL = ["exp", "expm1", "exp2", "sinh", "cosh"];

/** About how large results are: enough to keep chains of operations away from infinity. */
function magnitudeOf(name: string, sizes: readonly number[], out: Tensor, inputs: readonly Tensor[]): number {
  const largest = Math.max(5, ...sizes);
  if (BOUNDED.includes(name)) return 5;
  if (LOGARITHMIC.includes(name)) return 20;
  if (EXPONENTIAL.includes(name)) return Math.exp(Math.min(largest, 200));
  const [x = 1, y = 1] = sizes;
  switch (name) {
    case "add":
    case "sub":
      return x + y;
    case "mul":
      return x * y;
    case "div":
      return 5 * x;
    case "lgamma":
      return 20 * x;
    case "polygamma":
      return 1e12;
    case "bitcast":
      return out.dtype === "float32" ? 2 ** 128 : 2 ** 32;
    case "shift":
      return 2 ** 32;
    case "tan":
      return 1000;
    case "pow":
      return x ** 4;
    case "cast":
      return Math.min(largest, 2 ** 32);
    case "scatterAdd":
      return x + (inputs[2].size / Math.max(1, out.size)) * 8 * largest;
    case "scatterMul":
      return largest ** Math.min(30, 2 + inputs[1].size);
    case "reduceSum":
      return x * (inputs[0].size / Math.max(1, out.size));
    case "reduceProd":
      return x ** Math.min(30, inputs[0].size / Math.max(1, out.size));
    case "conv":
      return x * y * Math.sqrt(inputs[1].size / Math.max(1, inputs[1].shape[0] * inputs[1].shape[1]));
    case "fold":
      return x * (inputs[0].size / Math.max(1, out.size));
    case "dot":
      return x * y * Math.sqrt((inputs[0].size * inputs[1].size) / Math.max(1, out.size));
    default:
      return largest;
  }
}
