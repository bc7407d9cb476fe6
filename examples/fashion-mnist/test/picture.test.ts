import { tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import { drawImage, styleFor } from "../src/picture.ts";

const image = tensor([
  [[0], [1]],
  [[0], [1]],
  [[0.5], [0]],
  [[0.5], [1]],
]);

describe("pictures", () => {
  test("are characters where there are no colours", () => {
    expect(drawImage(image, { width: 2, style: "characters" })).toEqual([" @", "++"]);
  });

  test("are half blocks of grey on a terminal", () => {
    expect(drawImage(image, { width: 2, style: "grey" })).toEqual([
      "\x1b[38;5;232;48;5;232m▀\x1b[38;5;255;48;5;255m▀\x1b[0m",
      "\x1b[38;5;244;48;5;244m▀\x1b[38;5;232;48;5;255m▀\x1b[0m",
    ]);
  });

  test("are scaled, and made grey", () => {
    const photograph = tensor(new Float32Array(100 * 50 * 3).fill(1), { shape: [100, 50, 3] });
    const lines = drawImage(photograph, { width: 10, style: "characters" });
    expect(lines).toEqual(Array(10).fill("@".repeat(10)));
  });

  test("have the style that the output can show", () => {
    expect(styleFor({ isTTY: true }, {})).toBe("grey");
    expect(styleFor({ isTTY: true }, { NO_COLOR: "1" })).toBe("characters");
    expect(styleFor({ isTTY: true }, { TERM: "dumb" })).toBe("characters");
    expect(styleFor({}, {})).toBe("characters");
  });
});
