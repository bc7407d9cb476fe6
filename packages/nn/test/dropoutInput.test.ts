import { expect, test } from "vitest";
import { Dropout } from "../src/index.ts";

test.each([[[1, 2]], [undefined]])("Dropout of %s says what it takes", (input) => {
  expect(() => new Dropout(0.5).forward(input as never)).toThrow(/^Dropout: the input is .* Pass a tensor/);
});
