import { describe, expect, test } from "vitest";
import { caseFiles, casesOf, grouped } from "./support/cases.ts";
import { checkDerivatives, checkValue, failures } from "./support/check.ts";

describe.each(caseFiles())("%s", (file) => {
  const groups = [...grouped(casesOf(file))];

  test.each(groups)("%s: values, shapes and dtypes", (_, cases) => {
    expect(failures(cases, checkValue)).toEqual([]);
  });

  const differentiable = groups.filter(([, cases]) => cases.some(({ grads }) => grads !== undefined));
  test.runIf(differentiable.length > 0).each(differentiable)(
    "%s: first and second derivatives",
    (_, cases) => {
      expect(failures(cases, checkDerivatives)).toEqual([]);
    },
  );
});
