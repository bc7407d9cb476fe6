import { describeValue, StateError } from "@cotangent/core";
import {
  glorotNormal,
  glorotTruncatedNormal,
  glorotUniform,
  heNormal,
  heTruncatedNormal,
  heUniform,
  lecunNormal,
  lecunTruncatedNormal,
  lecunUniform,
  ones,
  zeros,
} from "./index.ts";
import type { Initializer } from "./initializer.ts";

const NAMED = {
  glorotUniform,
  glorotNormal,
  glorotTruncatedNormal,
  heUniform,
  heNormal,
  heTruncatedNormal,
  lecunUniform,
  lecunNormal,
  lecunTruncatedNormal,
  zeros,
  ones,
};

/** The name of an initialiser, wherever a layer takes one. */
export type InitializerName = keyof typeof NAMED;

/** The initialiser of that name, or the given one. */
export function initializerFunction(
  initializer: Initializer | InitializerName,
  operation: string,
): Initializer {
  if (typeof initializer === "function") return initializer;
  if (typeof initializer === "string" && Object.hasOwn(NAMED, initializer)) return NAMED[initializer];
  const given = typeof initializer === "string" ? `"${initializer}"` : describeValue(initializer);
  throw new StateError(`${given} is not an initialiser`, {
    operation,
    remedy: `Use a function of a shape, or one of ${Object.keys(NAMED).join(", ")}`,
  });
}
