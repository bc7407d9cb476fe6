import { elementOf, PANEL_BYTES } from "../gemm/element.ts";
import {
  combinePlan,
  type GemmDtype,
  type GemmInstruction,
  type GemmOperand,
  type GemmPlan,
} from "../gemm/index.ts";
import { blocksOf, chooseRows, chooseTaps, type TapBlocks } from "./blocking.ts";
import { PACK_WORDS } from "./copy.ts";
import { type CommonWord, commonIndex, SLOTS, TABLES_AT, wordsOf } from "./descriptor.ts";
import {
  type ConvPart,
  type ConvProblem,
  isDepthwise,
  isWhole,
  type PartAxis,
  partsOf,
  rowStrides,
} from "./problem.ts";
import { edgeBytes } from "./rows.ts";
import { bandOf, type Cut, copyLoops, needsBand, rowTableOf, tapTableOf, xStrideOf } from "./tables.ts";

const NAMES: Readonly<Record<GemmDtype, "Float32" | "Float64" | "Int32">> = {
  float32: "Float32",
  float64: "Float64",
  int32: "Int32",
  uint32: "Int32",
};

const product = (sizes: readonly number[]): number => sizes.reduce((size, n) => size * n, 1);
const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Plans a convolution. What is computed depends on its sizes and dtype; how, on the strides too. */
export function planConv(problem: ConvProblem): GemmPlan {
  const { columns, groups, axes } = problem;
  if (columns * groups === 0 || axes.some(({ results }) => results === 0)) {
    return { instructions: [], workspaceBytes: 0, scratchBytes: 0 };
  }
  const plans = partsOf(problem).map((part) => new Planner(problem, part).plan());
  return {
    instructions: plans.flatMap(({ instructions }) => instructions),
    workspaceBytes: Math.max(...plans.map(({ workspaceBytes }) => workspaceBytes)),
    scratchBytes: Math.max(...plans.map(({ scratchBytes }) => scratchBytes)),
  };
}

/** An axis that only fills a slot. */
const IDLE: PartAxis = {
  results: 1,
  taps: 1,
  stride: 1,
  dilation: 1,
  low: 0,
  size: 1,
  xStride: 0,
  wStride: 0,
  cStride: 0,
};

class Planner implements Cut {
  readonly bytes: 4 | 8;
  readonly lanes: number;
  readonly isDepthwise: boolean;
  private readonly groups: number;
  private readonly columns: number;
  readonly xColumn: number;
  private readonly wColumn: number;
  /** In slots, strides in elements. */
  readonly axes: readonly PartAxis[];
  readonly rowAxes: readonly number[];
  private readonly taps: TapBlocks;
  readonly tapSteps: readonly number[];
  readonly resultSteps: readonly number[];
  private readonly columnsPerBlock: number;
  private readonly hasBand: boolean;
  private readonly scratch = new Scratch();

  constructor(
    private readonly problem: ConvProblem,
    private readonly part: ConvPart,
  ) {
    this.bytes = problem.dtype === "float64" ? 8 : 4;
    this.lanes = PANEL_BYTES / this.bytes;
    this.isDepthwise = isDepthwise(problem);
    const { axes } = part;
    // Where each channel is on its own, its slot is that of the columns; what is contracted instead are examples.
    const [examples, channels, ...space] = axes;
    const own =
      this.isDepthwise && channels.taps !== 1
        ? [{ ...channels, cStride: 0 }, IDLE, ...space]
        : [examples, channels, ...space];
    this.axes = Array.from({ length: SLOTS }, (_, slot) => own[slot] ?? IDLE);
    this.rowAxes = problem.rowAxes;
    if (this.isDepthwise) {
      this.groups = 1;
      this.columns = problem.groups;
      this.xColumn = problem.xGroup;
      this.wColumn = problem.wGroup;
    } else {
      this.groups = problem.groups;
      this.columns = problem.columns;
      this.xColumn = 0;
      this.wColumn = problem.wColumn;
    }
    const sizes = this.rowAxes.map((axis) => this.axes[axis].results);
    const tapSizes = this.axes.map(({ taps }) => taps);
    const rows = product(sizes);
    this.taps = chooseTaps({
      taps: tapSizes,
      rows,
      elements: rows * this.columns * this.groups,
      isLanes: this.isDepthwise,
      canSplit: isWhole(problem),
    });
    this.tapSteps = this.taps.steps;
    this.hasBand = needsBand(this);
    const blocks = chooseRows({
      sizes,
      columns: this.columns,
      blockTaps: product(this.tapSteps),
      taps: product(tapSizes),
      copies: this.groups * this.taps.chunks,
      bytes: this.bytes,
      hasTile: this.hasTile,
      isLanes: this.isDepthwise,
      band: (steps, columns) => (this.hasBand ? bandOf(this, this.inSlots(steps), columns).bytes : 0),
    });
    this.resultSteps = this.inSlots(blocks.steps);
    this.columnsPerBlock = blocks.columns;
  }

  private get hasTile(): boolean {
    return this.problem.epilogue && this.taps.chunks === 1;
  }

  private inSlots(steps: readonly number[]): number[] {
    const all = new Array<number>(SLOTS).fill(1);
    this.rowAxes.forEach((axis, i) => {
      all[axis] = steps[i];
    });
    return all;
  }

  plan(): GemmPlan {
    const { problem, groups, columns, bytes, taps } = this;
    const { results, tapCount } = this.counts();
    const isPacked = this.isPacked(results);
    const packedBytes = isPacked ? groups * Math.ceil(columns / this.lanes) * tapCount * PANEL_BYTES : 0;
    const partialRow = Math.ceil((columns * bytes) / PANEL_BYTES) * PANEL_BYTES;
    const partial =
      taps.chunks > 1
        ? { row: partialRow, chunk: results * partialRow, batch: taps.chunks * results * partialRow }
        : null;
    const instructions: GemmInstruction[] = [];
    if (packedBytes > 0) instructions.push(this.pack(tapCount));
    const partialAt = aligned(packedBytes);
    this.scratch.take(edgeBytes(elementOf(NAMES[problem.dtype], true).height));
    instructions.push(this.multiply(isPacked, tapCount, partial, partialAt));
    let workspaceBytes = packedBytes;
    if (partial !== null) {
      workspaceBytes = partialAt + groups * partial.batch;
      const { cRow, cGroup } = this.target();
      const combined = combinePlan({
        dtype: problem.dtype,
        m: results,
        n: columns,
        batch: groups,
        chunks: taps.chunks,
        cRow,
        cBatch: cGroup,
        epilogue: problem.epilogue,
        partial,
        scratchAt: this.scratch.used,
      });
      instructions.push(withOffset(combined.instruction, partialAt));
      this.scratch.used = combined.scratchBytes;
    }
    return { instructions, workspaceBytes, scratchBytes: this.scratch.used };
  }

  private counts(): { results: number; tapCount: number } {
    return {
      results: product(this.axes.map(({ results }) => results)),
      tapCount: product(this.axes.map(({ taps }) => taps)),
    };
  }

  /** From row to row and group to group of the result, in elements. */
  private target(): { cRow: number; cGroup: number } {
    const { cRow, cGroup } = this.problem;
    return this.isDepthwise ? { cRow, cGroup: 0 } : { cRow, cGroup };
  }

  /** Weights are read where they are if their columns lie next to each other and are read few times or close together. */
  private isPacked(results: number): boolean {
    const { wColumn, columns, bytes } = this;
    if (columns > 1 && wColumn !== 1) return true;
    return columns * bytes > 128 && results >= 64 && this.taps.chunks === 1;
  }

  private pack(tapCount: number): GemmInstruction {
    const { axes, bytes, groups, columns, wColumn, problem, part } = this;
    const panels = Math.ceil(columns / this.lanes);
    const words = [
      part.wOffset * bytes,
      0,
      panels,
      groups,
      columns,
      problem.wGroup * bytes,
      wColumn * bytes,
      ...axes.flatMap(({ taps, wStride }) => [taps, wStride * bytes]),
      tapCount * PANEL_BYTES,
    ];
    words.length = PACK_WORDS;
    return {
      name: `convPack${8 * bytes}`,
      units: groups * panels,
      words,
      relocations: [
        { word: 0, operand: "b", offset: part.wOffset * bytes },
        { word: 1, operand: "workspace" },
      ],
    };
  }

  private multiply(
    isPacked: boolean,
    tapCount: number,
    partial: { row: number; chunk: number; batch: number } | null,
    partialAt: number,
  ): GemmInstruction {
    const { problem, part, axes, bytes, groups, columns, columnsPerBlock, lanes, hasBand, taps } = this;
    const band = bandOf(this, this.resultSteps, columnsPerBlock);
    const aStrides = axes.map((_, slot) => (hasBand ? band.strides[slot] : xStrideOf(this, slot)) * bytes);
    const xStrides = axes.map((_, slot) => xStrideOf(this, slot) * bytes);
    const wStrides = isPacked ? this.packedStrides() : axes.map(({ wStride }) => wStride * bytes);
    const panels = Math.ceil(columnsPerBlock / lanes);
    const wPanel = isPacked ? tapCount * PANEL_BYTES : PANEL_BYTES;
    const rows = rowStrides(axes, this.rowAxes);
    const { cGroup } = this.target();
    const tileRow = this.hasTile ? panels * PANEL_BYTES : 0;
    const cStrides = axes.map(({ cStride }, slot) =>
      partial === null ? cStride * bytes : rows[slot] * partial.row,
    );
    const rowTable = rowTableOf(this, aStrides, tileRow, cStrides);
    const tapTable = tapTableOf(this, aStrides, wStrides);
    const blockRows = rowTable.length / 2;
    const copy = copyLoops(this, band, xStrides);
    const words = wordsOf({
      common: {
        wAt: isPacked ? 0 : part.wOffset * bytes,
        cAt: partial === null ? part.cOffset * bytes : partialAt,
        groups,
        xGroup: this.isDepthwise ? 0 : problem.xGroup * bytes,
        wGroup: isPacked
          ? Math.ceil(columns / lanes) * tapCount * PANEL_BYTES
          : this.isDepthwise
            ? 0
            : problem.wGroup * bytes,
        cGroup: partial === null ? cGroup * bytes : partial.batch,
        cChunk: partial?.chunk ?? 0,
        columns,
        columnsPerBlock,
        columnBlocks: Math.ceil(columns / columnsPerBlock),
        blocks: taps.blocks,
        blocksPerChunk: taps.blocksPerChunk,
        xColumn: this.xColumn * bytes,
        wColumns: panels * wPanel,
        wPanel,
        isWhole: this.hasTile || partial !== null ? 1 : 0,
        rowTable: 4 * TABLES_AT,
        tapTable: 4 * (TABLES_AT + rowTable.length),
        bandBytes: hasBand ? band.bytes : 0,
        bandAt: this.scratch.take(hasBand ? band.bytes + PANEL_BYTES : 0),
        countsAt: this.scratch.take(4 * (SLOTS + 1)),
        unitBytes: copy.unitBytes,
        isRun: copy.isRun ? 1 : 0,
        tileRow,
        tileAt: this.scratch.take(tileRow * blockRows),
        epilogueAt: this.scratch.used,
      },
      slots: axes.map(({ results, taps: all, stride, dilation, low, size }, slot) => ({
        results,
        resultBlocks: blocksOf(results, this.resultSteps[slot]),
        resultStep: this.resultSteps[slot],
        taps: all,
        tapBlocks: blocksOf(all, this.tapSteps[slot]),
        tapStep: this.tapSteps[slot],
        stride,
        dilation,
        low,
        size,
        xStride: xStrides[slot],
        wStride: wStrides[slot],
        cStride: cStrides[slot],
        rowStride: rows[slot],
        bandStride: band.strides[slot] * bytes,
        bandSize: band.sizes[slot],
        countAt: 4 * copy.places[slot],
      })),
      loops: copy.loops,
    });
    const operands: readonly [CommonWord, GemmOperand][] = [
      ["x", "a"],
      ["w", isPacked ? "workspace" : "b"],
      ...((partial !== null
        ? [["c", "workspace"]]
        : problem.epilogue
          ? [
              ["epilogueFunction", "epilogueFunction"],
              ["epilogueDescriptor", "epilogueDescriptor"],
            ]
          : [["c", "c"]]) as [CommonWord, GemmOperand][]),
    ];
    const units =
      taps.chunks *
      Math.ceil(columns / columnsPerBlock) *
      groups *
      product(axes.map(({ results }, slot) => blocksOf(results, this.resultSteps[slot])));
    return {
      name: `conv${this.isDepthwise ? "Lanes" : ""}${NAMES[problem.dtype]}`,
      units,
      words: [...words, ...rowTable, ...tapTable],
      relocations: operands.map(([word, operand]) => ({ word: commonIndex(word), operand })),
    };
  }

  /** Strides of packed weights: taps lie in order, a row of a panel for each. */
  private packedStrides(): number[] {
    const strides = new Array<number>(SLOTS).fill(0);
    let stride = PANEL_BYTES;
    for (let slot = SLOTS - 1; slot >= 0; slot--) {
      strides[slot] = stride;
      stride *= this.axes[slot].taps;
    }
    return strides;
  }
}

const withOffset = (instruction: GemmInstruction, offset: number): GemmInstruction => ({
  ...instruction,
  relocations: instruction.relocations.map((one) => (one.operand === "workspace" ? { ...one, offset } : one)),
});

/** A thread's scratch, given out piece by piece. */
class Scratch {
  used = 0;

  take(bytes: number): number {
    const at = this.used;
    this.used += aligned(bytes);
    return at;
  }
}
