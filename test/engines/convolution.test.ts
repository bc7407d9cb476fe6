import { getEngine, type Tensor, tensor } from "cotangent";
import { it } from "vitest";
import { apply } from "../../packages/core/src/ir/apply.ts";
import { primitiveOf } from "./support/case.ts";

it("runs", () => {
  const x = tensor(
    Array.from({ length: 2 * 5 * 5 * 3 }, (_, i) => Math.sin(i)),
    { shape: [1, 2, 3, 5, 5] },
  );
  const w = tensor(
    Array.from({ length: 4 * 3 * 3 * 3 }, (_, i) => Math.cos(i)),
    { shape: [1, 4, 3, 3, 3] },
  );
  const params = {
    strides: [1, 1],
    low: [1, 1],
    high: [1, 1],
    inputDilation: [1, 1],
    kernelDilation: [1, 1],
  };
  const y = apply(primitiveOf("conv") as never, [x, w], params as never) as Tensor;
  console.log(getEngine().name, y.shape, y.dataSync().slice(0, 8));
});
