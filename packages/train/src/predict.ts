import { type ModuleLike, type Tensor, type TypedArray, tensor } from "@cotangent/core";
import { forwardBatch } from "./examples.ts";
import { Pause } from "./pause.ts";

/** The model's outputs for all of x [n, ...], `batchSize` rows at a time, as one tensor [n, ...] with data. */
export async function predictAll(model: ModuleLike, x: Tensor, batchSize: number): Promise<Tensor> {
  const pause = new Pause();
  const parts: { readonly data: TypedArray; readonly outputs: Tensor }[] = [];
  for (let start = 0; start < x.shape[0]; start += batchSize) {
    const outputs = forwardBatch("predict", model, x.slice(start, start + batchSize), x);
    parts.push({ data: await outputs.data(), outputs });
    await pause.ifDue();
  }
  const { data: first, outputs } = parts[0];
  const length = parts.reduce((sum, { data }) => sum + data.length, 0);
  const all = new (first.constructor as new (length: number) => TypedArray)(length);
  let offset = 0;
  for (const { data } of parts) {
    all.set(data, offset);
    offset += data.length;
  }
  return tensor(all, { shape: [x.shape[0], ...outputs.shape.slice(1)], dtype: outputs.dtype });
}
