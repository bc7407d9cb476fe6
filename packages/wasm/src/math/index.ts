/** Elementary functions as SIMD code, by the names of core's primitives. */
import { cbrtFloat32, cbrtFloat64 } from "./cbrt.ts";
import { erfcFloat32, erfFloat32, erfinvFloat32 } from "./erf.ts";
import { erfcFloat64, erfFloat64, erfinvFloat64 } from "./erf64.ts";
import { exp2Float32, expFloat32 } from "./exp.ts";
import { exp2Float64, expFloat64, expm1Float64 } from "./exp64.ts";
import { coshFloat32, expm1Float32, sinhFloat32 } from "./expm1.ts";
import { coshFloat64, sinhFloat64 } from "./hyperbolic64.ts";
import { INVERSE_TRIG_FLOAT32 } from "./inverseTrig.ts";
import { INVERSE_TRIG_FLOAT64 } from "./inverseTrig64.ts";
import { lgammaFloat32, lgammaFloat64 } from "./lgamma64.ts";
import { logFloat32 } from "./log.ts";
import {
  acoshFloat32,
  asinhFloat32,
  atanhFloat32,
  log1pFloat32,
  log2Float32,
  log10Float32,
} from "./log1p.ts";
import { acoshFloat64, asinhFloat64, atanhFloat64, log1pFloat64 } from "./log1p64.ts";
import { log10Float64 } from "./log10.ts";
import { log2Float64, logFloat64 } from "./log64.ts";
import { modFloat32, modFloat64 } from "./mod.ts";
import { powFloat32, powFloat64 } from "./pow.ts";
import { sigmoidFloat32, sigmoidFloat64, tanhFloat32, tanhFloat64 } from "./sigmoid.ts";
import { signFloat32, signFloat64 } from "./sign.ts";
import { TRIG_FLOAT32, TRIG_FLOAT64 } from "./trig.ts";
import type { VectorFunctions } from "./types.ts";

export { polygammaFloat32, polygammaFloat64 } from "./polygamma.ts";
export type { VectorFunction, VectorFunctions } from "./types.ts";

/** Functions of f32x4: at most 1 ULP from the exact result. */
export const FLOAT32: VectorFunctions = {
  sign: signFloat32,
  ...TRIG_FLOAT32,
  ...INVERSE_TRIG_FLOAT32,
  cbrt: cbrtFloat32,
  pow: powFloat32,
  mod: modFloat32,
  exp: expFloat32,
  exp2: exp2Float32,
  expm1: expm1Float32,
  log: logFloat32,
  log1p: log1pFloat32,
  log2: log2Float32,
  log10: log10Float32,
  sinh: sinhFloat32,
  cosh: coshFloat32,
  tanh: tanhFloat32,
  asinh: asinhFloat32,
  acosh: acoshFloat32,
  atanh: atanhFloat32,
  sigmoid: sigmoidFloat32,
  erf: erfFloat32,
  erfc: erfcFloat32,
  erfinv: erfinvFloat32,
  lgamma: lgammaFloat32,
};

/** Functions of f64x2: at most 2 ULP from the exact result. */
export const FLOAT64: VectorFunctions = {
  sign: signFloat64,
  ...TRIG_FLOAT64,
  ...INVERSE_TRIG_FLOAT64,
  cbrt: cbrtFloat64,
  pow: powFloat64,
  mod: modFloat64,
  exp: expFloat64,
  exp2: exp2Float64,
  expm1: expm1Float64,
  log: logFloat64,
  log1p: log1pFloat64,
  log2: log2Float64,
  log10: log10Float64,
  sinh: sinhFloat64,
  cosh: coshFloat64,
  asinh: asinhFloat64,
  acosh: acoshFloat64,
  atanh: atanhFloat64,
  tanh: tanhFloat64,
  sigmoid: sigmoidFloat64,
  erf: erfFloat64,
  erfc: erfcFloat64,
  erfinv: erfinvFloat64,
  lgamma: lgammaFloat64,
};
