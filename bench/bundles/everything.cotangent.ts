import * as library from "cotangent";

Object.assign(globalThis, { library });
