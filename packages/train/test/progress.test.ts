import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { formatBar, formatRate, formatSeconds, formatValue } from "../src/progress/format.ts";
import { progressBar, progressLines, progressOn } from "../src/progress/progress.ts";
import { recorder, sectors, trainerFor } from "./support/problems.ts";

const logs = { loss: 0.43214, accuracy: 0.8 };

/** A clock that is set by hand. */
function clock() {
  const time = { now: 0 };
  return { time, now: () => time.now };
}

describe("on a terminal", () => {
  test("a bar shows loss, metrics, steps per second and the time left", () => {
    const stream = recorder(true, 100);
    const { time, now } = clock();
    const bar = progressBar(stream, { epochs: 10, steps: 200, now });
    bar.epochBegin(2);
    time.now = 0.5;
    bar.step(50, logs);
    const bar50 = "━━━━━━━───────────────────";
    const figures = "loss 0.4321, accuracy 0.8000, 100 steps/s, 1.5 s left";
    expect(stream.texts.at(-1)).toBe(`\rEpoch 3/10 ${bar50} 50/200  ${figures}\x1b[K`);
    time.now = 0.55;
    bar.step(55, logs);
    expect(stream.texts).toHaveLength(1);
    time.now = 2;
    bar.epochEnd(200, { ...logs, val_loss: 0.5 });
    const end = "200/200  loss 0.4321, accuracy 0.8000, val_loss 0.5000, 100 steps/s, 2.0 s\x1b[K\n";
    expect(stream.all().endsWith(end)).toBe(true);
  });

  test("never wraps, however narrow it is", () => {
    for (const columns of [20, 40, 60, 80, 120, 0]) {
      const stream = recorder(true, columns);
      const { time, now } = clock();
      const bar = progressBar(stream, { epochs: 10, steps: 200, now });
      bar.epochBegin(0);
      time.now = 1;
      bar.step(1, logs);
      bar.epochEnd(200, logs);
      for (const line of stream.texts.filter((text) => text !== "\n")) {
        expect(line.replace("\r", "").replace("\x1b[K", "").length).toBeLessThan(columns || 80);
      }
    }
  });

  test("goes without the number of steps, and ends its line when the training fails", () => {
    const stream = recorder(true);
    const { time, now } = clock();
    const bar = progressBar(stream, { epochs: 1, steps: undefined, now });
    bar.epochBegin(0);
    time.now = 2;
    bar.step(7, logs);
    expect(stream.all()).toContain("Epoch 1/1 7  loss 0.4321, accuracy 0.8000, 3.5 steps/s\x1b[K");
    bar.close();
    bar.close();
    expect(stream.texts.slice(1)).toEqual(["\n"]);
  });
});

describe("elsewhere", () => {
  test("a line tells of each epoch, and of each half minute", () => {
    const stream = recorder();
    const { time, now } = clock();
    const lines = progressLines(stream, { epochs: 2, steps: 100, now });
    lines.epochBegin(0);
    time.now = 10;
    lines.step(10, logs);
    time.now = 40;
    lines.step(40, logs);
    time.now = 100;
    lines.epochEnd(100, logs);
    expect(stream.texts).toEqual([
      "Epoch 1/2, step 40/100: loss 0.4321, accuracy 0.8000, 1.0 steps/s, 1:00 left\n",
      "Epoch 1/2: loss 0.4321, accuracy 0.8000, 1.0 steps/s, 1:40\n",
    ]);
  });
});

describe("fit", () => {
  const { CI } = process.env;
  beforeEach(() => {
    delete process.env.CI;
  });
  afterEach(() => {
    if (CI === undefined) delete process.env.CI;
    else process.env.CI = CI;
  });

  test("writes plain lines where there is no terminal, and in CI", async () => {
    const plain = /^Epoch 1\/2: loss \d\.\d{4}, accuracy \d\.\d{4}, .* steps\/s, .*\nEpoch 2\/2: .*\n$/;
    const piped = recorder();
    await trainerFor().fit(sectors(10), { epochs: 2, stream: piped });
    expect(piped.all()).toMatch(plain);
    process.env.CI = "true";
    const inCi = recorder(true);
    await trainerFor().fit(sectors(10), { epochs: 2, stream: inCi });
    expect(inCi.all()).toMatch(plain);
  });

  test("draws a bar on a terminal", async () => {
    const stream = recorder(true);
    await trainerFor().fit(sectors(10), { epochs: 2, stream });
    expect(stream.all()).toMatch(/\rEpoch 1\/2 ━+ 1\/1 {2}loss/);
    expect(progressOn(stream, { epochs: 1, steps: 1 })).toBeDefined();
  });

  test("is silent when it is told to be", async () => {
    const stream = recorder();
    await trainerFor().fit(sectors(10), { verbose: false, stream });
    expect(stream.texts).toEqual([]);
  });
});

test("figures are short", () => {
  expect([0, 1.23456, -0.5, 0.00001234, 123456, Number.NaN].map(formatValue)).toEqual([
    "0.0000",
    "1.2346",
    "-0.5000",
    "1.234e-5",
    "1.235e+5",
    "NaN",
  ]);
  expect([0.04, 9.94, 9.96, 59.4, 59.6, 3599.6, 3723].map(formatSeconds)).toEqual([
    "0.0 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1:00",
    "1:00:00",
    "1:02:03",
  ]);
  expect([0.123, 9.94, 132.4].map(formatRate)).toEqual(["0.1 steps/s", "9.9 steps/s", "132 steps/s"]);
  expect([0, 0.5, 1, 2].map((share) => formatBar(share, 4))).toEqual(["────", "━━──", "━━━━", "━━━━"]);
});
