// The tests of boundary points, bundled with collector.ts in the place of vitest.
import "../gradients/boundaries/activations.test.ts";
import "../gradients/boundaries/arrays.test.ts";
import "../gradients/boundaries/composed.test.ts";
import "../gradients/boundaries/convolution.test.ts";
import "../gradients/boundaries/cumulative.test.ts";
import "../gradients/boundaries/indexing.test.ts";
import "../gradients/boundaries/losses.test.ts";
import "../gradients/boundaries/random.test.ts";
import "../gradients/boundaries/scalar.test.ts";
import "../gradients/boundaries/sort.test.ts";
import "../gradients/boundaries/special.test.ts";
import "../gradients/boundaries/transforms.test.ts";
import { collected } from "./collector.ts";
import type { Trial } from "./trials.ts";

/** The tests of boundary points as trials. */
export const BOUNDARIES: readonly Trial[] = collected.map(({ name, run }) => ({
  finder: "boundary points",
  place: name,
  run,
}));
