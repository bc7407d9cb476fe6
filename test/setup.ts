import fc from "fast-check";

// The same random cases in every run; another seed explores others: COTANGENT_SEED=7 npm test
fc.configureGlobal({ seed: Number(process.env.COTANGENT_SEED ?? 20261124) });

// The engine that everything computes on, where it is not the one that the packages choose by themselves.
if (process.env.COTANGENT_ENGINE !== undefined) {
  const [{ setEngine }, { engineNamed }] = await Promise.all([
    import("@cotangent/core"),
    import("./engines/support/engines.ts"),
  ]);
  setEngine(await engineNamed(process.env.COTANGENT_ENGINE));
}
