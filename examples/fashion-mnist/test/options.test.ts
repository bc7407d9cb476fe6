import { describe, expect, test } from "vitest";
import { HOME_URL } from "../src/download.ts";
import { HELP, parseOptions, UsageError } from "../src/options.ts";
import { runDemo } from "./run.ts";

describe("options", () => {
  test("are those of the main job unless given", () => {
    expect(parseOptions([], {})).toEqual({
      help: false,
      epochs: 10,
      seed: 0,
      loss: "crossEntropy",
      learningRate: undefined,
      full: false,
      download: false,
      data: undefined,
      baseUrl: HOME_URL,
      images: undefined,
      size: 224,
      save: undefined,
      load: undefined,
      predict: [],
    });
  });

  test("are read", () => {
    const options = parseOptions(
      ["--epochs", "3", "--seed=7", "--loss", "mse", "--learning-rate", "0.1", "--data", "d", "--save", "f"],
      {},
    );
    expect(options).toMatchObject({
      epochs: 3,
      seed: 7,
      loss: "mse",
      learningRate: 0.1,
      full: true,
      data: "d",
    });
    expect(parseOptions(["--load", "f", "--predict", "a.png", "--predict", "b.jpg"], {}).predict).toEqual([
      "a.png",
      "b.jpg",
    ]);
    expect(parseOptions(["--download"], { FASHION_MNIST_URL: "http://localhost:1/" })).toMatchObject({
      download: true,
      full: true,
      baseUrl: "http://localhost:1/",
    });
  });

  test("that are known are all in the help", () => {
    const named = new Set(HELP.match(/--[a-z-]+(?= )/g));
    for (const name of ["epochs", "seed", "loss", "learning-rate", "full", "data", "download", "base-url"]) {
      expect(named).toContain(`--${name}`);
    }
    for (const name of ["images", "size", "save", "load", "predict", "help"])
      expect(named).toContain(`--${name}`);
  });

  const wrong: [string[], RegExp][] = [
    [["--epoch", "3"], /Unknown option '--epoch'/],
    [["shoe.png"], /Unexpected argument 'shoe.png'/],
    [["--epochs"], /--epochs.*argument missing/],
    [["--epochs", "0"], /--epochs is "0", not a whole number from 1/],
    [["--epochs", "1.5"], /--epochs is "1.5"/],
    [["--seed", "x"], /--seed is "x"/],
    [["--loss", "MSE"], /--loss is "MSE": there are crossEntropy and mse/],
    [["--learning-rate", "-1"], /--learning-rate/],
    [["--learning-rate", ""], /--learning-rate is ""/],
    [["--size", "64"], /--images DIR, which is missing/],
    [["--images", "d", "--full"], /--images and --full do not go together/],
    [
      ["--load", "f", "--epochs", "3"],
      /--load and --epochs do not go together: a loaded network is not trained/,
    ],
    [["--load", "f", "--images", "d"], /--load and --images/],
    [["--base-url", "http://x/"], /--base-url says where to --download from/],
    [["--download", "--base-url", "ftp://x/"], /no http or https address/],
    [["--save", ""], /--save is empty/],
  ];
  test.each(wrong)("%j are refused", (args, message) => {
    expect(() => parseOptions(args, {})).toThrow(message);
    expect(() => parseOptions(args, {})).toThrow(UsageError);
  });
});

describe("the program", () => {
  test("shows its help", async () => {
    expect(await runDemo(["--help"])).toMatchObject({ code: 0, out: `${HELP}\n`, err: "" });
  });

  test("says in a sentence what is wrong", async () => {
    const usage = await runDemo(["--epochs", "many"]);
    expect(usage).toMatchObject({ code: 2, out: "" });
    expect(usage.err).toBe('--epochs is "many", not a whole number from 1\nSee npm start -- --help\n');
    const missing = await runDemo(["--load", "nowhere.safetensors", "--predict", "x.png"]);
    expect(missing).toMatchObject({ code: 1, out: "" });
    expect(missing.err).toMatch(/^load: nowhere.safetensors cannot be read: ENOENT.*\n$/);
    const folder = await runDemo(["--images", "nowhere"]);
    expect(folder.code).toBe(1);
    expect(folder.err).toMatch(/^imageFolder: nowhere cannot be .*\n$/);
    const data = await runDemo(["--data", "nowhere"]);
    expect(data.code).toBe(2);
    expect(data.err).toContain("nowhere has no train-images-idx3-ubyte.gz, no train-labels");
  });
});
