// A pendulum that hangs and shall stand. The motor is too weak to lift it: it must swing. The constants are those of the task
// Pendulum-v1 of Gymnasium: torques from -2 to 2, speed' = 3 torque - 15 sin(angle).

import { Adam, compile, random, scan, schedules, type Tensor, variable, zeros } from "cotangent";

const STEPS = 100;
const DT = 0.05;

/** The angle, where 0 hangs and pi stands, and the speed; for a whole way with an axis of steps. */
export interface Way {
  readonly angle: Tensor;
  readonly speed: Tensor;
}

/** The way of the pendulum under torques [steps]. */
export function swing(torques: Tensor): Way {
  const [, path] = scan(
    (state, torque) => {
      const speed = state.speed.add(torque.mul(3).sub(state.angle.sin().mul(15)).mul(DT));
      const angle = state.angle.add(speed.mul(DT));
      return [
        { angle, speed },
        { angle, speed },
      ];
    },
    { angle: zeros([]), speed: zeros([]) },
    torques,
  );
  return path;
}

/** How a way ends. */
export const last = ({ angle, speed }: Way): Way => ({ angle: angle.take(-1), speed: speed.take(-1) });

/** Torques that make it stand, and stand still, after five seconds; found by Adam. */
export function swingUp(rounds: number): Tensor {
  const raw = variable(random.normal([STEPS], { seed: 1, std: 0.1 }));
  const torques = (): Tensor => raw.tanh().mul(2);
  const optimizer = new Adam({ learningRate: schedules.cosineDecay({ initial: 0.05, steps: rounds }) });
  const step = compile(() => {
    const { angle, speed } = last(swing(torques()));
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
