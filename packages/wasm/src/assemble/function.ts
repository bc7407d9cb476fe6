import { ByteWriter } from "./bytes.ts";
import { type Expr, v128, writeMemoryArgument, writeOpcode } from "./expression.ts";
import { instruction, type MemoryLaneName, type StoreName } from "./instructions.ts";
import type { FunctionRef, ModuleBuilder } from "./module.ts";
import { type Signature, typeCode, type ValueType } from "./types.ts";

/** A variable of a function; parameters are the first ones. */
export interface Local extends Expr {
  readonly index: number;
}

/** Where `branch` can jump to: behind a block, or back to the start of a loop. */
export interface Label {
  readonly depth: number;
}

/** Writes the body of one function, statement by statement. */
export class FunctionBuilder {
  readonly params: readonly Local[];
  private readonly localTypes: ValueType[] = [];
  private readonly code = new ByteWriter();
  private readonly prologue = new ByteWriter();
  private readonly hoisted = new Map<string, Local>();
  /** Places in `code` where the index of a called function belongs. */
  private readonly calls: { at: number; ref: FunctionRef }[] = [];
  private depth = 0;

  constructor(
    private readonly module: ModuleBuilder,
    readonly signature: Signature,
  ) {
    this.params = signature.params.map((type, index) => localOf(type, index));
  }

  /** A new variable, zero at first. */
  local(type: ValueType): Local {
    this.localTypes.push(type);
    return localOf(type, this.params.length + this.localTypes.length - 1);
  }

  /** A new variable with a value. */
  let(value: Expr): Local {
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }

  /**
   * A vector constant that is made once, when the function starts: engines do not lift constants out of loops.
   * Equal constants share a variable.
   */
  constant(bytes: Uint8Array): Local {
    const key = bytes.join();
    const known = this.hoisted.get(key);
    if (known !== undefined) return known;
    const local = this.local("v128");
    v128(bytes).write(this.prologue);
    this.prologue.byte(0x21);
    this.prologue.unsigned(local.index);
    this.hoisted.set(key, local);
    return local;
  }

  set(local: Local, value: Expr): void {
    value.write(this.code);
    this.code.byte(0x21);
    this.code.unsigned(local.index);
  }

  /** `local += by` for addresses and counters. */
  add(local: Local, by: Expr): void {
    local.write(this.code);
    by.write(this.code);
    this.code.byte(0x6a);
    this.code.byte(0x21);
    this.code.unsigned(local.index);
  }

  /** Computes something for its effect. */
  drop(value: Expr): void {
    value.write(this.code);
    this.code.byte(0x1a);
  }

  store(name: StoreName, address: Expr, value: Expr, offset = 0): void {
    address.write(this.code);
    value.write(this.code);
    const { prefix, code } = instruction(name);
    writeOpcode(this.code, prefix, code);
    writeMemoryArgument(this.code, name, offset, name.includes("atomic"));
  }

  storeLane(name: MemoryLaneName, index: number, address: Expr, vector: Expr, offset = 0): void {
    address.write(this.code);
    vector.write(this.code);
    const { prefix, code } = instruction(name);
    writeOpcode(this.code, prefix, code);
    writeMemoryArgument(this.code, name, offset, false);
    this.code.byte(index);
  }

  if(condition: Expr, then: () => void, otherwise?: () => void): void {
    condition.write(this.code);
    this.code.byte(0x04);
    this.code.byte(0x40);
    this.depth++;
    then();
    if (otherwise !== undefined) {
      this.code.byte(0x05);
      otherwise();
    }
    this.depth--;
    this.code.byte(0x0b);
  }

  /** Statements out of which `branch(label)` jumps. */
  block(body: (label: Label) => void): void {
    this.nested(0x02, body);
  }

  /** Statements to whose start `branch(label)` jumps; falls out at the end otherwise. */
  loop(body: (label: Label) => void): void {
    this.nested(0x03, body);
  }

  branch(label: Label): void {
    this.code.byte(0x0c);
    this.code.unsigned(this.depth - label.depth);
  }

  branchIf(label: Label, condition: Expr): void {
    condition.write(this.code);
    this.code.byte(0x0d);
    this.code.unsigned(this.depth - label.depth);
  }

  /** Jumps to the label of the number `index`, to the last one for greater numbers. */
  branchTable(index: Expr, labels: readonly Label[]): void {
    index.write(this.code);
    this.code.byte(0x0e);
    this.code.unsigned(labels.length - 1);
    for (const label of labels) this.code.unsigned(this.depth - label.depth);
  }

  /** Repeats while the condition holds, which is looked at first. */
  while(condition: () => Expr, body: () => void): void {
    this.block((done) => {
      this.loop((again) => {
        condition().write(this.code);
        this.code.byte(0x45);
        this.code.byte(0x0d);
        this.code.unsigned(this.depth - done.depth);
        body();
        this.branch(again);
      });
    });
  }

  /** Repeats until the condition, looked at afterwards, fails. */
  doWhile(body: () => void, condition: () => Expr): void {
    this.loop((again) => {
      body();
      this.branchIf(again, condition());
    });
  }

  /** The same statements so many times, one behind the other; they call no functions. */
  unrolled(times: number, body: () => void): void {
    const start = this.code.length;
    body();
    const bytes = this.code.bytes.slice(start);
    for (let i = 1; i < times; i++) this.code.append(bytes);
  }

  return(...values: readonly Expr[]): void {
    for (const value of values) value.write(this.code);
    this.code.byte(0x0f);
  }

  /** Leaves the value(s) on the stack as the function's result; the last statement. */
  result(...values: readonly Expr[]): void {
    for (const value of values) value.write(this.code);
  }

  /** A function of this function's module, written by `body` when it is first asked for. */
  helper(name: string, signature: Signature, body: (f: FunctionBuilder) => void): FunctionRef {
    return this.module.helper(name, signature, body);
  }

  /** Calls a function that has no result. */
  call(ref: FunctionRef, ...args: readonly Expr[]): void {
    for (const arg of args) arg.write(this.code);
    this.writeCall(this.code, ref);
  }

  /** Calls a function for its one result. */
  callFor(ref: FunctionRef, ...args: readonly Expr[]): Expr {
    return {
      type: ref.signature.results[0],
      write: (out) => {
        for (const arg of args) arg.write(out);
        this.writeCall(out, ref);
      },
    };
  }

  /** Calls the function in slot `index` of the table, which has no result. */
  callIndirect(signature: Signature, index: Expr, ...args: readonly Expr[]): void {
    for (const arg of args) arg.write(this.code);
    index.write(this.code);
    this.code.byte(0x11);
    this.code.unsigned(this.module.typeIndex(signature));
    this.code.byte(0);
  }

  /** Copies `size` bytes; the places may overlap. */
  memoryCopy(to: Expr, from: Expr, size: Expr): void {
    for (const arg of [to, from, size]) arg.write(this.code);
    for (const byte of [0xfc, 0x0a, 0, 0]) this.code.byte(byte);
  }

  /** Sets `size` bytes to `value`. */
  memoryFill(to: Expr, value: Expr, size: Expr): void {
    for (const arg of [to, value, size]) arg.write(this.code);
    for (const byte of [0xfc, 0x0b, 0]) this.code.byte(byte);
  }

  trap(): void {
    this.code.byte(0x00);
  }

  /** Memory operations before are seen before those after it. */
  fence(): void {
    for (const byte of [0xfe, 0x03, 0]) this.code.byte(byte);
  }

  /** The function as the code section holds it, calls of the module's own functions filled in. @internal */
  finish(indexOf: (ref: FunctionRef) => number): Uint8Array {
    for (const { at, ref } of this.calls) this.code.patch(at, indexOf(ref));
    const body = new ByteWriter();
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.localTypes) {
      const last = runs[runs.length - 1];
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    body.unsigned(runs.length);
    for (const { type, count } of runs) {
      body.unsigned(count);
      body.byte(typeCode(type));
    }
    body.append(this.prologue.bytes);
    body.append(this.code.bytes);
    body.byte(0x0b);
    return body.bytes;
  }

  private writeCall(out: ByteWriter, ref: FunctionRef): void {
    out.byte(0x10);
    this.calls.push({ at: out.placeholder(), ref });
  }

  private nested(opcode: number, body: (label: Label) => void): void {
    this.code.byte(opcode);
    this.code.byte(0x40);
    this.depth++;
    body({ depth: this.depth });
    this.depth--;
    this.code.byte(0x0b);
  }
}

const localOf = (type: ValueType, index: number): Local => ({
  type,
  index,
  write(out) {
    out.byte(0x20);
    out.unsigned(index);
  },
});
