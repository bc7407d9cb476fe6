import { type Expr, load } from "../../assemble/index.ts";

/**
 * The words of a product's descriptor, in order. Strides and offsets are in bytes. For each unit the product covers a block
 * of C and a chunk of k: unit = ((batch * chunks + chunk) * columnBlocks + column block) * rowBlocks + row block.
 */
const WORDS = [
  "a",
  "b",
  "c",
  "m",
  "n",
  "k",
  "aRow",
  "aColumn",
  "bRow",
  "bColumn",
  "cRow",
  /** k is summed up in blocks of that length; the blocks' sums are added in order. */
  "blockLength",
  "rowsPerBlock",
  "rowBlocks",
  /** Whole panels, but for the last block. */
  "columnsPerBlock",
  "columnBlocks",
  "chunkLength",
  "chunks",
  "aBatch",
  "bBatch",
  "cBatch",
  /** From one chunk's partial sums to the next one's. */
  "cChunk",
  /** 1 if the descriptor ends with tables of where each matrix of A and of B begins, instead of aBatch and bBatch. */
  "hasTables",
  /** How panels of B are made, see `Packing`. */
  "packing",
  /** Where in scratch blocks of B are packed. */
  "packedAt",
  /** Rows of A that are copied together at a time, and where in scratch; 0 if they are read where they are. */
  "groupRows",
  "groupAt",
  /** Bytes from row to row of the tile in scratch that C is computed into; 0 if it is stored at once. */
  "tileRow",
  "tileAt",
  "epilogueFunction",
  "epilogueDescriptor",
  /** Where the epilogue's own scratch begins. */
  "epilogueAt",
  /** 1 if the product was planned with the operands swapped: rows of the tile are columns of C. */
  "isTransposed",
] as const;

export type Word = (typeof WORDS)[number];

/** How the columns of B come to lie next to each other. */
export const Packing = {
  /** They do. */
  none: 0,
  rows: 1,
  columns: 2,
  scattered: 3,
  /** They do, and there are few rows of A: a few k at a time for all columns. */
  slices: 4,
  /** A single row of A: B's columns are read as they are and transposed in registers. */
  direct: 5,
  /** A row times a column. */
  inner: 6,
} as const;

/** Words before the tables. */
export const TABLES_AT: number = WORDS.length;

/** The number of a word. */
export const wordIndex = (word: Word): number => WORDS.indexOf(word);

/** The descriptor's words of those values, 0 for what is not said. */
export const wordsOf = (values: Readonly<Partial<Record<Word, number>>>): number[] =>
  WORDS.map((word) => values[word] ?? 0);

/** Reads a word of the descriptor at an address. */
export const readWord = (descriptor: Expr, word: Word): Expr =>
  load("i32.load", descriptor, 4 * wordIndex(word));
