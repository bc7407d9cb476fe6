// Optimal control by gradients through a simulation, for a cart where the best feedback is known, and for a pendulum.

import { compile, type Tensor, tensor } from "cotangent";
import { improve, riccati } from "./cart.ts";
import { last, swing, swingUp } from "./pendulum.ts";

const show = (x: Tensor): string => Array.from(x.dataSync(), (value) => value.toFixed(6)).join("  ");

const dt = 0.1;
const better = compile((K: Tensor) => improve(K, dt, 0.3));
export let gain: Tensor = tensor([0.5, 1], { dtype: "float64" });
for (let step = 1; step <= 100; step++) {
  gain = better(gain);
  if (step % 20 === 0) console.log(`step ${step}: gain ${show(gain)}`);
}
console.log(`Riccati:  gain ${show(riccati(dt))}`);

const torques = swingUp(500);
const { angle, speed } = last(swing(torques));
export const end = { angle: angle.item(), speed: speed.item(), torque: torques.abs().max().item() };
console.log(
  `the pendulum ends ${(Math.abs(end.angle) / Math.PI).toFixed(4)} half turns up, at a speed of ${end.speed.toFixed(4)}`,
);
