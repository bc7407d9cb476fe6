import { CotangentError, setDebugMode } from "@cotangent/core";
import { expect, test } from "vitest";
import { MISUSES } from "./table.ts";

/** What a call throws; nothing is an error, too. */
function thrown(wrong: () => unknown): unknown {
  try {
    wrong();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test("there are many, each with a name of its own", () => {
  const names = MISUSES.map(([what]) => what);
  expect(names.length).toBeGreaterThanOrEqual(100);
  expect(new Set(names).size).toBe(names.length);
});

test.each(MISUSES)("%s", (_, wrong, name, operation, shapes, remedy) => {
  const error = thrown(wrong) as CotangentError;
  expect(error).toBeInstanceOf(CotangentError);
  expect(error.name).toBe(name);
  expect(error.operation).toBe(operation);
  expect(error.shapes).toEqual(shapes);
  expect(error.remedy).toBe(remedy);
  // Whoever only sees the sentence sees all of it.
  expect(error.message.startsWith(`${operation}: `)).toBe(true);
  expect(error.message.endsWith(remedy)).toBe(true);
  for (const shape of shapes ?? []) expect(error.message).toContain(`[${shape.join(", ")}]`);
});

test("in debug mode they are the same", () => {
  setDebugMode(true);
  try {
    for (const [what, wrong, name] of MISUSES) {
      expect((thrown(wrong) as CotangentError).name, what).toBe(name);
    }
  } finally {
    setDebugMode(false);
  }
});
