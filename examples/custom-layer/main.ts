import { random } from "cotangent";
import { checkGradients, checkModule, formatReport } from "cotangent/gradcheck";
import { Bend, bend } from "./src/bend.ts";
import { train } from "./src/training.ts";

const x = random.normal([4, 2], { seed: 2, dtype: "float64" });
const beta = random.normal([2], { seed: 3, dtype: "float64" });
console.log(formatReport(checkGradients(bend, [x, beta], { name: "bend", order: 2 })));

const layer = new Bend(3, 1, { seed: 1 });
console.log(formatReport(checkModule(layer, [4, 3])));
const course = train(layer, 300);
console.log("loss:", course[0], "->", course[course.length - 1]);
console.log("kernel:", layer.kernel.arraySync(), "beta:", layer.beta.arraySync());
