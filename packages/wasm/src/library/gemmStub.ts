import {
  i32,
  type LoadName,
  load,
  type ModuleBuilder,
  op,
  type PlainName,
  type StoreName,
} from "../assemble/index.ts";
import { KERNEL } from "../compile/emit/kernel.ts";
export interface GemmProblem {
  dtype: string;
  m: number;
  n: number;
  k: number;
  batch: number;
  a: { row: number; column: number };
  b: { row: number; column: number };
  cRow: number;
  aBatch?: number;
  bBatch?: number;
  cBatch?: number;
  aOffsets?: number[];
  bOffsets?: number[];
  epilogue: boolean;
}
export type GemmOperand = "a" | "b" | "c" | "workspace" | "epilogueFunction" | "epilogueDescriptor";
export function planGemm(p: GemmProblem) {
  const words = [
    0,
    0,
    0,
    p.m,
    p.n,
    p.k,
    p.a.row,
    p.a.column,
    p.b.row,
    p.b.column,
    p.aBatch ?? 0,
    p.bBatch ?? 0,
    p.cBatch ?? 0,
    0,
    0,
    p.epilogue ? 1 : 0,
  ];
  const relocations: { word: number; operand: GemmOperand; offset?: number }[] = [
    { word: 0, operand: "a" },
    { word: 1, operand: "b" },
  ];
  if (p.epilogue)
    relocations.push({ word: 13, operand: "epilogueFunction" }, { word: 14, operand: "epilogueDescriptor" });
  else relocations.push({ word: 2, operand: "c" });
  return {
    instructions: [{ name: `naive.${p.dtype}`, units: p.batch * p.m, words, relocations }],
    workspaceBytes: 0,
    scratchBytes: p.n * 8 + 64,
  };
}
export function addGemm(module: ModuleBuilder, _o: { relaxed: boolean }): void {
  for (const [dtype, type, bytes] of [
    ["float32", "f32", 4],
    ["float64", "f64", 8],
    ["int32", "i32", 4],
    ["uint32", "i32", 4],
  ] as const) {
    module.function(`naive.${dtype}`, KERNEL, (f) => {
      const [d, lo, hi, scratch] = f.params;
      const w = Array.from({ length: 16 }, (_, i) => f.let(load("i32.load", d, 4 * i)));
      const j = f.local("i32"),
        l = f.local("i32"),
        acc = f.local(type),
        a = f.local("i32"),
        b = f.local("i32"),
        c = f.local("i32");
      f.while(
        () => op("i32.lt_s", lo, hi),
        () => {
          const batch = f.let(op("i32.div_u", lo, w[3])),
            row = f.let(op("i32.rem_u", lo, w[3]));
          f.if(
            w[15],
            () => f.set(c, scratch),
            () =>
              f.set(
                c,
                op(
                  "i32.add",
                  w[2],
                  op(
                    "i32.mul",
                    op("i32.add", op("i32.mul", batch, w[12]), op("i32.mul", row, w[4])),
                    i32(bytes),
                  ),
                ),
              ),
          );
          f.set(j, i32(0));
          f.while(
            () => op("i32.lt_s", j, w[4]),
            () => {
              f.set(l, i32(0));
              f.set(acc, op(`${type}.sub` as PlainName, acc, acc));
              f.set(
                a,
                op(
                  "i32.add",
                  w[0],
                  op(
                    "i32.mul",
                    op("i32.add", op("i32.mul", batch, w[10]), op("i32.mul", row, w[6])),
                    i32(bytes),
                  ),
                ),
              );
              f.set(
                b,
                op(
                  "i32.add",
                  w[1],
                  op(
                    "i32.mul",
                    op("i32.add", op("i32.mul", batch, w[11]), op("i32.mul", j, w[9])),
                    i32(bytes),
                  ),
                ),
              );
              f.while(
                () => op("i32.lt_s", l, w[5]),
                () => {
                  f.set(
                    acc,
                    op(
                      `${type}.add` as PlainName,
                      acc,
                      op(
                        `${type}.mul` as PlainName,
                        load(`${type}.load` as LoadName, a),
                        load(`${type}.load` as LoadName, b),
                      ),
                    ),
                  );
                  f.add(a, op("i32.mul", w[7], i32(bytes)));
                  f.add(b, op("i32.mul", w[8], i32(bytes)));
                  f.add(l, i32(1));
                },
              );
              f.store(`${type}.store` as StoreName, op("i32.add", c, op("i32.mul", j, i32(bytes))), acc);
              f.add(j, i32(1));
            },
          );
          f.if(w[15], () =>
            f.callIndirect(
              { params: ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"], results: [] },
              w[13],
              w[14],
              batch,
              row,
              op("i32.add", row, i32(1)),
              i32(0),
              w[4],
              scratch,
              i32(0),
              op("i32.add", scratch, op("i32.add", op("i32.mul", w[4], i32(8)), i32(64))),
            ),
          );
          f.add(lo, i32(1));
        },
      );
    });
  }
}
