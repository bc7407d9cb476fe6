import { readFileSync } from "node:fs";
import { CotangentError, ones, type Tensor } from "@cotangent/core";
import { expect, test } from "vitest";

/** The types of methods, as text: a method that is given the type of a whole family must keep what that one says. */
const METHODS = readFileSync(new URL("../../packages/core/src/ops/methods.ts", import.meta.url), "utf8");

const namesOf = (type: string): string[] =>
  [...METHODS.matchAll(new RegExp(`^  (\\w+): ${type}\\b`, "gm"))].map(([, name]) => name);

const DTYPES = ["float32", "int32", "bool"] as const;
type Method = (...args: unknown[]) => Tensor;

/** The shape that a method gives, with the first dtypes that it accepts. */
function shapeOf(name: string, size: number | null, ...rest: unknown[]): readonly number[] {
  for (const dtype of DTYPES) {
    for (const other of DTYPES) {
      const x = ones([2, 3], { dtype });
      const args = size === null ? rest : [ones([size], { dtype: other }), ...rest];
      try {
        return (x as unknown as Record<string, Method>)[name](...args).shape;
      } catch (error) {
        if (!(error instanceof CotangentError) || error.name !== "DTypeError") throw error;
      }
    }
  }
  throw new Error(`${name} accepts no dtype`);
}

test.each([...namesOf("UnaryMethod"), ...namesOf("UnaryMethodWith")])(
  "%s keeps the shape, as its type says",
  (name) => {
    expect(shapeOf(name, null)).toEqual([2, 3]);
  },
);

test.each(namesOf("BinaryMethod"))("%s broadcasts, as its type says", (name) => {
  expect(shapeOf(name, 3)).toEqual([2, 3]);
  expect(shapeOf(name, 1)).toEqual([2, 3]);
});

test.each(namesOf("CumulativeMethod"))("%s keeps the shape along an axis, and is flat without", (name) => {
  expect(shapeOf(name, null, 1)).toEqual([2, 3]);
  expect(shapeOf(name, null)).toEqual([6]);
});

test("there are many, and one that does not broadcast would be found", () => {
  expect(namesOf("UnaryMethod").length).toBeGreaterThan(40);
  expect(namesOf("BinaryMethod").length).toBeGreaterThan(25);
  expect(shapeOf("outer", 3)).not.toEqual([2, 3]);
});
