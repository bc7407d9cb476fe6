import { callForm, latexCall } from "../../ir/form.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { batchedWithParts, type PartParams, partValue } from "./call.ts";

/** One value that a loop or a branch gives. */
export const part = definePrimitive<PartParams>({
  name: "part",
  shape: (_, { shape }) => shape,
  dtype: (_, { dtype }) => dtype,
  derivative: { kind: "explicit" },
  batch: batchedWithParts,
  reference: ([call], params, out) => out.data.set(partValue(call.data, params, [params])),
  text: callForm(({ kind, index }) => (kind === "count" ? kind : `${kind}${index}`)),
  latex: latexCall(({ kind, index }) => `\\mathrm{${kind}}_{${index}}`),
});
