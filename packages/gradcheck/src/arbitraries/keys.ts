import { random, type Tensor } from "@cotangent/core";
import fc from "fast-check";

/** Keys of random draws (`random.key`). They shrink towards that of seed 0. */
export const keys = (): fc.Arbitrary<Tensor> => fc.maxSafeNat().map((seed) => random.key(seed));
