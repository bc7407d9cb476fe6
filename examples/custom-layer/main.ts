import { random } from "cotangent";
import { Bend, bend } from "./src/bend.ts";
import { gradientError } from "./src/check.ts";
import { train } from "./src/training.ts";

const x = random.normal([4, 2], { seed: 2, dtype: "float64" });
const beta = random.normal([2], { seed: 3, dtype: "float64" });
console.log(
  "by x:    off by",
  gradientError((x) => bend(x, beta).sum(), x),
);
console.log(
  "by beta: off by",
  gradientError((beta) => bend(x, beta).sum(), beta),
);

const layer = new Bend(3, 1, { seed: 1 });
const course = train(layer, 300);
console.log("loss:", course[0], "->", course[course.length - 1]);
console.log("kernel:", layer.kernel.arraySync(), "beta:", layer.beta.arraySync());
