import { readFileSync } from "node:fs";
import type { Tensor } from "@cotangent/core";
import { expect } from "vitest";
import type { Pixels } from "../src/index.ts";

/** The bytes of a committed file. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));
}

/** A committed JSON file. */
export function json<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./${name}`, import.meta.url), "utf8")) as T;
}

/** The largest difference of two lists, which must be equally long. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    largest = Math.max(largest, Math.abs((actual[i] as number) - (expected[i] as number)));
  }
  return largest;
}

/** Shape of pixels as a tensor would have it. */
export function shapeOf({ height, width, channels }: Pixels): number[] {
  return [height, width, channels];
}

/** The elements of a tensor as plain numbers. */
export function numbers(tensor: Tensor): number[] {
  return Array.from(tensor.dataSync());
}

/** What `act` throws or rejects with; fails when it does neither. */
export async function errorOf(act: () => unknown): Promise<Error> {
  try {
    await act();
  } catch (error) {
    return error as Error;
  }
  return expect.fail("nothing was thrown");
}
