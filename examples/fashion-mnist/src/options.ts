// The command line of the demo: what can be asked for, and what is refused.

import { parseArgs } from "node:util";
import { HOME_URL } from "./download.ts";

/** A command line that cannot be followed: told in a sentence, without a stack. */
export class UsageError extends Error {}

export type LossName = "crossEntropy" | "mse";

export interface Options {
  readonly help: boolean;
  readonly epochs: number;
  readonly seed: number;
  readonly loss: LossName;
  /** Undefined: what suits the loss and the size of the images. */
  readonly learningRate: number | undefined;
  /** All images instead of the embedded ones. */
  readonly full: boolean;
  readonly download: boolean;
  /** The folder of the four files of the whole data set. */
  readonly data: string | undefined;
  readonly baseUrl: string;
  readonly images: string | undefined;
  readonly size: number;
  readonly save: string | undefined;
  readonly load: string | undefined;
  readonly predict: readonly string[];
}

export const HELP = `Trains an image classifier, and names what it sees.

npm start                            Fashion-MNIST, the embedded 10,000 training and 2,000 test images
npm start -- --full                  all 60,000 and 10,000 images
npm start -- --images photos         your own photographs: a folder that has a folder for each class
npm start -- --save net.safetensors
npm start -- --load net.safetensors --predict shoe.png

Training
  --epochs N            how often to go through the images (10)
  --seed N              first weights and order of the images (0)
  --loss NAME           crossEntropy (unless given) or mse
  --learning-rate X     of SGD with momentum 0.9 (0.01; 0.05 with mse; less for large images)

Images
  --full                all of Fashion-MNIST: from --data, else from the Debian package dataset-fashion-mnist
  --data DIR            the folder with the four files of Fashion-MNIST (implies --full)
  --download            fetch those files from the data set's home first, into --data or a cache folder (implies --full)
  --base-url URL        where to download from; also FASHION_MNIST_URL
  --images DIR          train on a folder with a folder of PNG and JPEG files for each class
  --size N              scale and crop these photographs to N x N pixels (224)

The network
  --save FILE           write the trained network to a file
  --load FILE           use a saved network instead of training one; without --predict, it is tested
  --predict IMAGE       name a PNG or JPEG image; may be given several times. Fashion-MNIST's pictures are
                        light on a black ground
  --help                this text
`;

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  epochs: { type: "string" },
  seed: { type: "string" },
  loss: { type: "string" },
  "learning-rate": { type: "string" },
  full: { type: "boolean" },
  download: { type: "boolean" },
  data: { type: "string" },
  "base-url": { type: "string" },
  images: { type: "string" },
  size: { type: "string" },
  save: { type: "string" },
  load: { type: "string" },
  predict: { type: "string", multiple: true },
} as const;

/** Reads the arguments. @throws UsageError */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Options {
  const values = parse(args);
  const given = Object.keys(values);
  const refuse = (option: string, others: readonly string[], why: string): void => {
    const other = others.find((name) => given.includes(name));
    if (given.includes(option) && other !== undefined) {
      throw new UsageError(`--${option} and --${other} do not go together: ${why}`);
    }
  };
  refuse("images", ["full", "data", "download", "base-url"], "these are about Fashion-MNIST");
  refuse("load", ["epochs", "seed", "loss", "learning-rate", "save"], "a loaded network is not trained");
  refuse("load", ["images", "size"], "the file knows the size of its images; name them with --predict");
  if (values.size !== undefined && values.images === undefined) {
    throw new UsageError("--size is the size of the photographs of --images DIR, which is missing");
  }
  const download = values.download ?? false;
  if (values["base-url"] !== undefined && !download) {
    throw new UsageError("--base-url says where to --download from, which is missing");
  }
  return {
    help: values.help ?? false,
    epochs: wholeNumber("epochs", values.epochs, 10, 1),
    seed: wholeNumber("seed", values.seed, 0, 0),
    loss: lossName(values.loss),
    learningRate: values["learning-rate"] === undefined ? undefined : positive(values["learning-rate"]),
    full: (values.full ?? false) || download || values.data !== undefined,
    download,
    data: path("data", values.data),
    baseUrl: url(values["base-url"] ?? env.FASHION_MNIST_URL ?? HOME_URL),
    images: path("images", values.images),
    size: wholeNumber("size", values.size, 224, 1),
    save: path("save", values.save),
    load: path("load", values.load),
    predict: (values.predict ?? []).map((image) => path("predict", image) as string),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.startsWith("ERR_PARSE_ARGS")) throw error;
    throw new UsageError(message.split(". To specify")[0] ?? message);
  }
}

function wholeNumber(name: string, text: string | undefined, otherwise: number, least: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}, not a whole number from ${least}`);
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--learning-rate is ${JSON.stringify(text)}, not a number above 0`);
}

function lossName(text = "crossEntropy"): LossName {
  if (text === "crossEntropy" || text === "mse") return text;
  throw new UsageError(`--loss is ${JSON.stringify(text)}: there are crossEntropy and mse`);
}

function path(name: string, text: string | undefined): string | undefined {
  if (text === "") throw new UsageError(`--${name} is empty: it needs a path`);
  return text;
}

function url(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UsageError(`${JSON.stringify(text)} is no http or https address to download from`);
}
