// A pendulum that hangs and shall stand. The motor is too weak to lift it: it must swing. The constants are those of the task
// Pendulum-v1 of Gymnasium: torques from -2 to 2, speed' = 3 torque - 15 sin(angle).

import { Adam, compile, random, schedules, type Tensor, variable, zeros } from "cotangent";

const STEPS = 100;
const DT = 0.05;

/** Where torques [steps] take the pendulum, and how fast it is there. The angle 0 hangs, pi stands. */
export function swing(torques: Tensor): { angle: Tensor; speed: Tensor } {
  let [angle, speed]: Tensor[] = [zeros([]), zeros([])];
  for (let step = 0; step < STEPS; step++) {
    const torque = torques.slice(step, step + 1).squeeze();
    speed = speed.add(torque.mul(3).sub(angle.sin().mul(15)).mul(DT));
    angle = angle.add(speed.mul(DT));
  }
  return { angle, speed };
}

/** Torques that make it stand, and stand still, after five seconds; found by Adam. */
export function swingUp(rounds: number): Tensor {
  const raw = variable(random.normal([STEPS], { seed: 1, std: 0.1 }));
  const torques = (): Tensor => raw.tanh().mul(2);
  const optimizer = new Adam({ learningRate: schedules.cosineDecay({ initial: 0.05, steps: rounds }) });
  const step = compile(() => {
    const { angle, speed } = swing(torques());
    const height = angle.cos().add(1).mul(10); // 0 above, 20 below
    const loss = height.add(speed.square()).add(torques().square().mean().mul(0.01));
    optimizer.minimize(loss, [raw]);
    return loss;
  });
  for (let round = 1; round <= rounds; round++) {
    const loss = step();
    if (round % (rounds / 5) === 0) console.log(`round ${round}: loss ${loss.item().toFixed(4)}`);
  }
  return torques();
}
