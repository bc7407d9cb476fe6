import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writePhotographs } from "./photographs.ts";
import { accuracyIn, lossesIn, runDemo, scratchFolder } from "./run.ts";

const scratch = scratchFolder();

// Two epochs of 320 photographs with the size of real ones, once with their own labels and once with shuffled ones, at the
// same time: about 10 s on two free cores.
test("photographs of any size are learnt, better than by chance", async () => {
  const [real, shuffled] = await Promise.all(
    [false, true].map(async (shuffledLabels) => {
      const folder = join(scratch, shuffledLabels ? "shuffled" : "real");
      await writePhotographs(folder, { count: 400, shuffledLabels, seed: 1 });
      return runDemo(["--images", folder, "--size", "224", "--epochs", "2"]);
    }),
  );
  expect(real).toMatchObject({ code: 0, err: "" });
  expect(real?.out).toContain("320 for training, 80 held out");
  expect(real?.out).toMatch(/\[batch, 150528\]/);
  const losses = lossesIn(real?.out ?? "");
  expect(losses).toHaveLength(2);
  expect(losses[1]).toBeLessThan(0.9 * (losses[0] as number));
  const [own, other] = [real, shuffled].map((run) => accuracyIn(run?.out ?? "", "Held-out accuracy"));
  expect(own).toBeGreaterThanOrEqual((other as number) + 0.3);
}, 400_000);

test("a folder with one class only is refused", async () => {
  const folder = join(scratch, "one");
  mkdirSync(folder);
  await writePhotographs(join(scratch, "ten"), { count: 10, seed: 1 });
  renameSync(join(scratch, "ten", "class3"), join(folder, "class3"));
  const { code, err } = await runDemo(["--images", folder, "--size", "8"]);
  expect(code).toBe(2);
  expect(err).toContain("has one class only: class3");
});
