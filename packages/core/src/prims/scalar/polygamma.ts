import { type Form, Level } from "../../ir/form.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { IndexError } from "../../util/errors.ts";
import { checkAccepts } from "./define.ts";
import { polygamma as polygammaValue } from "./gamma.ts";

interface PolygammaParams {
  readonly n: number;
}

/** Beyond it n! and its like leave the range in which the code can keep them apart. */
const HIGHEST = 1000;

const written =
  (name: string, order: (n: number) => string): Form<PolygammaParams> =>
  ([x], { n }) => ({
    text: `${n === 0 ? name : order(n)}(${x.text})`,
    level: Level.atom,
  });

/** The derivative of order n + 1 of log Gamma: n = 0 is digamma, n = 1 trigamma. */
export const polygamma = definePrimitive<PolygammaParams>({
  name: "polygamma",
  shape: ([x], { n }) => {
    if (!Number.isInteger(n) || n < 0 || n > HIGHEST) {
      throw new IndexError(`there is no order ${n}`, {
        operation: "polygamma",
        remedy: `Use a whole number from 0 to ${HIGHEST}`,
      });
    }
    return x.shape;
  },
  dtype: ([x]) => {
    checkAccepts("polygamma", x.dtype, "floating");
    return x.dtype;
  },
  derivative: {
    kind: "elementwise",
    rules: [(b, t, [x], _, { n }) => b.mul(t, b.polygamma(n + 1, x))],
  },
  batch: "same",
  reference: ([x], { n }, out) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = polygammaValue(n, x.data[i]);
  },
  text: written("digamma", (n) => `polygamma_${n}`),
  latex: ([x], { n }) => ({
    text: `\\psi${n === 0 ? "" : `^{(${n})}`}\\left(${x.text}\\right)`,
    level: Level.atom,
  }),
});
