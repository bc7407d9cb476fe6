/** Elements smaller than this share of the typical one are moved as if they were that large. */
const LEAST = 2 ** -20;

/**
 * For each element, how far a step of 1 moves it: about its own size, so that steps are relative. Zeros are moved as the
 * typical element of their tensor is (the geometric mean of those that are not 0), or by 1 where all are 0.
 */
export function scalesOf(values: Float64Array): Float64Array {
  let sum = 0;
  let count = 0;
  for (const x of values) {
    if (x === 0 || !Number.isFinite(x)) continue;
    sum += Math.log2(Math.abs(x));
    count++;
  }
  const typical = count === 0 ? 1 : 2 ** Math.round(sum / count);
  return values.map((x) => {
    if (x === 0 || !Number.isFinite(x)) return typical;
    return Math.max(2 ** Math.round(Math.log2(Math.abs(x))), LEAST * typical);
  });
}
