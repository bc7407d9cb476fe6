import { IndexError, ShapeError, StateError, type Tensor, tensor } from "@cotangent/core";
import { checkCount, show } from "../checks.ts";

/** The classes of Fashion-MNIST, in the order of its labels. */
export const FASHION_MNIST_CLASSES = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

/** A guess of a classifier. */
export interface NamedClass {
  readonly name: string;
  /** The class's number: its place in the list of names. */
  readonly index: number;
  readonly probability: number;
}

/** The names of class numbers, such as a batch's `y` or `probabilities.argmax(-1)`. Evaluates a tensor. */
export function classNamesOf(labels: Tensor | ArrayLike<number>, classNames: readonly string[]): string[] {
  return Array.from(numbersOf(labels), (label) => {
    const name = classNames[label];
    if (name !== undefined) return name;
    throw new IndexError(`classNamesOf: there is no class ${label} among ${classNames.length} names`, {
      operation: "classNamesOf",
      remedy: "Labels are whole numbers from 0; for probabilities use topClasses.",
    });
  });
}

/**
 * The most probable classes, best first, of probabilities [classes] (one list) or [n, classes] (n lists). Evaluates the tensor.
 * `ShapeError` when the last axis does not have one entry for each name.
 */
export function topClasses(
  probabilities: Tensor,
  classNames: readonly string[],
  { top = 3 }: { readonly top?: number } = {},
): NamedClass[][] {
  const operation = "topClasses";
  checkCount(top, { operation, what: "top" });
  const { shape } = probabilities;
  const classes = classNames.length;
  if (shape.length < 1 || shape.length > 2 || shape.at(-1) !== classes) {
    throw new ShapeError(
      `${operation}: [${shape.join(", ")}] does not hold a probability for each of ${classes} names`,
      {
        operation,
        shapes: [shape],
        remedy: `Pass [${classes}] or [n, ${classes}].`,
      },
    );
  }
  const values = probabilities.dataSync();
  return Array.from({ length: values.length / classes }, (_, row) =>
    classNames
      .map((name, index) => ({ name, index, probability: values[row * classes + index] as number }))
      .sort((a, b) => b.probability - a.probability || a.index - b.index)
      .slice(0, top),
  );
}

/** Labels [n] as rows [n, classes], float32, with 1 at the label and 0 elsewhere. `IndexError` for labels that do not exist. */
export function oneHotLabels(labels: Tensor | ArrayLike<number>, classes: number): Tensor {
  const operation = "oneHotLabels";
  checkCount(classes, { operation, what: "classes" });
  const numbers = numbersOf(labels);
  const out = new Float32Array(numbers.length * classes);
  for (let i = 0; i < numbers.length; i++) {
    const label = numbers[i] as number;
    if (!Number.isSafeInteger(label) || label < 0 || label >= classes) {
      throw new IndexError(`${operation}: label ${show(label)} at ${i} is not one of ${classes} classes`, {
        operation,
        remedy: `Labels are whole numbers from 0 to ${classes - 1}.`,
      });
    }
    out[i * classes + label] = 1;
  }
  return tensor(out, { shape: [numbers.length, classes], dtype: "float32", copy: false });
}

function numbersOf(labels: Tensor | ArrayLike<number>): ArrayLike<number> {
  if ("dataSync" in labels) return labels.dataSync();
  if (typeof labels.length === "number") return labels;
  throw new StateError(`labels are ${show(labels)}`, {
    operation: "labels",
    remedy: "Pass a tensor or an array of numbers.",
  });
}
