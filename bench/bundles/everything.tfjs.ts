import "@tensorflow/tfjs-backend-wasm";
import * as library from "@tensorflow/tfjs";

Object.assign(globalThis, { library });
