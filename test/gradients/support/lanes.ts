import { type Shape, type Tensor, vmap } from "@cotangent/core";
import { checkEqual } from "./close.ts";
import { float64, inner, Point, read, readAll } from "./point.ts";
import type { Property } from "./properties.ts";
import { randomFrom } from "./random.ts";
import type { Case } from "./row.ts";

const product = (sizes: readonly number[]): number => sizes.reduce((total, n) => total * n, 1);

/** Arrays of one shape along a new axis, without any operation of the library. */
function stackArrays(lanes: readonly Float64Array[], shape: Shape, axis: number): Float64Array {
  const row = product(shape.slice(axis));
  const result = new Float64Array(product(shape) * lanes.length);
  for (let k = 0; k < result.length; k++) {
    const block = Math.floor(k / row);
    result[k] = lanes[block % lanes.length][Math.floor(block / lanes.length) * row + (k % row)];
  }
  return result;
}

const inserted = (shape: Shape, axis: number, size: number): number[] => shape.toSpliced(axis, 0, size);

/** A case several times, with other values in each lane, and with the lanes stacked for vmap. */
class Lanes {
  readonly point: Point;
  readonly count: number;
  /** The arguments of each lane. */
  readonly lanes: readonly (readonly Tensor[])[];
  readonly stacked: readonly Tensor[];
  /** As given to vmap: null, or an axis that may be counted from the end. */
  readonly inAxes: readonly (number | null)[];
  readonly outAxis: number;
  private readonly random;

  constructor(item: Case) {
    const { setup, seed } = item;
    this.point = new Point(item);
    const random = randomFrom(~seed);
    this.random = random;
    this.count = random.chance(0.06) ? 0 : random.whole(1, 3);
    const always = random.whole(0, setup.shapes.length - 1);
    const places = setup.shapes.map((shape, i) =>
      i !== always && random.chance(0.3) ? null : random.whole(0, shape.length),
    );
    const values = setup.shapes.map((shape, i) =>
      Array.from({ length: places[i] === null ? 1 : this.count }, () =>
        setup.domains[i](random, product(shape), i),
      ),
    );
    this.lanes = Array.from({ length: this.count }, (_, lane) =>
      setup.shapes.map((shape, i) => float64(values[i][places[i] === null ? 0 : lane], shape)),
    );
    this.stacked = setup.shapes.map((shape, i) => {
      const place = places[i];
      if (place === null) return float64(values[i][0], shape);
      return float64(stackArrays(values[i], shape, place), inserted(shape, place, this.count));
    });
    this.inAxes = places.map((place, i) =>
      place !== null && random.chance(0.3) ? place - setup.shapes[i].length - 1 : place,
    );
    const rank = this.point.shape.length;
    this.outAxis = random.whole(-rank - 1, rank);
  }

  /** Weights for the lanes. */
  weights(): Float64Array {
    return Float64Array.from({ length: this.count }, () => this.random.sign() * this.random.between(0.5, 1));
  }

  /** The axis that argument `i` is mapped along, counted from the front; null when it is the same in all lanes. */
  place(i: number): number | null {
    const axis = this.inAxes[i];
    return axis !== null && axis < 0 ? axis + this.point.item.setup.shapes[i].length + 1 : axis;
  }
}

const checkShape = (what: string, actual: Tensor, expected: Shape): void => {
  if (actual.shape.join() !== expected.join()) {
    throw new Error(`${what} has shape [${actual.shape}] instead of [${expected}]`);
  }
};

/** Mapped results against a loop over the lanes, stacked along the leading axis. */
function checkMapped(
  what: string,
  { point, lanes, stacked, inAxes }: Lanes,
  f: (...args: Tensor[]) => readonly Tensor[],
): void {
  const mapped = vmap((...args: Tensor[]) => [...f(...args)], { inAxes })(...stacked);
  const looped = lanes.map((args) => f(...args));
  const [first] = looped;
  mapped.forEach((result, i) => {
    const shape = first === undefined ? result.shape.slice(1) : first[i].shape;
    checkShape(what, result, [lanes.length, ...shape]);
    const expected = readAll(looped.map((results) => [results[i]]));
    checkEqual(point, `${what} ${i}`, read([result]), stackArrays(expected, shape, 0));
  });
}

/** vmap against a stacked loop: values, along any axes of arguments and result. */
export const mappedValues: Property = (item) => {
  const all = new Lanes(item);
  const { point, lanes, stacked, inAxes, outAxis } = all;
  const mapped = vmap(point.f, { inAxes, outAxes: outAxis })(...stacked);
  const axis = outAxis < 0 ? outAxis + point.shape.length + 1 : outAxis;
  checkShape("mapped value", mapped, inserted(point.shape, axis, lanes.length));
  const expected = readAll(lanes.map((args) => [point.f(...args)]));
  checkEqual(point, "mapped value", read([mapped]), stackArrays(expected, point.shape, axis));
  return true;
};

/** vmap over derivatives against a stacked loop: reverse mode, forward mode, and second order. */
export const mappedDerivatives: Property = (item) => {
  const all = new Lanes(item);
  const { point } = all;
  checkMapped("mapped gradient", all, point.gradient);
  checkMapped("mapped jvp", all, (...args) => [point.pushed(point.tangents)(...args)]);
  return true;
};

/** Derivatives of a mapped function against a stacked loop: what all lanes share gets the sum over the lanes. */
export const derivativesOfMapped: Property = (item) => {
  const all = new Lanes(item);
  const { point, lanes, stacked, inAxes } = all;
  const scale = all.weights();
  const total = new Point({ ...item, setup: mappedSetup(all, scale) });
  const argnums = item.setup.shapes.map((_, i) => i);
  const gradients = total.gradient(...stacked);
  const looped = lanes.map((args) => readAll(point.gradient(...args).map((g) => [g])));
  const factor = read([total.weights])[0];
  const expected = argnums.map((i) => {
    const place = all.place(i);
    const scaled = looped.map((results, lane) => results[i].map((g) => g * scale[lane] * factor));
    if (place !== null) return stackArrays(scaled, item.setup.shapes[i], place);
    const sum = new Float64Array(product(item.setup.shapes[i]));
    for (const lane of scaled) for (let k = 0; k < sum.length; k++) sum[k] += lane[k];
    return sum;
  });
  gradients.forEach((gradient, i) => {
    checkShape(`gradient ${i} of mapped`, gradient, stacked[i].shape);
    checkEqual(point, `gradient ${i} of mapped (${inAxes[i]})`, read([gradient]), expected[i]);
  });
  return true;
};

/** The weighted sum over the lanes of a mapped loss, as an operation of its own. */
function mappedSetup({ point, stacked, inAxes }: Lanes, scale: Float64Array): Case["setup"] {
  const weights = float64(scale, [scale.length]);
  return {
    ...point.item.setup,
    shapes: stacked.map((x) => x.shape),
    apply: (...args) => inner([vmap(point.loss, { inAxes })(...args)], [weights]),
  };
}
