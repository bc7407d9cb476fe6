import { type Blocking, chooseBlocking, chooseSums, type View } from "./blocking.ts";
import { Packing, type Word, wordIndex, wordsOf } from "./descriptor.ts";
import { PANEL_BYTES } from "./element.ts";

export type GemmDtype = "float32" | "float64" | "int32" | "uint32";

/** C = A B for each of a batch of matrices; strides and offsets in elements. */
export interface GemmProblem {
  readonly dtype: GemmDtype;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
  /** Steps from row to row and from column to column of A [m, k]; any, 0 and negative ones too. */
  readonly a: { readonly row: number; readonly column: number };
  /** The same of B [k, n]. */
  readonly b: { readonly row: number; readonly column: number };
  /** From row to row of C; its columns lie next to each other. */
  readonly cRow: number;
  /** From matrix to matrix. */
  readonly aBatch?: number;
  readonly bBatch?: number;
  readonly cBatch?: number;
  /** Where each matrix of A and of B begins, where one stride cannot say it: both or none. */
  readonly aOffsets?: readonly number[];
  readonly bOffsets?: readonly number[];
  /** Whether C is handed to a function instead of being stored. */
  readonly epilogue: boolean;
}

/** What a word of a descriptor is to be filled in with. */
export type GemmOperand = "a" | "b" | "c" | "workspace" | "epilogueFunction" | "epilogueDescriptor";

export interface GemmInstruction {
  /** A function of the library. */
  readonly name: string;
  readonly units: number;
  /** The contents of its descriptor. */
  readonly words: number[];
  readonly relocations: readonly GemmRelocation[];
}

export interface GemmRelocation {
  readonly word: number;
  readonly operand: GemmOperand;
  /** In bytes, 0 where none is given. */
  readonly offset?: number;
}

/** What computes a product: the instructions run one after the other. */
export interface GemmPlan {
  readonly instructions: readonly GemmInstruction[];
  /** Shared between the threads and the instructions. */
  readonly workspaceBytes: number;
  /** Each thread's own. */
  readonly scratchBytes: number;
}

/** Plans a product. What is computed depends on m, n, k, the size of the batch and the dtype; how, on the strides too. */
export function planGemm(problem: GemmProblem): GemmPlan {
  const view = orient(problem);
  return layOut(problem, view, chooseBlocking(view));
}

/** A matrix times a vector is computed as the vector times the transposed matrix: columns of C fill vectors. */
export function orient(problem: GemmProblem): View {
  const { dtype, m, n, k, batch, a, b, epilogue } = problem;
  const bytes = dtype === "float64" ? 8 : 4;
  const sums = chooseSums(m, n, k, batch);
  const isTransposed = n === 1 && m > 1 && (problem.cRow === 1 || epilogue);
  const common = { k, batch, bytes, epilogue, isTransposed, ...sums } as const;
  if (!isTransposed) return { ...common, m, n, a, b };
  return {
    ...common,
    m: 1,
    n: m,
    a: { row: 0, column: b.row },
    b: { row: a.column, column: a.row },
  };
}

const NAMES: Readonly<Record<GemmDtype, string>> = {
  float32: "Float32",
  float64: "Float64",
  int32: "Int32",
  uint32: "Int32",
};

/** The instructions for a product that is laid out like that. */
export function layOut(problem: GemmProblem, view: View, blocking: Blocking): GemmPlan {
  const { m, n, batch, bytes, chunks } = view;
  if (m === 0 || n === 0 || batch === 0) return { instructions: [], workspaceBytes: 0, scratchBytes: 0 };
  const scratch = new Scratch();
  if (chunks === 1) {
    const instructions = [multiply(problem, view, blocking, null, scratch)];
    return { instructions, workspaceBytes: 0, scratchBytes: scratch.used };
  }
  const row = Math.ceil((n * bytes) / PANEL_BYTES) * PANEL_BYTES;
  const partial = { row, chunk: m * row, batch: chunks * m * row };
  const product = multiply(problem, view, blocking, partial, scratch);
  const { dtype, cRow, cBatch = 0 } = problem;
  const sums = { ...view, dtype, cRow, cBatch, partial, scratchAt: scratch.used };
  const { instruction, scratchBytes } = combinePlan(sums);
  scratch.used = scratchBytes;
  const instructions = [product, instruction];
  return { instructions, workspaceBytes: batch * partial.batch, scratchBytes: scratch.used };
}

/** Bytes from row to row, chunk to chunk and matrix to matrix of partial products in the workspace. */
export interface PartialSteps {
  readonly row: number;
  readonly chunk: number;
  readonly batch: number;
}

/** A tile of the greatest height. */
const EDGE_BYTES = 6 * PANEL_BYTES;

/** The instruction that multiplies, into the workspace where k is split. */
function multiply(
  problem: GemmProblem,
  view: View,
  blocking: Blocking,
  partial: PartialSteps | null,
  scratch: Scratch,
): GemmInstruction {
  const { m, n, batch, bytes, a, b, blockLength, chunks, chunkLength, epilogue, isTransposed } = view;
  const { rowsPerBlock, columnsPerBlock, packing, groupRows } = blocking;
  const hasTile = epilogue && partial === null;
  const lanes = PANEL_BYTES / bytes;
  const rows = Math.min(rowsPerBlock, m);
  const columns = Math.min(columnsPerBlock, Math.ceil(n / lanes) * lanes);
  const rowBlocks = Math.ceil(m / rowsPerBlock);
  const columnBlocks = Math.ceil(n / columnsPerBlock);
  // Tiles at the edges of C lie at the start of scratch.
  scratch.take(EDGE_BYTES);
  const words = wordsOf({
    ...commonWords(view),
    aRow: a.row * bytes,
    aColumn: a.column * bytes,
    bRow: b.row * bytes,
    bColumn: b.column * bytes,
    cRow: partial?.row ?? problem.cRow * bytes,
    blockLength,
    rowsPerBlock,
    rowBlocks,
    columnsPerBlock,
    columnBlocks,
    chunkLength,
    ...batchWords(problem, isTransposed, bytes),
    cBatch: partial?.batch ?? (problem.cBatch ?? 0) * bytes,
    cChunk: partial?.chunk ?? 0,
    packing,
    packedAt: scratch.take(packedBytes(view, packing, rows, columns)),
    groupRows,
    groupAt: scratch.take(groupRows * blockLength * bytes),
    tileRow: hasTile ? columns * bytes : 0,
    tileAt: scratch.take(hasTile ? rows * columns * bytes : 0),
    epilogueAt: scratch.used,
  });
  const operands: Operands = isTransposed ? { a: "b", b: "a" } : { a: "a", b: "b" };
  return {
    name: `${familyOf(packing)}${NAMES[problem.dtype]}`,
    units: batch * chunks * rowBlocks * columnBlocks,
    words: [...words, ...tables(problem, isTransposed, bytes)],
    relocations: relocate({ ...operands, ...(partial === null ? result(epilogue) : { c: "workspace" }) }),
  };
}

/** The kernels that read B in that way: those for a single row of A are apart. */
function familyOf(packing: number): string {
  if (packing === Packing.direct) return "direct";
  return packing === Packing.inner ? "inner" : "gemm";
}

/** Units that a matrix's partial products are added in, at most. */
const COMBINE_UNITS = 8;

/** Partial products that lie in a workspace. */
export interface PartialSums {
  readonly dtype: GemmDtype;
  readonly m: number;
  readonly n: number;
  readonly batch: number;
  readonly chunks: number;
  /** From row to row and from matrix to matrix of C, in elements. */
  readonly cRow: number;
  readonly cBatch: number;
  readonly epilogue: boolean;
  readonly isTransposed?: boolean;
  readonly partial: PartialSteps;
  /** Where its scratch begins. */
  readonly scratchAt: number;
}

/** The instruction that adds partial products, and the end of its scratch. */
export function combinePlan(sums: PartialSums): { instruction: GemmInstruction; scratchBytes: number } {
  const { dtype, m, n, batch, chunks, cRow, cBatch, epilogue, isTransposed = false, partial } = sums;
  const bytes = dtype === "float64" ? 8 : 4;
  const scratch = new Scratch();
  scratch.take(sums.scratchAt);
  const rowsPerBlock = Math.ceil(m / COMBINE_UNITS);
  const rowBlocks = Math.ceil(m / rowsPerBlock);
  const words = wordsOf({
    ...commonWords({ m, n, k: 0, chunks, isTransposed }),
    aRow: partial.row,
    aBatch: partial.batch,
    cChunk: partial.chunk,
    cRow: cRow * bytes,
    cBatch: cBatch * bytes,
    rowsPerBlock,
    rowBlocks,
    tileRow: epilogue ? partial.row : 0,
    tileAt: scratch.take(epilogue ? rowsPerBlock * partial.row : 0),
    epilogueAt: scratch.used,
  });
  const instruction = {
    name: `combine${NAMES[dtype]}`,
    units: batch * rowBlocks,
    words,
    relocations: relocate({ a: "workspace", ...result(epilogue) }),
  };
  return { instruction, scratchBytes: scratch.used };
}

const commonWords = ({
  m,
  n,
  k,
  chunks,
  isTransposed,
}: Pick<View, "m" | "n" | "k" | "chunks" | "isTransposed">) => ({
  m,
  n,
  k,
  chunks,
  isTransposed: isTransposed ? 1 : 0,
});

/** Bytes of scratch that a way to read B needs. */
function packedBytes({ bytes, blockLength }: View, packing: number, rows: number, columns: number): number {
  if (packing === Packing.slices) return rows * columns * bytes;
  if (packing === Packing.inner) return 2 * blockLength * bytes + 16;
  return packing === Packing.none || packing === Packing.direct ? 0 : blockLength * columns * bytes;
}

type Operands = { readonly [word in Word]?: GemmOperand };

const result = (epilogue: boolean): Operands =>
  epilogue ? { epilogueFunction: "epilogueFunction", epilogueDescriptor: "epilogueDescriptor" } : { c: "c" };

const relocate = (operands: Operands): GemmInstruction["relocations"] =>
  Object.entries(operands).map(([word, operand]) => ({ word: wordIndex(word as Word), operand }));

/** Where the matrices of a batch begin, by strides. */
function batchWords(problem: GemmProblem, isTransposed: boolean, bytes: number) {
  const { aBatch = 0, bBatch = 0, aOffsets } = problem;
  if (aOffsets !== undefined) return { hasTables: 1 };
  const [first, second] = isTransposed ? [bBatch, aBatch] : [aBatch, bBatch];
  return { aBatch: first * bytes, bBatch: second * bytes };
}

/** Where they begin, one by one: pairs of offsets. */
function tables(
  { aOffsets = [], bOffsets = [] }: GemmProblem,
  isTransposed: boolean,
  bytes: number,
): number[] {
  return aOffsets.flatMap((offset, i) => {
    const pair = [offset * bytes, bOffsets[i] * bytes];
    return isTransposed ? pair.reverse() : pair;
  });
}

const ALIGNMENT = 64;

/** A thread's scratch, given out piece by piece. */
class Scratch {
  used = 0;

  take(bytes: number): number {
    const at = this.used;
    this.used += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return at;
  }
}
