/**
 * What a line of the benchmark is. A line is defined once, here in `lines/`; every peer gets its `work` as JSON and
 * builds the same computation from the same data (`peers/data.ts`, `peers/python/data.py`).
 */

/** The training of a network of dense layers: relu but for the last, softmax cross-entropy, SGD with momentum. */
export interface MlpWork {
  readonly kind: "mlp";
  /** Inputs, units of each layer; the last are the classes. */
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly learningRate: number;
  readonly momentum: number;
}

/**
 * The training of a convolutional network: square images, for each number of channels a 3x3 convolution that keeps the size,
 * relu and max pooling 2x2, then a dense layer, softmax cross-entropy, SGD with momentum.
 */
export interface CnnWork {
  readonly kind: "cnn";
  /** Height and width of the images. */
  readonly size: number;
  /** Of the images, and of each convolution. */
  readonly channels: readonly number[];
  readonly classes: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly momentum: number;
}

/** The gradient of sum(sin(x) * exp(-x^2) + tanh(x)) with respect to x, of [size]. */
export interface ElementwiseGradWork {
  readonly kind: "elementwiseGrad";
  readonly size: number;
}

/** The gradient of the mean softmax cross-entropy with respect to logits of [rows, classes]. */
export interface CrossEntropyGradWork {
  readonly kind: "crossEntropyGrad";
  readonly rows: number;
  readonly classes: number;
}

/** The product of two [size, size] matrices. */
export interface MatmulWork {
  readonly kind: "matmul";
  readonly size: number;
  readonly dtype: "float32" | "float64";
}

/**
 * sum(target * (scale * (x - mean) / sqrt(variance + 1e-5) + shift)), mean and variance over the columns, and its
 * gradient with respect to x [rows, columns], scale and shift [columns].
 */
export interface LayerNormWork {
  readonly kind: "layerNorm";
  readonly rows: number;
  readonly columns: number;
}

/** sum(target * softmax(q k^T / sqrt(depth)) v) and its gradient with respect to q, k, v of [heads, length, depth]. */
export interface AttentionWork {
  readonly kind: "attention";
  readonly heads: number;
  readonly length: number;
  readonly depth: number;
}

/**
 * A recurrence h = tanh(w h + x) over `steps` rows of x [steps, units], from zeros: the mean over all steps of the sum of h squared,
 * and its gradient with respect to w [units, units].
 */
export interface RecurrentWork {
  readonly kind: "recurrent";
  readonly units: number;
  readonly steps: number;
}

/** x + c + c + ... with `length` additions of vectors of [size]. */
export interface AddChainWork {
  readonly kind: "addChain";
  readonly length: number;
  readonly size: number;
}

/** The bundle of a program: see `bundles/`. */
export interface BundleWork {
  readonly kind: "bundle";
  readonly program: "core" | "grad" | "everything";
}

/** What a peer that computes is asked to do. */
export type ComputedWork =
  | MlpWork
  | CnnWork
  | ElementwiseGradWork
  | CrossEntropyGradWork
  | MatmulWork
  | LayerNormWork
  | AttentionWork
  | RecurrentWork
  | AddChainWork;

/** What Cotangent must reach, in the unit of the line. */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

interface Common {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  readonly target?: Target;
  /** Takes long with slow peers: left out by `--quick` unless `--only` names it. */
  readonly heavy?: boolean;
}

/** The time of an iteration that follows many others. */
export interface IterationLine extends Common {
  readonly measure: "iteration";
  readonly work: ComputedWork;
  /** What is reported: microseconds of an iteration, or of one of its operations, or operations a second. */
  readonly unit: "us" | "us/op" | "GFLOP/s";
  /** For "GFLOP/s": floating point operations of an iteration. */
  readonly flops?: number;
  /** For "us/op": operations of an iteration. */
  readonly operations?: number;
}

/** The time of the first iteration of a process, libraries loaded and data at hand. */
export interface FirstLine extends Common {
  readonly measure: "first";
  readonly work: ComputedWork;
  readonly unit: "us";
}

/** The size of a bundle. */
export interface SizeLine extends Common {
  readonly measure: "size";
  readonly work: BundleWork;
  readonly unit: "bytes";
}

export type Line = IterationLine | FirstLine | SizeLine;
export type Unit = Line["unit"];
