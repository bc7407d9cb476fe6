// Bundle adjustment: from pictures of points by several cameras, where the cameras stood and where the points are.
// The method of Levenberg and Marquardt, with products of J^T J and a vector, J the Jacobian; no matrix is ever made.

import {
  compile,
  concat,
  cross,
  grad,
  gvp,
  random,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
  zerosLike,
} from "cotangent";

const dtype = "float64";
const [cameras, points] = process.argv.includes("--full") ? [20, 500] : [5, 40];
export const noise = 0.001; // of what the pictures show: about a pixel

/** What a camera [7], a quaternion and a translation, sees of a point [3]: its place [2] in the picture. */
export function project(camera: Tensor, point: Tensor): Tensor {
  const quaternion = camera.slice(0, 4).div(camera.slice(0, 4).norm());
  const [w, axis] = [quaternion.slice(0, 1), quaternion.slice(1, 4)];
  const turn = cross(axis, point).mul(2);
  const seen = point.add(turn.mul(w)).add(cross(axis, turn)).add(camera.slice(4, 7));
  return seen.slice(0, 2).div(seen.slice(2, 3));
}

/** What all cameras see of all points, [2 * cameras * points]; `scene` holds the cameras, then the points. */
export function pictures(scene: Tensor): Tensor {
  const allCameras = scene.slice(0, 7 * cameras).reshape([cameras, 7]);
  const allPoints = scene.slice(7 * cameras).reshape([points, 3]);
  const ofOneCamera = vmap(project, { inAxes: [null, 0] });
  return vmap(ofOneCamera, { inAxes: [0, null] })(allCameras, allPoints).ravel();
}

/** Solves A x = b, A positive definite and given by its product with a vector (Hestenes and Stiefel 1952). */
function conjugateGradients(A: (v: Tensor) => Tensor, b: Tensor): Tensor {
  const { x } = whileLoop(
    ({ r }) => r.norm().greater(b.norm().mul(1e-6)),
    ({ x, r, p }) => {
      const Ap = A(p);
      const alpha = r.dot(r).div(p.dot(Ap));
      const rest = r.sub(Ap.mul(alpha));
      const beta = rest.dot(rest).div(r.dot(r));
      return { x: x.add(p.mul(alpha)), r: rest, p: rest.add(p.mul(beta)) };
    },
    { x: zerosLike(b), r: b, p: b },
  );
  return x;
}

/** The scene whose pictures are nearest to those observed, from a first guess. */
export function adjust(observed: Tensor, guess: Tensor): Tensor {
  const residuals = (scene: Tensor): Tensor => pictures(scene).sub(observed);
  const cost = (scene: Tensor): Tensor => residuals(scene).square().sum();

  /** A scene that may be better, and the costs of the old and the new. */
  const propose = compile((scene: Tensor, damping: number) => {
    const product = gvp(residuals)(scene); // v -> J^T J v
    const gradient = grad(cost)(scene).div(2); // J^T r
    const change = conjugateGradients((v) => product(v).add(v.mul(damping)), gradient);
    const better = scene.sub(change);
    return { better, before: cost(scene), after: cost(better) };
  });

  let scene = guess;
  let damping = 1e-3;
  for (let step = 1; step <= 20; step++) {
    const proposal = propose(scene, damping);
    const [before, after] = [proposal.before.item(), proposal.after.item()];
    if (after < before) scene = proposal.better;
    damping *= after < before ? 0.1 : 10;
    console.log(`step ${step}: cost ${Math.min(before, after).toExponential(4)}`);
    if (Math.abs(before - after) <= 1e-9 * before) break;
  }
  return scene;
}

const drawn = (shape: number[], seed: number, std: number): Tensor =>
  random.normal(shape, { seed, std, dtype });

// Cameras that look at the origin from a distance of about 5, each a little turned and shifted; points around the origin.
const upright = tensor([1, 0, 0, 0, 0, 0, 5], { dtype });
export const truth = concat([upright.add(drawn([cameras, 7], 1, 0.2)).ravel(), drawn([3 * points], 2, 1)], 0);
export const guess = truth.add(drawn([truth.size], 3, 0.1));
const observed = pictures(truth).add(drawn([2 * cameras * points], 4, noise));

export const adjusted = adjust(observed, guess);

// Each camera has 6 unknowns and each point 3; but a scene that is moved, turned or scaled as a whole gives the same pictures.
const unknowns = 6 * cameras + 3 * points - 7;
const misfit = pictures(adjusted).sub(observed).square().sum().item();
export const degrees = observed.size - unknowns;
export const estimate = Math.sqrt(misfit / degrees);
console.log(
  `noise of the pictures: ${noise}, estimated as ${estimate.toFixed(6)} with ${degrees} degrees of freedom`,
);
