import { isInterned, type Shape, shapeId } from "../types/shape.ts";
import { internId } from "../util/intern.ts";

/** Marks what follows in a key, so that no two graphs write the same numbers. */
export const Mark = {
  data: -1,
  variable: -2,
  outputs: -3,
  updates: -4,
  float: -5,
  list: -6,
  text: -7,
  shape: -8,
  other: -9,
} as const;

const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

/** Numbers in a growing buffer that is used again for every key. */
export class KeyWriter {
  private buffer = new Int32Array(1024);
  private length = 0;

  /** What was written; valid until the next `start`. */
  get key(): Int32Array {
    return this.buffer.subarray(0, this.length);
  }

  start(): void {
    this.length = 0;
  }

  push(value: number): void {
    if (this.length === this.buffer.length) {
      const larger = new Int32Array(2 * this.buffer.length);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer[this.length++] = value;
  }

  /** The params of a primitive: equal numbers for equal params, made in the same way. */
  pushParams(params: object): void {
    for (const name in params) this.pushValue((params as Record<string, unknown>)[name]);
  }

  private pushValue(value: unknown): void {
    if (typeof value === "number") this.pushNumber(value);
    else if (Array.isArray(value)) this.pushList(value);
    else if (typeof value === "string") this.pushText(value);
    else if (value !== null && typeof value === "object") this.pushParams(value);
    else this.pushOther(value);
  }

  /** Whole numbers as they are; others, and -0, bit by bit. */
  private pushNumber(value: number): void {
    if ((value | 0) === value && value >= 0 && !Object.is(value, -0)) {
      this.push(value);
      return;
    }
    float[0] = value;
    this.push(Mark.float);
    this.push(halves[0]);
    this.push(halves[1]);
  }

  private pushList(list: readonly unknown[]): void {
    if (isInterned(list as Shape)) {
      this.push(Mark.shape);
      this.push(shapeId(list as Shape));
      return;
    }
    this.push(Mark.list);
    this.push(list.length);
    for (const item of list) this.pushValue(item);
  }

  private pushText(text: string): void {
    this.push(Mark.text);
    this.push(internId(text));
  }

  /** What is no number, text or list: true, false, undefined ... */
  private pushOther(value: unknown): void {
    this.push(Mark.other);
    this.push(internId(`${typeof value} ${value}`));
  }
}
