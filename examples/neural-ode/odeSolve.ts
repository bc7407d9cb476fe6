// Ordinary differential equations dz/dt = f(z, theta): the solution at a later time, and two ways to its derivative.

import { customVjp, forLoop, type Tensor, vjp, zerosLike } from "cotangent";

/** dz/dt at a state z, for parameters theta. */
export type Dynamics = (z: Tensor, theta: Tensor[]) => Tensor;

/** Where the solution is asked for, and in how many steps. */
export interface Span {
  readonly time: number;
  readonly steps: number;
}

/** The classical method of Runge and Kutta, of order 4, for a state of several tensors. */
function rungeKutta(f: (state: Tensor[]) => Tensor[], start: Tensor[], { time, steps }: Span): Tensor[] {
  const h = time / steps;
  const ahead = (state: Tensor[], slope: Tensor[], h: number) => state.map((z, i) => z.add(slope[i].mul(h)));
  const step = (state: Tensor[]): Tensor[] => {
    const k1 = f(state);
    const k2 = f(ahead(state, k1, h / 2));
    const k3 = f(ahead(state, k2, h / 2));
    const k4 = f(ahead(state, k3, h));
    return state.map((z, i) =>
      z.add(
        k1[i]
          .add(k2[i].mul(2))
          .add(k3[i].mul(2))
          .add(k4[i])
          .mul(h / 6),
      ),
    );
  };
  return forLoop(0, steps, (_, state) => step(state), start);
}

/** The solution z(time) from z(0). Its derivative is that of all the solver's steps, which are all kept. */
export function odeSolve(f: Dynamics, span: Span): Dynamics {
  return (z, theta) => rungeKutta(([z]) => [f(z, theta)], [z], span)[0];
}

/**
 * The same solution; its derivative solves another equation, backwards in time, and keeps nothing of the way there. With
 * a = dL/dz, the adjoint: da/dt = -a df/dz, and dL/dtheta gathers a df/dtheta. The state itself is solved for once more.
 */
export function odeSolveAdjoint(f: Dynamics, span: Span): Dynamics {
  const solve = odeSolve(f, span);
  return customVjp(solve, {
    forward: (z, theta) => {
      const end = solve(z, theta);
      return [end, { end, theta }];
    },
    backward: ({ end, theta }, a) => {
      const backwards = ([z, a]: Tensor[]): Tensor[] => {
        const [dz, pullback] = vjp(f, z, theta);
        const [byZ, byTheta] = pullback(a);
        return [dz, byZ.neg(), ...byTheta.map((g) => g.neg())];
      };
      const start = [end, a, ...theta.map((x) => zerosLike(x))];
      const [, byStart, ...byTheta] = rungeKutta(backwards, start, { ...span, time: -span.time });
      return [byStart, byTheta];
    },
  });
}
