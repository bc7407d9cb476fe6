import { type Primitive, type Tensor, tensor } from "@cotangent/core";
import { replaced } from "../../../../test/gradients/support/faults.ts";
import { type CheckedFunction, Subject } from "../../src/check/subject.ts";
import { Random } from "../../src/numeric/random.ts";
import { PROPERTIES } from "../../src/properties/properties.ts";
import type { CheckResult } from "../../src/properties/tally.ts";
import type { Property } from "../../src/report/report.ts";

/** What a property says of a function. */
export const judged = (property: Property, f: CheckedFunction, ...args: unknown[]): CheckResult =>
  PROPERTIES[property](new Subject("checkGradients", f.name === "" ? "f" : f.name, f, args, 1));

/** Well-scaled float64 values, the same every time. */
export const draw = (shape: readonly number[], seed = 0): Tensor =>
  tensor(new Random(seed).direction(shape.reduce((a, b) => a * b, 1)), { shape, dtype: "float64" });

/** Runs `body` while the batching rule of a primitive is another one. */
export const withBatchRule = <T>(name: string, rule: Primitive["batch"], body: () => T): T =>
  replaced(name, "batch", () => rule, body);

/** Runs `body` while what is masked is lost on the way back through a primitive. */
export const withoutMask = <T>(name: string, body: () => T): T =>
  replaced(
    name,
    "derivative",
    (original) => ({ ...original, mask: undefined }) as Primitive["derivative"],
    body,
  );
