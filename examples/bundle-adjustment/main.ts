// Bundle adjustment: from pictures of points by several cameras, where the cameras stood and where the points are.
// The method of Levenberg and Marquardt, with products of the Jacobian and a vector; no matrix is ever made.

import { compile, concat, jvp, random, roll, type Tensor, tensor, vjp, vmap, zerosLike } from "cotangent";

const dtype = "float64";
const [cameras, points] = process.argv.includes("--full") ? [20, 500] : [5, 40];
export const noise = 0.001; // of what the pictures show: about a pixel

/** a x b of vectors [3]. */
const cross = (a: Tensor, b: Tensor): Tensor => roll(a.mul(roll(b, -1)).sub(roll(a, -1).mul(b)), -1);

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

/** The scene whose pictures are nearest to those observed, from a first guess. */
export function adjust(observed: Tensor, guess: Tensor): Tensor {
  const residuals = (scene: Tensor): Tensor => pictures(scene).sub(observed);
  const cost = compile((scene: Tensor) => residuals(scene).square().sum());

  /** J^T r, half the gradient of the cost. */
  const gradient = compile((scene: Tensor) => {
    const [r, pullback] = vjp(residuals, scene);
    return pullback(r)[0];
  });

  /** (J^T J + damping) v */
  const normal = (scene: Tensor, v: Tensor, damping: number): Tensor => {
    const [, pullback] = vjp(residuals, scene);
    const [, Jv] = jvp(residuals, [scene], [v]);
    return pullback(Jv)[0].add(v.mul(damping));
  };

  /** A step of conjugate gradients: x nears the solution, r is what remains, p the direction. */
  const conjugate = compile(
    ({ x, r, p }: { x: Tensor; r: Tensor; p: Tensor }, scene: Tensor, damping: number) => {
      const Ap = normal(scene, p, damping);
      const alpha = r.dot(r).div(p.dot(Ap));
      const rest = r.sub(Ap.mul(alpha));
      const beta = rest.dot(rest).div(r.dot(r));
      return { x: x.add(p.mul(alpha)), r: rest, p: rest.add(p.mul(beta)) };
    },
  );

  let scene = guess;
  let damping = 1e-3;
  for (let step = 1; step <= 20; step++) {
    const b = gradient(scene);
    const enough = 1e-6 * b.norm().item();
    let state = { x: zerosLike(b) as Tensor, r: b, p: b };
    while (state.r.norm().item() > enough) state = conjugate(state, scene, damping);

    const better = scene.sub(state.x);
    const [before, after] = [cost(scene).item(), cost(better).item()];
    if (after < before) scene = better;
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
