import { expect, test } from "vitest";
import { scan, type Tensor, tensor } from "../../src/index.ts";

test("results of a loop are read one after the other, round after round", () => {
  const step = (total: Tensor, x: Tensor): [Tensor, Tensor] => [total.add(x), total];
  for (let round = 0; round < 4; round++) {
    const [last, before] = scan(step, tensor([round, 0]), tensor([[1, 2], [3, 4]])); // biome-ignore format: a matrix
    expect(last.arraySync()).toEqual([round + 4, 6]);
    expect(before.arraySync()).toEqual([[round, 0], [round + 1, 2]]); // biome-ignore format: a matrix
  }
});
