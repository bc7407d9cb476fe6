import { type Expr, load } from "../../assemble/index.ts";

/**
 * The axes of a convolution, each in a slot of its own: examples, channels, then up to three axes of space. An axis has
 * results (rows of the product), taps (what is contracted), or both.
 */
export const SLOTS = 5;
/** Channels; in the kernels for one channel each, the groups that lie side by side in vectors. */
export const CHANNELS = 1;

/**
 * The words of a convolution's descriptor. Strides and offsets are in bytes. For each unit a kernel covers a block of rows and
 * columns of one group's product and a chunk of what is contracted: unit = ((chunk * columnBlocks + column block) * row blocks +
 * row block) * groups + group, since groups have pieces of the same lines of memory; the blocks of a later slot are next to each
 * other.
 */
const COMMON = [
  "x",
  "w",
  "c",
  /** From the start of `w` and `c` to what is meant: weights and partial sums share a workspace. */
  "wAt",
  "cAt",
  "groups",
  "xGroup",
  "wGroup",
  "cGroup",
  "cChunk",
  "columns",
  "columnsPerBlock",
  "columnBlocks",
  "blocks",
  "blocksPerChunk",
  /** From column to column of the first operand, where it has them. */
  "xColumn",
  /** From a block of columns of the weights to the next, and from panel to panel in it. */
  "wColumns",
  "wPanel",
  /** 1 where C has room for whole panels. */
  "isWhole",
  /** Where the tables of rows and of taps begin, behind the descriptor. */
  "rowTable",
  "tapTable",
  /** Bytes of the part of x that is copied, with zeros around it, for a block; 0 where x is read in place. */
  "bandBytes",
  "bandAt",
  "countsAt",
  /** Bytes that lie next to each other in the innermost loop of copying, and whether those of its steps do, too. */
  "unitBytes",
  "isRun",
  "tileRow",
  "tileAt",
  "epilogueFunction",
  "epilogueDescriptor",
  "epilogueAt",
] as const;

const SLOT = [
  "results",
  "resultBlocks",
  "resultStep",
  "taps",
  "tapBlocks",
  "tapStep",
  "stride",
  "dilation",
  "low",
  "size",
  "xStride",
  "wStride",
  "cStride",
  /** From result to result, in rows. */
  "rowStride",
  "bandStride",
  "bandSize",
  /** Where the number of copied elements goes: the loops of copying, outermost first. */
  "countAt",
] as const;

/** For each loop of copying. */
const LOOP = ["from", "to"] as const;

export type CommonWord = (typeof COMMON)[number];
export type SlotWord = (typeof SLOT)[number];
export type LoopWord = (typeof LOOP)[number];

export interface ConvWords {
  readonly common: Readonly<Partial<Record<CommonWord, number>>>;
  readonly slots: readonly Readonly<Record<SlotWord, number>>[];
  readonly loops: readonly Readonly<Record<LoopWord, number>>[];
}

/** Words before the tables. */
export const TABLES_AT: number = COMMON.length + SLOTS * (SLOT.length + LOOP.length);

export const commonIndex = (word: CommonWord): number => COMMON.indexOf(word);

export const wordsOf = ({ common, slots, loops }: ConvWords): number[] => [
  ...COMMON.map((word) => common[word] ?? 0),
  ...slots.flatMap((slot) => SLOT.map((word) => slot[word])),
  ...loops.flatMap((loop) => LOOP.map((word) => loop[word])),
];

export const readCommon = (descriptor: Expr, word: CommonWord): Expr =>
  load("i32.load", descriptor, 4 * commonIndex(word));

export const readSlot = (descriptor: Expr, slot: number, word: SlotWord): Expr =>
  load("i32.load", descriptor, 4 * (COMMON.length + slot * SLOT.length + SLOT.indexOf(word)));

export const readLoop = (descriptor: Expr, loop: number, word: LoopWord): Expr =>
  load(
    "i32.load",
    descriptor,
    4 * (COMMON.length + SLOTS * SLOT.length + loop * LOOP.length + LOOP.indexOf(word)),
  );
