import { Adam, compile, losses, type Tensor, tensor } from "cotangent";
import { expect, test, vi } from "vitest";
import { alphabetOf, bigramEntropy } from "../letters.ts";
import { Transformer } from "../transformer.ts";

vi.spyOn(console, "log").mockImplementation(() => {});
const { bigram, ofAllText } = await import("../main.ts");

const line = "So long lives this, and this gives life to thee.";
const { letters, encode, decode } = alphabetOf(line);
const places = line.length - 1;
const rows = (text: string): Tensor => tensor([encode(text)], { dtype: "int32" });
const model = new Transformer({ letters, context: places, width: 32, heads: 4, blocks: 1 }, { seed: 2 });

test("the entropy of pairs is that of their counts", () => {
  // After each a comes an a or a b, equally often: ln 2. After the b, always an a.
  expect(bigramEntropy("aaba")).toBeCloseTo((2 * Math.log(2)) / 3, 12);
});

test("a place sees nothing of what comes after it", () => {
  const one = model.forward(rows("So long lives this")).slice([0, 0, 0], [1, 7]);
  const other = model.forward(rows("So long live thee.")).slice([0, 0, 0], [1, 7]);
  expect(one.sub(other).abs().max().item()).toBe(0);
});

test("a line is learned by heart", () => {
  const optimizer = new Adam({ learningRate: 0.01 });
  const step = compile((seen: Tensor, next: Tensor) => {
    const loss = losses.softmaxCrossEntropy(model.forward(seen), next);
    optimizer.minimize(loss, model);
    return loss;
  });
  const [seen, next] = [rows(line.slice(0, -1)), rows(line.slice(1))];
  let loss = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 100; i++) loss = step(seen, next).item();
  expect(loss).toBeLessThan(0.1);
  expect(decode(Array.from(model.forward(seen).argmax(-1).dataSync()))).toBe(line.slice(1));
});

test("on the sonnets it knows more than pairs of letters tell", () => {
  expect(ofAllText).toBeLessThan(bigram);
});
