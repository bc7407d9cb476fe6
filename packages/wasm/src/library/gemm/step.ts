import {
  type Expr,
  type FunctionBuilder,
  type FunctionRef,
  i32,
  type Local,
  type ModuleBuilder,
  op,
  type Signature,
} from "../../assemble/index.ts";
import { addBand, addEdge } from "./band.ts";
import { readWord, type Word } from "./descriptor.ts";
import { addDirect } from "./direct.ts";
import { type Element, PANEL_BYTES } from "./element.ts";
import { addInner } from "./inner.ts";
import { addCopy, addPackers } from "./pack.ts";
import { least, minus, plus, times } from "./parts.ts";
import { Mode } from "./strip.ts";

/**
 * (descriptor, scratch, a, b, c, bytes from row to row of C, rows, columns, columns that C has room for, k, mode): what multiplies
 * a block of k.
 */
const STEP: Signature = { params: Array(11).fill("i32"), results: [] };

/** Where B's columns lie next to each other, or are brought there: in the order of `Packing`. */
export function addPanelSteps(module: ModuleBuilder, element: Element): FunctionRef[] {
  const edge = addEdge(module, element);
  const band = addBand(module, element, edge);
  const { bytes } = element;
  const copy = addCopy(module, bytes);
  const { rows, columns, scattered } = addPackers(module, bytes);
  const step = (name: string, write: (writer: PanelWriter) => void): FunctionRef =>
    addStep(module, name, element, (f) => write(new PanelWriter(f, element, { edge, band, copy })));
  return [
    step("InPlace", (writer) => writer.inPlace()),
    step("Rows", (writer) => writer.packed(rows)),
    step("Columns", (writer) => writer.packed(columns)),
    step("Scattered", (writer) => writer.packed(scattered)),
    step("Slices", (writer) => writer.slices()),
  ];
}

/** A row times columns. */
export function addDirectStep(module: ModuleBuilder, element: Element): FunctionRef {
  const direct = addDirect(module, element);
  return addStep(module, "Direct", element, (f) => {
    const [descriptor, , a, b, c, , , columns, , k, mode] = f.params;
    const word = (name: Word): Expr => readWord(descriptor, name);
    f.call(direct, a, word("aColumn"), b, word("bColumn"), columns, k, c, mode);
  });
}

/** A row times a column; both are copied first where their elements are apart. */
export function addInnerStep(module: ModuleBuilder, element: Element): FunctionRef {
  const inner = addInner(module, element);
  const copy = addCopy(module, element.bytes);
  return addStep(module, "Inner", element, (f) => {
    const [descriptor, scratch, a, b, c, , , , , k, mode] = f.params;
    const word = (name: Word): Expr => readWord(descriptor, name);
    const bytes = i32(element.bytes);
    const together = (place: Local, step: Expr, to: Expr): void =>
      f.if(op("i32.ne", step, bytes), () => {
        f.call(copy, place, step, bytes, to, bytes, k, i32(1));
        f.set(place, to);
      });
    const copies = f.let(plus(scratch, word("packedAt")));
    together(a, word("aColumn"), copies);
    // The copies overlap by less than a vector, which the second one overwrites.
    together(b, word("bRow"), plus(copies, times(k, bytes)));
    f.call(inner, a, b, k, c, mode);
  });
}

const addStep = (
  module: ModuleBuilder,
  name: string,
  element: Element,
  write: (f: FunctionBuilder) => void,
): FunctionRef => module.function(`step${name}${element.name}`, STEP, write, { exported: false });

/**
 * k of a slice. The processor fetches the next columns of some rows ahead, but not of many: a matrix of 64 MB times a vector
 * ran at 20 GB/s with 8 rows, 16 with 16, 11 with 256 (what reads it from end to end, 31).
 */
const SLICE = 8;

/** What steps over panels call. */
interface PanelParts {
  readonly band: FunctionRef;
  readonly edge: FunctionRef;
  readonly copy: FunctionRef;
}

class PanelWriter {
  constructor(
    private readonly f: FunctionBuilder,
    private readonly element: Element,
    private readonly parts: PanelParts,
  ) {}

  private word(name: Word): Expr {
    return readWord(this.f.params[0], name);
  }

  /** Panels are read where they are. */
  inPlace(): void {
    const [, , , b] = this.f.params;
    this.multiply(b, this.word("bRow"), i32(PANEL_BYTES));
  }

  /** Panels are made first. */
  packed(packer: FunctionRef): void {
    const { f } = this;
    const [, scratch, , b, , , , columns, , k] = f.params;
    const panels = f.let(plus(scratch, this.word("packedAt")));
    f.call(packer, b, this.word("bRow"), this.word("bColumn"), panels, k, columns);
    this.multiply(panels, i32(PANEL_BYTES), times(k, i32(PANEL_BYTES)));
  }

  /** All columns for a few k, then for the next few: the sums wait in scratch. */
  slices(): void {
    const { f, element, parts } = this;
    const [, scratch, a, b, c, cRow, rows, columns, whole, k, mode] = f.params;
    const [aRow, aColumn, bRow] = (["aRow", "aColumn", "bRow"] as const).map((name) =>
      f.let(this.word(name)),
    );
    const sums = f.let(plus(scratch, this.word("packedAt")));
    const panels = f.let(panelsOf(plus(columns, i32(PANEL_BYTES / element.bytes - 1)), element));
    const sumsRow = f.let(times(panels, i32(PANEL_BYTES)));
    const slice = f.local("i32");
    const own = f.let(i32(Mode.store));
    f.doWhile(
      () => {
        f.set(slice, i32(SLICE));
        least(f, slice, k);
        const left = [a, aRow, aColumn, rows];
        const right = [b, bRow, i32(PANEL_BYTES), panels];
        f.call(parts.band, ...left, ...right, slice, sums, sumsRow, own, i32(0), scratch);
        f.set(own, i32(Mode.continue));
        f.add(a, times(slice, aColumn));
        f.add(b, times(slice, bRow));
        f.set(k, minus(k, slice));
      },
      () => k,
    );
    f.call(parts.edge, c, cRow, sums, sumsRow, rows, whole, mode);
  }

  /** Multiplies all rows with panels; copies A together first, some rows at a time, where that is asked for. */
  private multiply(panelsAt: Expr, panelRow: Expr, panelStep: Expr): void {
    const { f, element, parts } = this;
    const [, scratch, a, , c, cRow, rows, , whole, k, mode] = f.params;
    const right = [f.let(panelsAt), f.let(panelRow), f.let(panelStep), f.let(panelsOf(whole, element))];
    const tail = f.let(op("i32.and", whole, i32(PANEL_BYTES / element.bytes - 1)));
    const groupRows = f.let(this.word("groupRows"));
    const band = (left: readonly Expr[]): void =>
      f.call(parts.band, ...left, ...right, k, c, cRow, mode, tail, scratch);
    f.if(
      groupRows,
      () => {
        const copy = f.let(plus(scratch, this.word("groupAt")));
        const copyRow = f.let(times(groupRows, i32(element.bytes)));
        const group = f.local("i32");
        f.doWhile(
          () => {
            f.set(group, groupRows);
            least(f, group, rows);
            const strides = [this.word("aColumn"), this.word("aRow")];
            f.call(parts.copy, a, ...strides, copy, copyRow, k, group);
            band([copy, i32(element.bytes), copyRow, group]);
            f.add(a, times(group, this.word("aRow")));
            f.add(c, times(group, cRow));
            f.set(rows, minus(rows, group));
          },
          () => rows,
        );
      },
      () => band([a, this.word("aRow"), this.word("aColumn"), rows]),
    );
  }
}

const panelsOf = (columns: Expr, { bytes }: Element): Expr =>
  op("i32.shr_u", columns, i32(Math.log2(PANEL_BYTES / bytes)));
