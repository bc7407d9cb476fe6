import * as library from "@jax-js/jax";

Object.assign(globalThis, { library });
