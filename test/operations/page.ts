import { DTYPES, type DType, Tensor } from "@cotangent/core";
import { type Measured, measure } from "./measure.ts";
import type { Family, Peers } from "./peers.ts";

const HEADER = [
  "Operation",
  "NumPy",
  "PyTorch",
  "JAX",
  "TensorFlow.js",
  "Dtypes",
  "Derivatives",
  "Kernels",
  "Remarks",
];

const INTRODUCTION = `# Operations

Every operation beside its name in NumPy (and SciPy), PyTorch, JAX and TensorFlow.js. A test writes this page: what it says
of dtypes, derivatives and kernels is found out by calling the operations, and the names are looked up in the libraries.

- **Operation**: a function of \`cotangent\`. With a dot it is a method of tensors, too: \`.sin\` is \`sin(x)\` and \`x.sin()\`.
- **NumPy ... TensorFlow.js**: \`np\` is \`numpy\`, \`F\` is \`torch.nn.functional\`, \`jnp\` is \`jax.numpy\`, \`lax\` is \`jax.lax\`, \`tf\`
  is \`@tensorflow/tfjs\`; "–": none. The meaning is the same up to the remark.
- **Dtypes** of arguments; behind a semicolon or an arrow those of results, where they are others. "integers" are int32 and
  uint32, "floats" float32 and float64, "numbers" these four, "all" bool, too. Operands of different dtypes are
  [promoted](semantics.md#dtypes). Where there are no arguments, the dtypes that the result may have.
- **Derivatives** can be taken to any order, in reverse and in forward mode. The number is the highest order that is not 0
  everywhere: 1 for what is linear or made of straight pieces, 2 for products and squares, 0 for what is constant in
  pieces; "all" where the third is not 0. "–": there is none, because arguments or results are not floating. See also
  [kinks](semantics.md#at-kinks), [what is not chosen](semantics.md#what-is-not-chosen-has-no-influence) and
  [extreme arguments](semantics.md#extreme-arguments).
- **Kernels** that the WebAssembly engine makes of a call by itself. \`loops\` and \`columns\` take in what stands around
  them, so that a chain of operations is one kernel ([how to see them](performance.md#how-to-make-your-own-program-fast)).
  "–": none, the elements stay where they are. The reference engine computes every operation as well.

\`@cotangent/nn\` exports the activations, too; its layers and losses are in [Training](training.md) and [Your own
layers](custom-layers.md). Formulas are in [Formulas](formulas.md), errors of elementary functions in [Accuracy](accuracy.md).

## Signs and brackets

What other languages write with operators and brackets is written with methods here. Nothing is changed in place, but for
variables.

\`\`\`ts
import { range, tensor, variable } from "cotangent";

const x = tensor([[1, 2, 3], [4, 5, 6]]);
console.log(x.mul(2).add(1).arraySync()); // [ [ 3, 5, 7 ], [ 9, 11, 13 ] ]

// x @ x.T
console.log(x.matmul(x.transpose()).arraySync()); // [ [ 14, 32 ], [ 32, 77 ] ]

// x[0:1], x[:, 1:], x[::-1]
console.log(x.at(range(0, 1)).get().arraySync()); // [ [ 1, 2, 3 ] ]
console.log(x.at(range(), range(1)).get().arraySync()); // [ [ 2, 3 ], [ 5, 6 ] ]
console.log(x.at(range(null, null, -1)).get().arraySync()); // [ [ 4, 5, 6 ], [ 1, 2, 3 ] ]

// x[1], x[:, [2, 0]], x[x > 4]
console.log(x.at(1).get().arraySync()); // [ 4, 5, 6 ]
console.log(x.at(range(), [2, 0]).get().arraySync()); // [ [ 3, 1 ], [ 6, 4 ] ]
console.log(x.at(x.greater(4)).get().arraySync()); // [ 5, 6 ]

// x[None], x[..., None]
console.log(x.at(null).get().shape); // [ 1, 2, 3 ]
console.log(x.at("...", null).get().shape); // [ 2, 3, 1 ]

// x[x > 4] = 0, x[:, 1] = 9, x[0] += 1
console.log(x.at(x.greater(4)).set(0).arraySync()); // [ [ 1, 2, 3 ], [ 4, 0, 0 ] ]
console.log(x.at(range(), 1).set(9).arraySync()); // [ [ 1, 9, 3 ], [ 4, 9, 6 ] ]
console.log(x.at(0).add(1).arraySync()); // [ [ 2, 3, 4 ], [ 4, 5, 6 ] ]

// x.sum(axis=0, keepdims=True), x.astype("int32"), x.max().item()
console.log(x.sum(0, { keepDims: true }).arraySync()); // [ [ 5, 7, 9 ] ]
console.log(x.cast("int32").dtype); // int32
console.log(x.max().item()); // 6

// w += 1
const w = variable([1, 2]);
w.assign(w.add(1));
console.log(w.arraySync()); // [ 2, 3 ]
\`\`\`
`;

/** The page of all operations. */
export const page = (families: readonly Family[]): string =>
  [INTRODUCTION, ...families.map(section)].join("\n");

function section({ title, about, ofFunctions, operations }: Family): string {
  const rows = Object.entries(operations).map(([name, peers]) => row(name, peers, measure(name)));
  // A column that says nothing is left out.
  const saysMore = (i: number): boolean => rows.some((cells) => cells[i] !== "–" && cells[i] !== "");
  const left = ofFunctions === true ? ["Dtypes", "Kernels"] : [];
  const kept = HEADER.map((_, i) => i).filter((i) => saysMore(i) && !left.includes(HEADER[i]));
  const lines = [HEADER, HEADER.map(() => "---"), ...rows].map(
    (cells) => `| ${kept.map((i) => cells[i]).join(" | ")} |`,
  );
  return `## ${title}\n\n${about}\n\n${lines.join("\n")}\n`;
}

function row(name: string, [numpy, torch, jax, tfjs, remark = ""]: Peers, measured: Measured): string[] {
  return [
    code((name in Tensor.prototype ? "." : "") + name),
    ...[numpy, torch, jax, tfjs].map((names) =>
      names === "–" ? names : names.split(", ").map(code).join(", "),
    ),
    dtypes(measured.results),
    measured.order === null ? "–" : measured.order === 3 ? "all" : String(measured.order),
    measured.kernels.size === 0 ? "–" : [...measured.kernels].join(", "),
    remark.replaceAll("|", "\\|"),
  ];
}

const code = (text: string): string => `\`${text}\``;

/** "all; bool, integers → float32" */
function dtypes(results: Measured["results"]): string {
  const accepted = [...results.keys()];
  if (accepted.length === 0) return "–";
  if ([...results.values()].some((made) => made.size > 1)) return `${setOf(accepted)} → as asked`;
  const changed = accepted.filter((dtype) => !results.get(dtype)?.has(dtype));
  const made = (dtype: DType) => [...(results.get(dtype) as ReadonlySet<DType>)][0];
  const all = new Set(accepted.map(made));
  if (changed.length > 0 && all.size === 1) return `${setOf(accepted)} → ${[...all][0]}`;
  const targets = [...new Set(changed.map(made))];
  const changes = targets.map((to) => `${setOf(changed.filter((dtype) => made(dtype) === to))} → ${to}`);
  return [setOf(accepted), ...changes].join("; ");
}

const NAMED: readonly (readonly [string, readonly DType[]])[] = [
  ["all", DTYPES],
  ["numbers", ["int32", "uint32", "float32", "float64"]],
  ["integers", ["int32", "uint32"]],
  ["floats", ["float32", "float64"]],
];

/** A set of dtypes in as few words as there are. */
function setOf(dtypes: readonly DType[]): string {
  const left = new Set(dtypes);
  const words: string[] = [];
  for (const [name, members] of [...NAMED, ...DTYPES.map((dtype) => [dtype, [dtype]] as const)]) {
    if (!members.every((dtype) => left.has(dtype))) continue;
    words.push(name);
    for (const dtype of members) left.delete(dtype);
  }
  return words.join(", ");
}
