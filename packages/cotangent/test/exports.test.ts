import * as core from "@cotangent/core";
import * as dataPackage from "@cotangent/data";
import * as nn from "@cotangent/nn";
import * as optim from "@cotangent/optim";
import * as train from "@cotangent/train";
import { expect, test } from "vitest";
import * as data from "../src/data.ts";
import * as cotangent from "../src/index.ts";

const parts: Record<string, Record<string, unknown>> = { core, nn, optim, train };

test.each(Object.entries(parts))(
  "everything of %s can be had from cotangent, and is the same thing",
  (_name, part) => {
    for (const [name, value] of Object.entries(part)) {
      expect((cotangent as Record<string, unknown>)[name], name).toBe(value);
    }
  },
);

test("cotangent has nothing else", () => {
  const names = new Set(Object.values(parts).flatMap((part) => Object.keys(part)));
  // Of the engine, what users choose it and look at it with.
  for (const name of ["createWasmEngine", "explainPlan", "wasmEngine"]) names.add(name);
  expect(Object.keys(cotangent).sort()).toEqual([...names].sort());
});

test("cotangent/data is @cotangent/data", () => {
  expect({ ...data }).toEqual({ ...dataPackage });
});
