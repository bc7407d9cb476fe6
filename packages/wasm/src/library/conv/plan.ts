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
import { CHANNELS, type CommonWord, commonIndex, SLOTS, TABLES_AT, wordsOf } from "./descriptor.ts";
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

/** How the part of x that a block reads lies in scratch. */
interface Band {
  readonly strides: readonly number[];
  readonly sizes: readonly number[];
  readonly bytes: number;
}

class Planner {
  private readonly bytes: 4 | 8;
  private readonly lanes: number;
  private readonly isDepthwise: boolean;
  private readonly groups: number;
  private readonly columns: number;
  private readonly xColumn: number;
  private readonly wColumn: number;
  /** In slots, strides in elements. */
  private readonly axes: readonly PartAxis[];
  private readonly rowAxes: readonly number[];
  private readonly taps: TapBlocks;
  private readonly tapSteps: readonly number[];
  private readonly resultSteps: number[];
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
    this.axes = Array.from({ length: SLOTS }, (_, slot) => axes[slot] ?? IDLE);
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
    const tapSizes = this.axes.slice(1).map(({ taps }) => taps);
    const rows = product(sizes);
    this.taps = chooseTaps(tapSizes, rows, rows * this.columns * this.groups, isWhole(problem));
    this.tapSteps = [1, ...this.taps.steps];
    this.hasBand = this.needsBand();
    const blocks = chooseRows({
      sizes,
      columns: this.columns,
      blockTaps: product(this.tapSteps),
      taps: product(tapSizes),
      copies: this.groups * this.taps.chunks,
      bytes: this.bytes,
      hasTile: this.hasTile,
      band: (steps, columns) => (this.hasBand ? this.band(this.inSlots(steps), columns).bytes : 0),
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

  /** Whether anything outside x is meant, or vectors do not lie as they should. */
  private needsBand(): boolean {
    if (this.isDepthwise && this.xColumn !== 1) return true;
    return this.axes.some(
      ({ results, taps, stride, dilation, low, size }) =>
        taps > 0 && (low > 0 || (results - 1) * stride + (taps - 1) * dilation - low >= size),
    );
  }

  private band(steps: readonly number[], columns: number): Band {
    const sizes = this.axes.map(({ stride, dilation, taps }, slot) => {
      if (slot === CHANNELS && this.isDepthwise) return Math.ceil(columns / this.lanes) * this.lanes;
      const tapSpan = taps === 0 ? 0 : (this.tapSteps[slot] - 1) * dilation;
      return (steps[slot] - 1) * stride + tapSpan + 1;
    });
    const strides = new Array<number>(SLOTS).fill(0);
    let stride = 1;
    for (const slot of this.copyOrder.slice().reverse()) {
      strides[slot] = stride;
      stride *= sizes[slot];
    }
    return { sizes, strides, bytes: stride * this.bytes };
  }

  private xStride(slot: number): number {
    return slot === CHANNELS && this.isDepthwise ? this.xColumn : this.axes[slot].xStride;
  }

  /** Slots as they lie in x, the innermost last. */
  private get copyOrder(): number[] {
    const rank = (slot: number): number => {
      if (slot === CHANNELS && this.isDepthwise) return -1;
      const { size, results, taps } = this.axes[slot];
      // What has no extent stays out of the way.
      return size === 1 && results === 1 && taps <= 1 ? Infinity : Math.abs(this.xStride(slot));
    };
    const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
    return slots.sort((a, b) => (rank(a) === rank(b) ? a - b : rank(b) - rank(a)));
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
      tapCount: product(this.axes.slice(1).map(({ taps }) => taps)),
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
      ...axes.slice(1).flatMap(({ taps, wStride }) => [taps, wStride * bytes]),
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
    const band = this.band(this.resultSteps, columnsPerBlock);
    const aStrides = axes.map((_, slot) => (hasBand ? band.strides[slot] : this.xStride(slot)) * bytes);
    const xStrides = axes.map((_, slot) => this.xStride(slot) * bytes);
    const wStrides = isPacked ? this.packedStrides() : axes.map(({ wStride }) => wStride * bytes);
    const panels = Math.ceil(columnsPerBlock / lanes);
    const wPanel = isPacked ? tapCount * PANEL_BYTES : PANEL_BYTES;
    const rows = rowStrides(axes, this.rowAxes);
    const { cGroup } = this.target();
    const tileRow = this.hasTile ? panels * PANEL_BYTES : 0;
    const cStrides = axes.map(({ cStride }, slot) =>
      partial === null ? cStride * bytes : rows[slot] * partial.row,
    );
    const rowTable = this.rowTable(aStrides, tileRow, cStrides);
    const tapTable = this.tapTable(aStrides, wStrides);
    const blockRows = rowTable.length / 2;
    const copy = this.copyLoops(band, xStrides);
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
    for (let slot = SLOTS - 1; slot >= CHANNELS; slot--) {
      strides[slot] = stride;
      stride *= this.axes[slot].taps;
    }
    return strides;
  }

  /** For each row of a block where it begins in what is read and in what is written. */
  private rowTable(aStrides: readonly number[], tileRow: number, cStrides: readonly number[]): number[] {
    const { axes, rowAxes, resultSteps } = this;
    const table: number[] = [];
    const walk = (depth: number, a: number, c: number): void => {
      if (depth === rowAxes.length) {
        table.push(a, tileRow > 0 ? (table.length / 2) * tileRow : c);
        return;
      }
      const slot = rowAxes[depth];
      for (let i = 0; i < resultSteps[slot]; i++) {
        walk(depth + 1, a + i * axes[slot].stride * aStrides[slot], c + i * cStrides[slot]);
      }
    };
    walk(0, 0, 0);
    return table;
  }

  /** For each tap of a block where it is, from the start of a row and of the weights. */
  private tapTable(aStrides: readonly number[], wStrides: readonly number[]): number[] {
    const { axes, tapSteps } = this;
    const table: number[] = [];
    const walk = (slot: number, a: number, w: number): void => {
      if (slot === SLOTS) {
        table.push(a, w);
        return;
      }
      const isColumn = slot === CHANNELS && this.isDepthwise;
      for (let i = 0; i < Math.min(tapSteps[slot], axes[slot].taps); i++) {
        const step = isColumn ? 0 : axes[slot].dilation * aStrides[slot];
        walk(slot + 1, a + i * step, w + i * wStrides[slot]);
      }
    };
    walk(CHANNELS, 0, 0);
    return table;
  }

  /** The loops that copy a band; inner axes that are copied whole become one run. */
  private copyLoops(band: Band, xStrides: readonly number[]) {
    const { axes, bytes } = this;
    const order = this.copyOrder;
    const dropped: number[] = [];
    let unitBytes: number = bytes;
    for (;;) {
      const slot = order[order.length - 1];
      const before = order[order.length - 2];
      if (before === undefined) break;
      const { low, size } = axes[slot];
      const isColumn = slot === CHANNELS && this.isDepthwise;
      const full =
        !isColumn &&
        low === 0 &&
        size === band.sizes[slot] &&
        blocksOf(axes[slot].results, this.resultSteps[slot]) === 1 &&
        blocksOf(axes[slot].taps, this.tapSteps[slot]) === 1;
      if (!full || (size > 1 && xStrides[slot] !== unitBytes)) break;
      if (xStrides[before] !== unitBytes * size) break;
      unitBytes *= size;
      order.pop();
      dropped.push(slot);
    }
    const places = new Array<number>(SLOTS).fill(SLOTS);
    const loops = Array.from({ length: SLOTS }, () => ({ from: 0, to: 0 }));
    order.forEach((slot, i) => {
      const loop = SLOTS - order.length + i;
      places[slot] = loop;
      loops[loop] = { from: xStrides[slot], to: band.strides[slot] * bytes };
    });
    const innermost = loops[SLOTS - 1];
    return { places, loops, unitBytes, isRun: innermost.from === unitBytes && innermost.to === unitBytes };
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
