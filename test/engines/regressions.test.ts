import { describe, test } from "vitest";
import { checkCase } from "./support/check.ts";
import { enginesUnderTest } from "./support/engines.ts";
import { parsed } from "./support/listing.ts";

/** Programs that an engine once got wrong, or that look as if one might; pasted as the random tests print them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "the quotient that does not fit": `
    %0 = data; given(-2147483648 5 -5 5 -5 7) : int32[6]
    %1 = data; given(-1 -3 3 3 -3 0) : int32[6]
    %2 = quotient(%0, %1) : int32[6]
    %3 = mod(%0, %1) : int32[6]
    outputs %2 %3
    runs 1`,
  "axes contracted and walked in another order than that of either operand": `
    %0 = data; given(0 0 1 0 2) : float32[2, 3, 3, 2]
    %1 = dot(%0, %0) {"contract":[[1,2],[2,1]],"batch":[[3,0],[0,3]]} : float32[2, 2]
    %2 = dot(%0, %0) {"contract":[[1,2],[1,2]],"batch":[[],[]]} : float32[2, 2, 2, 2]
    outputs %1 %2
    runs 1`,
  "a product along axes that are apart, of what is broadcast or stored": `
    %0 = variable; given(-0.46112167784012853) : float64[]
    %1 = broadcast(%0) {"shape":[2,2,2,33]} : float64[2, 2, 2, 33]
    %2 = reduceProd(%1) {"axes":[-4,-3,-1]} : float64[2]
    outputs %2
    runs 1`,
  "one part of a concat, read where another part has just been stored": `
    %0 = data; given(0.5) : float64[1]
    %1 = exp(%0) : float64[1]
    %2 = data; given(0.5 0.25) : float64[2]
    %3 = reduceSum(%2) {"axes":[-1]} : float64[]
    %4 = reshape(%3) {"shape":[1]} : float64[1]
    %5 = concat(%1, %4) {"axis":-1} : float64[2]
    %6 = slice(%5) {"start":[0],"end":[1],"step":[1]} : float64[1]
    outputs %1 %6
    runs 1`,
  "batch axes alone": `
    %0 = data; given(1 0) : uint32[2, 2]
    %1 = dot(%0, %0) {"contract":[[],[]],"batch":[[1,0],[1,0]]} : uint32[2, 2]
    outputs %1
    runs 1`,
  "variables that swap in place": `
    %0 = variable; given(1 2 3) : float32[3]
    %1 = variable; given(4 5 6) : float32[3]
    %2 = neg(%0) : float32[3]
    %3 = abs(%1) : float32[3]
    update %3 -> %0 donated
    update %2 -> %1 donated
    runs 3`,
  "an old value that is read after the new one": `
    %0 = variable; normal(7) : float32[33]
    %1 = data; normal(8) : float32[33]
    %2 = sub(%0, %1) : float32[33]
    %3 = mul(%0, %2) : float32[33]
    %4 = reduceSum(%3) {"axes":[-1]} : float32[]
    outputs %4
    update %2 -> %0 donated
    runs 3`,
  "a sum that is computed again from an old value, after the new one was written": `
    %0 = variable; given(1); kept : float32[2, 2]
    %1 = data; given(1); kept : float32[2, 2]
    %2 = sub(%0, %1) : float32[2, 2]
    %3 = reduceSum(%2) {"axes":[-1]} : float32[2]
    %4 = reshape(%3) {"shape":[2,1]} : float32[2, 1]
    %5 = broadcast(%4) {"shape":[2,2]} : float32[2, 2]
    %6 = sub(%2, %5) : float32[2, 2]
    %7 = reduceSum(%6) {"axes":[-1]} : float32[2]
    outputs %7
    update %2 -> %0 donated
    runs 3`,
  "a product with the new value, beside a reduction": `
    %0 = data; given(1); kept : float32[1, 2]
    %1 = reduceSum(%0) {"axes":[-2,-1]} : float32[]
    %2 = variable; given(1); kept : float32[2]
    %3 = data; given(0.8999999761581421); kept : float32[2]
    %4 = mul(%2, %3) : float32[2]
    %5 = broadcast(%1) {"shape":[2]} : float32[2]
    %6 = mul(%4, %5) : float32[2]
    outputs %6
    update %4 -> %2 donated
    runs 3`,
  "a row of one variable beside the new value of another": `
    %0 = variable; given(1); kept : float64[2, 2]
    %1 = variable; given(1); kept : float64[2, 2]
    %2 = reduceMax(%1) {"axes":[-1]} : float64[2]
    %3 = reshape(%2) {"shape":[2,1]} : float64[2, 1]
    %4 = broadcast(%3) {"shape":[2,2]} : float64[2, 2]
    %5 = data; given(1); kept : float64[2, 2]
    %6 = sub(%0, %5) : float64[2, 2]
    %7 = mul(%0, %5) : float64[2, 2]
    %8 = add(%4, %7) : float64[2, 2]
    update %6 -> %0 donated
    update %8 -> %1
    runs 3`,
  "one value for an output and for two variables": `
    %0 = variable; normal(1) : float32[5]
    %1 = variable; normal(2) : float32[5]
    %2 = add(%0, %1) : float32[5]
    outputs %2
    update %2 -> %0 donated
    update %2 -> %1 donated
    runs 3`,
  "a sum of nothing, and what comes of it": `
    %0 = data; normal(1) : float32[3, 0]
    %1 = reduceSum(%0) {"axes":[-1]} : float32[3]
    %2 = reduceProd(%0) {"axes":[-1]} : float32[3]
    %3 = dot(%0, %0) {"contract":[[1],[1]],"batch":[[],[]]} : float32[3, 3]
    outputs %1 %2 %3
    runs 1`,
  "a sum of one negative zero": `
    %0 = data; given(-0) : float32[3, 1]
    %1 = reduceSum(%0) {"axes":[-1]} : float32[3]
    %2 = reduceMax(%0) {"axes":[-1]} : float32[3]
    outputs %1 %2
    runs 1`,
};

describe.each(await enginesUnderTest())("on $name", (engine) => {
  test.each(Object.entries(PROGRAMS))("%s", (_, program) => checkCase(parsed(program), engine));
});
