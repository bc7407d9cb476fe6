import { random, type Tensor, vmap } from "cotangent";
import { checkModule } from "cotangent/gradcheck";
import "cotangent/gradcheck/vitest";
import { expect, test } from "vitest";
import { Bend, bend } from "../src/bend.ts";
import { train } from "../src/training.ts";

const x = random.normal([4, 2], { seed: 2, dtype: "float64" });
const beta = random.normal([2], { seed: 3, dtype: "float64" });

test("the rule is right, and so is the rule's own derivative", () => {
  expect(bend).toHaveCorrectGradients([x, beta], { order: 2 });
});

test("the layer is right in all that belongs to one", () => {
  expect(checkModule(new Bend(3, 1, { seed: 1 }), [4, 3]).findings).toEqual([]);
});

test("a batch of batches is each by itself", () => {
  const batches = random.normal([3, 4, 2], { seed: 4, dtype: "float64" });
  const mapped = vmap((x: Tensor) => bend(x, beta))(batches);
  expect(mapped.slice(1, 2).squeeze(0).arraySync()).toEqual(
    bend(batches.slice(1, 2).squeeze(0), beta).arraySync(),
  );
});

test("the layer learns", () => {
  const layer = new Bend(3, 1, { seed: 1 });
  const course = train(layer, 300);
  expect(course[299]).toBeLessThan(course[0] / 20);
  expect([...layer.namedVariables().keys()]).toEqual(["kernel", "beta"]);
});
