import fc from "fast-check";

// The same random cases in every run; another seed explores others: COTANGENT_SEED=7 npm test
fc.configureGlobal({ seed: Number(process.env.COTANGENT_SEED ?? 20261124) });
