import { test } from "vitest";
import { simplify, symbol, type Tensor, derivative, gradients } from "../src/index.ts";
const x = symbol("x", { dtype: "float64" });
const y = symbol("y", { dtype: "float64" });
const N = 100_000;
const chains: Record<string, (v: Tensor, i: number) => Tensor> = {
  sum: (v, i) => v.add(i % 3 ? x : y), distinct: (v, i) => v.add(symbol(`s_${i}`, { dtype: "float64" })), product: (v, i) => v.mul(i % 2 ? x : y), distinctProduct: (v, i) => v.mul(symbol(`s_${i}`, { dtype: "float64" })),
  sin: (v) => v.sin(), horner: (v) => v.mul(x).add(y), shared: (v) => v.add(v.sin()), double: (v) => v.add(v), square: (v) => v.mul(v), frac: (v) => v.add(1).reciprocal(), neg: (v) => v.neg(), expsum: (v) => v.exp().add(x).log(), mixed: (v) => v.mul(x).add(y).sqrt().sub(v), quot: (v) => v.div(x.add(1)).add(y.div(x)), sub: (v) => x.sub(v), sharedsum: (v, i) => v.add(i % 2 ? v.mul(x) : y), logistic: (v) => v.mul(v.neg().add(1)).mul(3.5), prodsum: (v, i)=> v.add(x.mul(v)),
};
for (const [name, step] of Object.entries(chains)) test(name, () => {
  let v: Tensor = x;
  for (let i = 0; i < N; i++) v = step(v, i);
  let t = performance.now();
  const s = simplify(v); const t1 = performance.now() - t; t = performance.now();
  const text = s.toString();
  console.log(name, t1.toFixed(0), (performance.now() - t).toFixed(0), text.length, text.slice(0, 70));
});
