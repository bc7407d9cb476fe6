import { i32, op } from "../../assemble/index.ts";
import type { AccessSlot } from "./layout.ts";
import { RowsEmitter } from "./rows.ts";
import { bytesOf } from "./vector.ts";

/** Rows and columns of a block of a matrix product. */
export class EpilogueEmitter extends RowsEmitter {
  override emit(): void {
    const { f } = this;
    const [, batch, rowFrom, rowTo, columnFrom, columnTo, tile, tileStride] = f.params;
    const { outer, tile: tileBuffer, values } = this.kernel;
    f.if(op("i32.ge_s", rowFrom, rowTo), () => f.return());
    this.hold();
    const count = f.let(op("i32.sub", columnTo, columnFrom));
    const rowDimension = outer.length - 1;
    const rest = f.let(batch);
    const indices = Array.from({ length: rowDimension }, () => f.local("i32"));
    for (let d = rowDimension - 1; d >= 0; d--) {
      f.set(indices[d], op("i32.rem_u", rest, this.held(this.layout.sizes[d])));
      f.set(rest, op("i32.div_u", rest, this.held(this.layout.sizes[d])));
    }
    const tiles = new Set<AccessSlot>();
    for (const [id, slot] of this.layout.loads) {
      const value = values[id];
      if (value.op === "load" && value.buffer === tileBuffer) tiles.add(slot);
    }
    for (const slot of this.slots) {
      const { row } = this.pointer(slot);
      if (tiles.has(slot)) {
        f.set(row, tile);
        continue;
      }
      f.set(row, this.word(slot.base));
      for (let d = 0; d < rowDimension; d++) {
        const stride = slot.strides[d];
        if (stride !== null) f.add(row, op("i32.mul", indices[d], this.held(stride)));
      }
      const stride = slot.strides[rowDimension];
      if (stride !== null) f.add(row, op("i32.mul", rowFrom, this.held(stride)));
      const across = slot.strides[this.vector];
      const bytes = slot.isIndex ? 1 : bytesOf(slot.dtype);
      if (slot.kind === "contiguous") f.add(row, op("i32.mul", columnFrom, i32(bytes)));
      else if (across !== null) f.add(row, op("i32.mul", columnFrom, this.held(across)));
    }
    this.prepareKernelValues();
    const current = f.let(rowFrom);
    f.doWhile(
      () => {
        this.row(() => count);
        for (const slot of this.slots) {
          const stride = slot.strides[rowDimension];
          if (tiles.has(slot)) f.add(this.pointer(slot).row, tileStride);
          else if (stride !== null) f.add(this.pointer(slot).row, this.held(stride));
        }
        f.add(current, i32(1));
      },
      () => op("i32.lt_s", current, rowTo),
    );
  }
}
