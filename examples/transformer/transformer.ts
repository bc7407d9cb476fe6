// A transformer that reads a text letter by letter, and tells at each place what may come next.

import {
  Dense,
  einsum,
  gelu,
  LayerNorm,
  Module,
  ones,
  random,
  softmax,
  type Tensor,
  tril,
  variable,
  where,
} from "cotangent";

export interface Sizes {
  readonly letters: number;
  /** How many letters it sees. */
  readonly context: number;
  readonly width: number;
  readonly heads: number;
  readonly blocks: number;
}

/** softmax(Q K^T / sqrt(size)) V in several heads: what a place takes over from itself and from those before it. */
class Attention extends Module {
  readonly heads: number;
  readonly query: Dense;
  readonly key: Dense;
  readonly value: Dense;
  readonly output: Dense;

  constructor({ width, heads }: Sizes, key: Tensor) {
    super();
    this.heads = heads;
    const [k1, k2, k3, k4] = random.split(key, 4);
    this.query = new Dense(width, width, { key: k1, useBias: false });
    this.key = new Dense(width, width, { key: k2, useBias: false });
    this.value = new Dense(width, width, { key: k3, useBias: false });
    this.output = new Dense(width, width, { key: k4 });
  }

  forward(x: Tensor): Tensor {
    const [batch, places, width] = x.shape;
    const size = width / this.heads;
    const [q, k, v] = [this.query, this.key, this.value].map((layer) =>
      layer.forward(x).reshape([batch, places, this.heads, size]),
    );
    const scores = einsum("bqhs,bkhs->bhqk", q, k).div(Math.sqrt(size));
    const causal = tril(ones([places, places])).greater(0);
    const weights = softmax(where(causal, scores, Number.NEGATIVE_INFINITY));
    return this.output.forward(einsum("bhqk,bkhs->bqhs", weights, v).reshape([batch, places, width]));
  }
}

/** Attention, then two layers at each place by itself; both are added to what was there. */
class Block extends Module {
  readonly norm1: LayerNorm;
  readonly attention: Attention;
  readonly norm2: LayerNorm;
  readonly wide: Dense;
  readonly narrow: Dense;

  constructor(sizes: Sizes, key: Tensor) {
    super();
    const { width } = sizes;
    const [k1, k2, k3] = random.split(key, 3);
    this.norm1 = new LayerNorm(width);
    this.attention = new Attention(sizes, k1);
    this.norm2 = new LayerNorm(width);
    this.wide = new Dense(width, 4 * width, { key: k2, activation: gelu });
    this.narrow = new Dense(4 * width, width, { key: k3 });
  }

  forward(x: Tensor): Tensor {
    const attended = x.add(this.attention.forward(this.norm1.forward(x)));
    return attended.add(this.narrow.forward(this.wide.forward(this.norm2.forward(attended))));
  }
}

export class Transformer extends Module {
  readonly letters; // [letters, width]
  readonly places; // [context, width]
  readonly blocks: readonly Block[];
  readonly norm: LayerNorm;
  readonly logits: Dense;

  constructor(sizes: Sizes, { seed = 0 } = {}) {
    super();
    const [k1, k2, k3, ...keys] = random.split(random.key(seed), 3 + sizes.blocks);
    this.letters = variable(random.normal([sizes.letters, sizes.width], { key: k1, std: 0.02 }));
    this.places = variable(random.normal([sizes.context, sizes.width], { key: k2, std: 0.02 }));
    this.blocks = keys.map((key) => new Block(sizes, key));
    this.norm = new LayerNorm(sizes.width);
    this.logits = new Dense(sizes.width, sizes.letters, { key: k3 });
  }

  /** Texts as numbers of letters [batch, places]; gives logits [batch, places, letters] for the letter that follows each. */
  forward(text: Tensor): Tensor {
    const places = this.places.slice(0, text.shape[1]);
    let x: Tensor = this.letters.take(text, { axis: 0 }).add(places);
    for (const block of this.blocks) x = block.forward(x);
    return this.logits.forward(this.norm.forward(x));
  }
}
