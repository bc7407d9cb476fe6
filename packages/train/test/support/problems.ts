import { random, type Tensor, tensor } from "@cotangent/core";
import { oneHotLabels } from "@cotangent/data";
import { dense, losses, type Sequential, sequential } from "@cotangent/nn";
import { SGD } from "@cotangent/optim";
import { type Metrics, Trainer } from "../../src/index.ts";

export interface Examples {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly labels: Tensor;
}

/** Points in the plane, and in which of three sectors they lie. */
export function sectors(count: number, seed = 1): Examples {
  const points = random.normal([count, 2], { seed }).dataSync();
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const angle = Math.atan2(points[2 * i + 1], points[2 * i]) + Math.PI;
    return Math.min(2, Math.floor((3 * angle) / (2 * Math.PI)));
  });
  const x = tensor(points, { shape: [count, 2] });
  return { x, y: oneHotLabels(labels, 3), labels: tensor(labels, { shape: [count] }) };
}

export function classifier(seed = 1): Sequential {
  return sequential({ inputShape: [2], seed }, [
    dense(16, { activation: "relu" }),
    dense(3, { activation: "softmax" }),
  ]);
}

export function trainerFor(model = classifier(), metrics: Metrics = ["accuracy"]): Trainer {
  const optimizer = new SGD({ learningRate: 0.1, momentum: 0.9 });
  return new Trainer(model, { optimizer, loss: losses.categoricalCrossEntropy, metrics });
}

/** A stream that keeps what is written. */
export function recorder(isTTY = false, columns = 80) {
  const texts: string[] = [];
  return { isTTY, columns, write: (text: string) => texts.push(text), texts, all: () => texts.join("") };
}

export const quiet = { verbose: false } as const;
