// A transformer learns five sonnets letter by letter, and then writes one.

import {
  Adam,
  arange,
  clipByGlobalNorm,
  compile,
  concat,
  losses,
  random,
  scan,
  schedules,
  type Tensor,
  tensor,
} from "cotangent";
import { alphabetOf, bigramEntropy } from "./letters.ts";
import { sonnets } from "./sonnets.ts";
import { Transformer } from "./transformer.ts";

const [steps, width, blocks] = process.argv.includes("--full") ? [2000, 96, 2] : [200, 48, 1];
const context = 32;
const batch = 16;

const { letters, encode, decode } = alphabetOf(sonnets);
const text = tensor(encode(sonnets), { dtype: "int32" });
const model = new Transformer({ letters, context, width, heads: 4, blocks }, { seed: 1 });

/** The mean of -log p over all letters that follow a letter of the windows [n, context + 1], in nats. */
function loss(windows: Tensor): Tensor {
  const [n] = windows.shape;
  const logits = model.forward(windows.slice([0, 0], [n, context]));
  return losses.softmaxCrossEntropy(logits, windows.slice([0, 1], [n, context + 1]));
}

const optimizer = new Adam({
  learningRate: schedules.warmupCosineDecay({ peak: 0.5 / width, warmupSteps: 20, steps }),
  gradientTransform: clipByGlobalNorm(1),
});
const train = compile(() => {
  const starts = random.randint([batch, 1], { high: text.size - context });
  const nats = loss(text.take(starts.add(arange(context + 1))));
  optimizer.minimize(nats, model);
  return nats;
});

export const bigram = bigramEntropy(sonnets);
console.log(
  `${text.size} letters, ${letters} different ones; pairs of them have an entropy of ${bigram.toFixed(3)} nats`,
);
random.seed(0);
for (let i = 1; i <= steps; i++) {
  const nats = train();
  if (i % (steps / 5) === 0) console.log(`step ${i}: loss ${nats.item().toFixed(3)}`);
}

const starts = arange(0, text.size - context, context).expandDims(1);
export const ofAllText = loss(text.take(starts.add(arange(context + 1)))).item();
console.log(`loss on all of the text: ${ofAllText.toFixed(3)}\n`);

/** A text that goes on from windows [1, context]: each letter is drawn from what the model thinks likely. */
function write(start: Tensor, length: number): Tensor {
  const next = (window: Tensor): [Tensor, Tensor] => {
    const logits = model.forward(window).slice([0, context - 1], [1, context]); // after the last letter
    const letter = random.categorical(logits); // [1, 1]
    return [concat([window.slice([0, 1]), letter], 1), letter.squeeze()];
  };
  const [, written] = scan(next, start, null, { length });
  return written;
}
const beginning = "Shall I compare thee to a summer";
const written = write(tensor([encode(beginning)], { dtype: "int32" }), 270);
console.log(beginning + decode(Array.from(written.dataSync())));
