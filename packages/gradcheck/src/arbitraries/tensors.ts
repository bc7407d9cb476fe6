import {
  checkOptions,
  DTYPES,
  type DType,
  type Shape,
  StateError,
  type Tensor,
  tensor,
} from "@cotangent/core";
import fc from "fast-check";
import { elements, VALUE_KINDS, type ValueKind } from "./elements.ts";
import { choiceOption } from "./limits.ts";
import { shapes } from "./shapes.ts";

/** Which tensors there are. */
export interface TensorsOptions {
  /** One shape, or an arbitrary of shapes; `shapes()` unless given. */
  readonly shape?: Shape | fc.Arbitrary<Shape>;
  /** One dtype, or an arbitrary of dtypes; float64 unless given. */
  readonly dtype?: DType | fc.Arbitrary<DType>;
  /** What the elements are; `scaled` unless given. */
  readonly values?: ValueKind;
}

/**
 * Tensors. They shrink towards smaller shapes and elements of 1 (`scaled`, `extreme`, `special`).
 * @throws StateError for options that make no sense
 */
export function tensors(options: TensorsOptions = {}): fc.Arbitrary<Tensor> {
  const operation = "tensors";
  checkOptions(operation, options, ["shape", "dtype", "values"]);
  const { shape = shapes(), dtype = "float64" } = options;
  const values = choiceOption(operation, "values", options.values ?? "scaled", VALUE_KINDS);
  const shapesDrawn = isArbitrary(shape) ? shape : fc.constant(checkedShape(operation, shape));
  const dtypesDrawn = isArbitrary(dtype)
    ? dtype
    : fc.constant(choiceOption(operation, "dtype", dtype, DTYPES));
  return new Tensors(shapesDrawn, dtypesDrawn, values);
}

/** What a tensor was made of. */
interface Parts {
  readonly shape: fc.Value<Shape>;
  readonly dtype: fc.Value<DType>;
  readonly elements: readonly fc.Value<number>[];
}

const PLAIN = new fc.Value(1, undefined);

/** fast-check's `chain` would draw new elements for each smaller shape: these keep those that they have. */
class Tensors extends fc.Arbitrary<Tensor> {
  private readonly shapes: fc.Arbitrary<Shape>;
  private readonly dtypes: fc.Arbitrary<DType>;
  private readonly values: ValueKind;

  constructor(drawnShapes: fc.Arbitrary<Shape>, drawnDTypes: fc.Arbitrary<DType>, values: ValueKind) {
    super();
    this.shapes = drawnShapes;
    this.dtypes = drawnDTypes;
    this.values = values;
  }

  generate(random: fc.Random, bias: number | undefined): fc.Value<Tensor> {
    const shape = this.shapes.generate(random, bias);
    const dtype = this.dtypes.generate(random, bias);
    const one = elements(this.values, dtype.value);
    return made({
      shape,
      dtype,
      elements: Array.from({ length: sizeOf(shape.value) }, () => one.generate(random, bias)),
    });
  }

  canShrinkWithoutContext(_: unknown): _ is Tensor {
    return false;
  }

  shrink(_: Tensor, context: unknown): fc.Stream<fc.Value<Tensor>> {
    return fc.stream(this.simpler(context as Parts));
  }

  private *simpler(parts: Parts): IterableIterator<fc.Value<Tensor>> {
    const { shape, dtype, elements: list } = parts;
    for (const next of this.shapes.shrink(shape.value, shape.context)) {
      for (const start of new Set([0, list.length - sizeOf(next.value)])) {
        const kept = Array.from({ length: sizeOf(next.value) }, (_, i) => list[start + i] ?? PLAIN);
        yield made({ shape: next, dtype, elements: kept });
      }
    }
    for (const next of this.dtypes.shrink(dtype.value, dtype.context)) {
      yield made({ shape, dtype: next, elements: list.map(() => PLAIN) });
    }
    const one = elements(this.values, dtype.value);
    for (const [i, { value, context }] of list.entries()) {
      if (context === undefined) continue;
      for (const next of one.shrink(value, context)) {
        yield made({ shape, dtype, elements: list.with(i, next) });
      }
    }
  }
}

const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

function made(parts: Parts): fc.Value<Tensor> {
  const { shape, dtype, elements: list } = parts;
  const values = list.map(({ value }) => value);
  return new fc.Value(tensor(values, { shape: shape.value, dtype: dtype.value }), parts);
}

const isArbitrary = <T>(value: T | fc.Arbitrary<T>): value is fc.Arbitrary<T> =>
  value instanceof fc.Arbitrary;

function checkedShape(operation: string, shape: Shape): Shape {
  if (Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)) return shape;
  throw new StateError(`shape is ${JSON.stringify(shape)}`, {
    operation,
    remedy: "Give sizes such as [2, 3], or an arbitrary such as shapes()",
  });
}
