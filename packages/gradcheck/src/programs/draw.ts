import { broadcastShapes, type DType, type Shape, ShapeError, type Tensor } from "@cotangent/core";
import { type Domain, tame } from "./domains.ts";
import { call, type Expression, evaluated } from "./expression.ts";
import type { Genes } from "./genes.ts";
import { constant, elementsOf, inDomain, isFloat, type Operand, reshaped, sizeOf } from "./operand.ts";

/** What an operation needs of an operand besides its domain. */
export interface Need {
  readonly minRank?: number;
  readonly maxRank?: number;
  readonly minSize?: number;
  readonly maxSize?: number;
}

/** No result has more elements. */
export const MAX_SIZE = 36;
const MAX_RANK = 4;

/**
 * The decisions of one step: which of the values so far are its operands, and its options. Whatever the genes say, what
 * comes out is valid: an operand that does not fit is one that does, or is made to fit.
 */
export class Draw {
  readonly genes: Genes;
  /** The inputs and the results of the steps so far. */
  readonly values: readonly Operand[];
  private readonly scope: ReadonlyMap<string, Tensor>;
  /** The dtype of what is made of nothing. */
  readonly dtype: DType;

  constructor(genes: Genes, values: readonly Operand[], scope: ReadonlyMap<string, Tensor>, dtype: DType) {
    this.genes = genes;
    this.values = values;
    this.scope = scope;
    this.dtype = dtype;
  }

  /** An expression with its value. */
  operand(expression: Expression): Operand {
    const result = evaluated(expression, this.scope) as Tensor;
    return { expression, shape: result.shape, dtype: result.dtype, elements: elementsOf(result) };
  }

  /** A floating value that the operation can take. */
  float(domain: Domain = tame, need: Need = {}): Operand {
    const floats = this.latest(isFloat);
    const fit = floats.filter((x) => fits(x, need));
    const chosen = fit.length > 0 ? this.genes.mostlyFirst(fit) : this.madeToFit(this.genes.of(floats), need);
    return inDomain(chosen, domain);
  }

  /** A floating value whose shape broadcasts with the given ones: one of another shape, or one of the others again. */
  partner(others: readonly Operand[], domain: Domain = tame, maxSize = MAX_SIZE): Operand {
    const shapes = others.map(({ shape }) => shape);
    const fit = this.latest((x) => isFloat(x) && broadcastSize([...shapes, x.shape]) <= maxSize);
    if (fit.length === 0) return inDomain(this.genes.of(others.filter(isFloat)), domain);
    const different = fit.filter(({ shape }) => shape.join() !== shapes[0].join());
    return inDomain(this.genes.of([...fit, ...different, ...different]), domain);
  }

  /** A floating value of exactly this shape; what has as many elements is reshaped. */
  shaped(shape: Shape, domain: Domain = tame): Operand {
    const size = sizeOf(shape);
    const same = this.latest((x) => isFloat(x) && x.elements.length === size);
    if (same.length > 0) {
      const x = this.genes.of(same);
      return inDomain(x.shape.join() === shape.join() ? x : reshaped(x, shape), domain);
    }
    const whole = this.genes.of(this.latest(isFloat));
    const total = call("sum", inDomain(whole, tame).expression);
    const ramp = Array.from({ length: size }, (_, i) => ((i % 7) - 3) / 4);
    const factor = constant(ramp, shape, whole.dtype);
    return inDomain(this.operand(call("mul", total, factor.expression)), domain);
  }

  /** The same in the dtype of another value. */
  alike({ dtype }: Operand, shape: Shape, domain: Domain = tame): Operand {
    const x = this.shaped(shape, domain);
    return x.dtype === dtype ? x : { ...x, expression: call("cast", x.expression, dtype), dtype };
  }

  /** Whole numbers from 0 to below `count`: computed ones, or constants. */
  indices(shape: Shape, count: number): Operand {
    const size = sizeOf(shape);
    const found = this.latest((x) => x.dtype === "int32" && x.elements.length === size);
    const choice = this.genes.whole(0, found.length);
    if (choice === 0) {
      const elements = Array.from({ length: size }, () => this.genes.whole(0, 2 * count - 1));
      // Some count from the end.
      return constant(elements.map((i) => (i < count ? i : count - 1 - i)), shape, "int32"); // biome-ignore format: one call
    }
    const x = found[choice - 1];
    const bounded = call("mod", x.expression, count);
    return this.operand(x.shape.join() === shape.join() ? bounded : call("reshape", bounded, shape));
  }

  /** Whole numbers of moderate size: computed ones, or constants. */
  integers(dtype: "int32" | "uint32" = "int32"): Operand {
    const found = this.latest((x) => x.dtype === dtype);
    const choice = this.genes.whole(0, found.length);
    if (choice > 0) return found[choice - 1];
    const { shape } = this.genes.of(this.latest(isFloat));
    const low = dtype === "int32" ? -4 : 0;
    const elements = Array.from({ length: sizeOf(shape) }, () => this.genes.whole(low, 5));
    return constant(elements, shape, dtype);
  }

  /** Whole numbers of the same dtype whose shape broadcasts. */
  integersWith(x: Operand): Operand {
    const fit = this.latest((y) => y.dtype === x.dtype && broadcastSize([x.shape, y.shape]) <= MAX_SIZE);
    const choice = this.genes.whole(0, fit.length);
    return choice > 0 ? fit[choice - 1] : constant([this.genes.whole(0, 5)], [1], x.dtype);
  }

  /** Truth values whose shape broadcasts with the given one: computed ones, or constants. */
  condition(shape: Shape): Operand {
    const found = this.latest((x) => x.dtype === "bool" && broadcastSize([shape, x.shape]) <= MAX_SIZE);
    const choice = this.genes.whole(0, found.length);
    if (choice > 0) return found[choice - 1];
    return constant(Array.from({ length: sizeOf(shape) }, () => this.genes.whole(0, 1)), shape, "bool"); // biome-ignore format: one call
  }

  /** One axis of so many, perhaps counted from the end. */
  axis(rank: number): number {
    const axis = this.genes.whole(0, 2 * rank - 1);
    return axis < rank ? axis : axis - 2 * rank;
  }

  /** All axes (undefined), one, or a list of some. */
  axes(rank: number): number | number[] | undefined {
    const kind = rank === 0 ? 0 : this.genes.whole(0, 2);
    if (kind === 0) return undefined;
    if (kind === 1) return this.axis(rank);
    return this.genes.order(rank).slice(0, this.genes.whole(0, rank));
  }

  /** The values of a kind, the latest first. */
  private latest(is: (x: Operand) => boolean): Operand[] {
    return this.values.filter(is).reverse();
  }

  private madeToFit(
    x: Operand,
    { minRank = 0, maxRank = MAX_RANK, minSize = 0, maxSize = MAX_SIZE }: Need,
  ): Operand {
    let made = x;
    if (made.elements.length > maxSize) {
      made = this.operand(call("slice", call("reshape", made.expression, [-1]), 0, maxSize));
    }
    const missing = minSize - made.elements.length;
    if (missing > 0) {
      const more = constant(Array.from({ length: missing }, (_, i) => 0.5 - 0.75 * i), [missing], made.dtype); // biome-ignore format: one call
      made = this.operand(call("concat", [call("ravel", made.expression), more.expression]));
    }
    const { shape, elements } = made;
    if (shape.length > maxRank)
      return reshaped(made, maxRank === 0 ? [] : [...Array(maxRank - 1).fill(1), elements.length]);
    if (shape.length < minRank) return reshaped(made, [...Array(minRank - shape.length).fill(1), ...shape]);
    return made;
  }
}

function fits(
  { shape, elements }: Operand,
  { minRank = 0, maxRank = MAX_RANK, minSize = 0, maxSize = MAX_SIZE }: Need,
): boolean {
  return (
    shape.length >= minRank &&
    shape.length <= maxRank &&
    elements.length >= minSize &&
    elements.length <= maxSize
  );
}

/** How many elements shapes have together; infinitely many when they do not broadcast. */
export function broadcastSize(shapes: readonly Shape[]): number {
  try {
    return sizeOf(broadcastShapes("programs", ...shapes));
  } catch (error) {
    if (error instanceof ShapeError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
