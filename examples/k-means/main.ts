// k-means is Newton's method: its loss has a diagonal Hessian, and the Newton step moves each centre to the mean of its points.

import { grad, hessianDiagonal, type Tensor, tensor } from "cotangent";
import { iris } from "./iris.ts";

const points = tensor(iris, { shape: [150, 4], dtype: "float64" });

/** Half the sum of the squared distances from each point [n, d] to the nearest of the centres [k, d]. */
export function loss(centres: Tensor): Tensor {
  const distances = points.expandDims(1).sub(centres).square().sum(-1); // [n, k]
  return distances.min(1).sum().div(2);
}

/** One step of Newton's method: the diagonal of the Hessian says how many points each centre has. */
export const newtonStep = (centres: Tensor): Tensor =>
  centres.sub(grad(loss)(centres).div(hessianDiagonal(loss)(centres)));

/** The sum of squared distances, which is twice the loss, is called inertia. */
export const inertias: number[] = [];
export let centres: Tensor = points.take([0, 50, 100], { axis: 0 }); // the first flower of each species
for (let step = 0; step < 6; step++) {
  centres = newtonStep(centres);
  inertias.push(2 * loss(centres).item());
  console.log(`step ${step + 1}: inertia ${inertias[step].toFixed(4)}`);
}
console.log("centres:");
for (const centre of centres.arraySync() as number[][]) {
  console.log(centre.map((x) => x.toFixed(3)).join("  "));
}
