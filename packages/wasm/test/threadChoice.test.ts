import { describe, expect, test } from "vitest";
import { ThreadChoice } from "../src/run/threadChoice.ts";

interface Times {
  readonly alone: number;
  readonly together: number;
}

/** Lets the choice run plans that take so long; gives how many of the last `counted` ran together. */
function simulate(
  choice: ThreadChoice,
  runs: number,
  counted: number,
  timesOf: (run: number) => Times,
  isReady: (run: number) => boolean = () => true,
): number {
  let together = 0;
  for (let run = 0; run < runs; run++) {
    const kind = choice.next();
    const wasTogether = kind === 1 && isReady(run);
    const times = timesOf(run);
    choice.record(kind, wasTogether ? times.together : times.alone, wasTogether);
    if (run >= runs - counted && wasTogether) together++;
  }
  return together;
}

describe("the choice between one thread and all", () => {
  const faster = { alone: 1, together: 0.6 };
  const slower = { alone: 1, together: 3 };

  test("is together where that is faster", () => {
    expect(simulate(new ThreadChoice(), 2000, 1000, () => faster)).toBeGreaterThan(950);
  });

  test("is alone where threads wait for one another", () => {
    expect(simulate(new ThreadChoice(), 2000, 1000, () => slower)).toBeLessThan(50);
  });

  test("does not count runs that the workers were not ready for, nor those in which they wake", () => {
    let sinceAlone = 0;
    const times = (): Times => {
      sinceAlone++;
      return { alone: 1, together: sinceAlone < 3 ? 5 : 0.6 };
    };
    expect(simulate(new ThreadChoice(), 2000, 1000, times, (run) => run > 40)).toBeGreaterThan(950);
  });

  test("is not changed by single slow runs", () => {
    const times = (run: number): Times => (run % 7 === 0 ? { alone: 20, together: 20 } : faster);
    expect(simulate(new ThreadChoice(), 4000, 2000, times)).toBeGreaterThan(1900);
  });

  test("follows when the machine becomes busy, and when it is quiet again", () => {
    const choice = new ThreadChoice();
    expect(simulate(choice, 3000, 100, () => faster)).toBeGreaterThan(90);
    expect(simulate(choice, 3000, 100, () => slower)).toBeLessThan(10);
    expect(simulate(choice, 3000, 100, () => faster)).toBeGreaterThan(90);
  });

  test("tries the other kind in one of a hundred runs, no more, once it is settled", () => {
    const choice = new ThreadChoice();
    simulate(choice, 10_000, 1, () => faster);
    expect(simulate(choice, 10_000, 10_000, () => faster)).toBeGreaterThan(9900);
  });

  test("of a long plan tries a few runs only", () => {
    const long = { alone: 200, together: 110 };
    expect(simulate(new ThreadChoice(), 20, 20, () => long)).toBeGreaterThanOrEqual(18);
  });
});
