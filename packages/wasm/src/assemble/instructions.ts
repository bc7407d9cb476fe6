import type { ValueType } from "./types.ts";

/** Instructions that share a signature; the numbers are the opcodes of the WebAssembly specification. */
interface Group<Names extends string> {
  readonly prefix: 0 | 0xfc | 0xfd | 0xfe;
  readonly params: readonly ValueType[];
  readonly result: ValueType | null;
  readonly codes: Readonly<Record<Names, number>>;
}

const group = <Names extends string>(
  prefix: Group<string>["prefix"],
  params: readonly ValueType[],
  result: ValueType | null,
  codes: Readonly<Record<Names, number>>,
): Group<Names> => ({ prefix, params, result, codes });

// biome-ignore format: a table
const SCALAR = [
  group(0, ["i32", "i32"], "i32", {
    "i32.eq": 0x46, "i32.ne": 0x47, "i32.lt_s": 0x48, "i32.lt_u": 0x49, "i32.gt_s": 0x4a, "i32.gt_u": 0x4b,
    "i32.le_s": 0x4c, "i32.le_u": 0x4d, "i32.ge_s": 0x4e, "i32.ge_u": 0x4f,
    "i32.add": 0x6a, "i32.sub": 0x6b, "i32.mul": 0x6c, "i32.div_s": 0x6d, "i32.div_u": 0x6e, "i32.rem_s": 0x6f,
    "i32.rem_u": 0x70, "i32.and": 0x71, "i32.or": 0x72, "i32.xor": 0x73, "i32.shl": 0x74, "i32.shr_s": 0x75,
    "i32.shr_u": 0x76, "i32.rotl": 0x77, "i32.rotr": 0x78,
  }),
  group(0, ["i32"], "i32", { "i32.eqz": 0x45, "i32.clz": 0x67, "i32.ctz": 0x68, "i32.popcnt": 0x69 }),
  group(0, ["i64", "i64"], "i32", {
    "i64.eq": 0x51, "i64.ne": 0x52, "i64.lt_s": 0x53, "i64.lt_u": 0x54, "i64.gt_s": 0x55, "i64.gt_u": 0x56,
    "i64.le_s": 0x57, "i64.le_u": 0x58, "i64.ge_s": 0x59, "i64.ge_u": 0x5a,
  }),
  group(0, ["i64"], "i32", { "i64.eqz": 0x50, "i32.wrap_i64": 0xa7 }),
  group(0, ["i64", "i64"], "i64", {
    "i64.add": 0x7c, "i64.sub": 0x7d, "i64.mul": 0x7e, "i64.div_s": 0x7f, "i64.div_u": 0x80, "i64.rem_s": 0x81,
    "i64.rem_u": 0x82, "i64.and": 0x83, "i64.or": 0x84, "i64.xor": 0x85, "i64.shl": 0x86, "i64.shr_s": 0x87,
    "i64.shr_u": 0x88, "i64.rotl": 0x89, "i64.rotr": 0x8a,
  }),
  group(0, ["i64"], "i64", { "i64.clz": 0x79, "i64.ctz": 0x7a, "i64.popcnt": 0x7b }),
  group(0, ["f32", "f32"], "i32", {
    "f32.eq": 0x5b, "f32.ne": 0x5c, "f32.lt": 0x5d, "f32.gt": 0x5e, "f32.le": 0x5f, "f32.ge": 0x60,
  }),
  group(0, ["f64", "f64"], "i32", {
    "f64.eq": 0x61, "f64.ne": 0x62, "f64.lt": 0x63, "f64.gt": 0x64, "f64.le": 0x65, "f64.ge": 0x66,
  }),
  group(0, ["f32"], "f32", {
    "f32.abs": 0x8b, "f32.neg": 0x8c, "f32.ceil": 0x8d, "f32.floor": 0x8e, "f32.trunc": 0x8f, "f32.nearest": 0x90,
    "f32.sqrt": 0x91,
  }),
  group(0, ["f32", "f32"], "f32", {
    "f32.add": 0x92, "f32.sub": 0x93, "f32.mul": 0x94, "f32.div": 0x95, "f32.min": 0x96, "f32.max": 0x97,
    "f32.copysign": 0x98,
  }),
  group(0, ["f64"], "f64", {
    "f64.abs": 0x99, "f64.neg": 0x9a, "f64.ceil": 0x9b, "f64.floor": 0x9c, "f64.trunc": 0x9d, "f64.nearest": 0x9e,
    "f64.sqrt": 0x9f,
  }),
  group(0, ["f64", "f64"], "f64", {
    "f64.add": 0xa0, "f64.sub": 0xa1, "f64.mul": 0xa2, "f64.div": 0xa3, "f64.min": 0xa4, "f64.max": 0xa5,
    "f64.copysign": 0xa6,
  }),
  group(0, ["i32"], "i64", { "i64.extend_i32_s": 0xac, "i64.extend_i32_u": 0xad }),
  group(0, ["i32"], "f32", { "f32.convert_i32_s": 0xb2, "f32.convert_i32_u": 0xb3, "f32.reinterpret_i32": 0xbe }),
  group(0, ["i64"], "f32", { "f32.convert_i64_s": 0xb4, "f32.convert_i64_u": 0xb5 }),
  group(0, ["f64"], "f32", { "f32.demote_f64": 0xb6 }),
  group(0, ["i32"], "f64", { "f64.convert_i32_s": 0xb7, "f64.convert_i32_u": 0xb8 }),
  group(0, ["i64"], "f64", { "f64.convert_i64_s": 0xb9, "f64.convert_i64_u": 0xba, "f64.reinterpret_i64": 0xbf }),
  group(0, ["f32"], "f64", { "f64.promote_f32": 0xbb }),
  group(0, ["f32"], "i32", { "i32.reinterpret_f32": 0xbc }),
  group(0, ["f64"], "i64", { "i64.reinterpret_f64": 0xbd }),
  group(0xfc, ["f32"], "i32", { "i32.trunc_sat_f32_s": 0, "i32.trunc_sat_f32_u": 1 }),
  group(0xfc, ["f64"], "i32", { "i32.trunc_sat_f64_s": 2, "i32.trunc_sat_f64_u": 3 }),
  group(0xfc, ["f64"], "i64", { "i64.trunc_sat_f64_s": 6, "i64.trunc_sat_f64_u": 7 }),
] as const;

// biome-ignore format: a table
const VECTOR = [
  group(0xfd, ["i32"], "v128", { "i8x16.splat": 0x0f, "i16x8.splat": 0x10, "i32x4.splat": 0x11 }),
  group(0xfd, ["i64"], "v128", { "i64x2.splat": 0x12 }),
  group(0xfd, ["f32"], "v128", { "f32x4.splat": 0x13 }),
  group(0xfd, ["f64"], "v128", { "f64x2.splat": 0x14 }),
  group(0xfd, ["v128", "v128"], "v128", {
    "i8x16.swizzle": 0x0e, "i8x16.eq": 0x23, "i8x16.ne": 0x24, "i16x8.eq": 0x2d,
    "i32x4.eq": 0x37, "i32x4.ne": 0x38, "i32x4.lt_s": 0x39, "i32x4.lt_u": 0x3a, "i32x4.gt_s": 0x3b,
    "i32x4.gt_u": 0x3c, "i32x4.le_s": 0x3d, "i32x4.le_u": 0x3e, "i32x4.ge_s": 0x3f, "i32x4.ge_u": 0x40,
    "f32x4.eq": 0x41, "f32x4.ne": 0x42, "f32x4.lt": 0x43, "f32x4.gt": 0x44, "f32x4.le": 0x45, "f32x4.ge": 0x46,
    "f64x2.eq": 0x47, "f64x2.ne": 0x48, "f64x2.lt": 0x49, "f64x2.gt": 0x4a, "f64x2.le": 0x4b, "f64x2.ge": 0x4c,
    "v128.and": 0x4e, "v128.andnot": 0x4f, "v128.or": 0x50, "v128.xor": 0x51,
    "i8x16.narrow_i16x8_s": 0x65, "i8x16.narrow_i16x8_u": 0x66, "i8x16.add": 0x6e,
    "i16x8.narrow_i32x4_s": 0x85, "i16x8.narrow_i32x4_u": 0x86,
    "i32x4.add": 0xae, "i32x4.sub": 0xb1, "i32x4.mul": 0xb5, "i32x4.min_s": 0xb6, "i32x4.min_u": 0xb7,
    "i32x4.max_s": 0xb8, "i32x4.max_u": 0xb9,
    "i64x2.add": 0xce, "i64x2.sub": 0xd1, "i64x2.mul": 0xd5, "i64x2.eq": 0xd6, "i64x2.ne": 0xd7, "i64x2.lt_s": 0xd8,
    "i64x2.gt_s": 0xd9, "i64x2.le_s": 0xda, "i64x2.ge_s": 0xdb, "i64x2.extmul_low_i32x4_s": 0xdc,
    "i64x2.extmul_high_i32x4_s": 0xdd, "i64x2.extmul_low_i32x4_u": 0xde, "i64x2.extmul_high_i32x4_u": 0xdf,
    "f32x4.add": 0xe4, "f32x4.sub": 0xe5, "f32x4.mul": 0xe6, "f32x4.div": 0xe7, "f32x4.min": 0xe8, "f32x4.max": 0xe9,
    "f32x4.pmin": 0xea, "f32x4.pmax": 0xeb,
    "f64x2.add": 0xf0, "f64x2.sub": 0xf1, "f64x2.mul": 0xf2, "f64x2.div": 0xf3, "f64x2.min": 0xf4, "f64x2.max": 0xf5,
    "f64x2.pmin": 0xf6, "f64x2.pmax": 0xf7,
  }),
  group(0xfd, ["v128"], "v128", {
    "v128.not": 0x4d, "f32x4.demote_f64x2_zero": 0x5e, "f64x2.promote_low_f32x4": 0x5f,
    "f32x4.ceil": 0x67, "f32x4.floor": 0x68, "f32x4.trunc": 0x69, "f32x4.nearest": 0x6a,
    "f64x2.ceil": 0x74, "f64x2.floor": 0x75, "f64x2.trunc": 0x7a, "f64x2.nearest": 0x94,
    "i16x8.extend_low_i8x16_s": 0x87, "i16x8.extend_low_i8x16_u": 0x89,
    "i32x4.extend_low_i16x8_s": 0xa7, "i32x4.extend_high_i16x8_s": 0xa8, "i32x4.extend_low_i16x8_u": 0xa9,
    "i32x4.extend_high_i16x8_u": 0xaa, "i32x4.abs": 0xa0, "i32x4.neg": 0xa1,
    "i64x2.abs": 0xc0, "i64x2.neg": 0xc1, "i64x2.extend_low_i32x4_s": 0xc7, "i64x2.extend_high_i32x4_s": 0xc8,
    "i64x2.extend_low_i32x4_u": 0xc9, "i64x2.extend_high_i32x4_u": 0xca,
    "f32x4.abs": 0xe0, "f32x4.neg": 0xe1, "f32x4.sqrt": 0xe3, "f64x2.abs": 0xec, "f64x2.neg": 0xed, "f64x2.sqrt": 0xef,
    "i32x4.trunc_sat_f32x4_s": 0xf8, "i32x4.trunc_sat_f32x4_u": 0xf9,
    "f32x4.convert_i32x4_s": 0xfa, "f32x4.convert_i32x4_u": 0xfb,
    "i32x4.trunc_sat_f64x2_s_zero": 0xfc, "i32x4.trunc_sat_f64x2_u_zero": 0xfd,
    "f64x2.convert_low_i32x4_s": 0xfe, "f64x2.convert_low_i32x4_u": 0xff,
  }),
  group(0xfd, ["v128", "v128", "v128"], "v128", {
    "v128.bitselect": 0x52, "f32x4.relaxed_madd": 0x105, "f32x4.relaxed_nmadd": 0x106,
    "f64x2.relaxed_madd": 0x107, "f64x2.relaxed_nmadd": 0x108,
  }),
  group(0xfd, ["v128", "i32"], "v128", {
    "i32x4.shl": 0xab, "i32x4.shr_s": 0xac, "i32x4.shr_u": 0xad, "i64x2.shl": 0xcb, "i64x2.shr_s": 0xcc,
    "i64x2.shr_u": 0xcd,
  }),
  group(0xfd, ["v128"], "i32", {
    "v128.any_true": 0x53, "i8x16.bitmask": 0x64, "i32x4.all_true": 0xa3, "i32x4.bitmask": 0xa4,
    "i64x2.all_true": 0xc3, "i64x2.bitmask": 0xc4,
  }),
] as const;

/** One lane is taken or replaced; the lane's number follows the opcode. */
// biome-ignore format: a table
const LANE = [
  group(0xfd, ["v128"], "i32", { "i8x16.extract_lane_u": 0x16, "i32x4.extract_lane": 0x1b }),
  group(0xfd, ["v128"], "i64", { "i64x2.extract_lane": 0x1d }),
  group(0xfd, ["v128"], "f32", { "f32x4.extract_lane": 0x1f }),
  group(0xfd, ["v128"], "f64", { "f64x2.extract_lane": 0x21 }),
  group(0xfd, ["v128", "i32"], "v128", { "i32x4.replace_lane": 0x1c }),
  group(0xfd, ["v128", "i64"], "v128", { "i64x2.replace_lane": 0x1e }),
  group(0xfd, ["v128", "f32"], "v128", { "f32x4.replace_lane": 0x20 }),
  group(0xfd, ["v128", "f64"], "v128", { "f64x2.replace_lane": 0x22 }),
] as const;

/** An alignment and an offset follow the opcode. */
// biome-ignore format: a table
const LOAD = [
  group(0, ["i32"], "i32", { "i32.load": 0x28, "i32.load8_s": 0x2c, "i32.load8_u": 0x2d, "i32.load16_u": 0x2f }),
  group(0, ["i32"], "i64", { "i64.load": 0x29 }),
  group(0, ["i32"], "f32", { "f32.load": 0x2a }),
  group(0, ["i32"], "f64", { "f64.load": 0x2b }),
  group(0xfd, ["i32"], "v128", {
    "v128.load": 0x00, "v128.load8x8_u": 0x02, "v128.load32x2_s": 0x05, "v128.load8_splat": 0x07,
    "v128.load32_splat": 0x09, "v128.load64_splat": 0x0a, "v128.load32_zero": 0x5c, "v128.load64_zero": 0x5d,
  }),
  group(0xfe, ["i32"], "i32", { "i32.atomic.load": 0x10 }),
] as const;

// biome-ignore format: a table
const STORE = [
  group(0, ["i32", "i32"], null, { "i32.store": 0x36, "i32.store8": 0x3a, "i32.store16": 0x3b }),
  group(0, ["i32", "i64"], null, { "i64.store": 0x37 }),
  group(0, ["i32", "f32"], null, { "f32.store": 0x38 }),
  group(0, ["i32", "f64"], null, { "f64.store": 0x39 }),
  group(0xfd, ["i32", "v128"], null, { "v128.store": 0x0b }),
  group(0xfe, ["i32", "i32"], null, { "i32.atomic.store": 0x17 }),
] as const;

/** As loads and stores, with a result; they need natural alignment. */
// biome-ignore format: a table
const ATOMIC = [
  group(0xfe, ["i32", "i32"], "i32", {
    "memory.atomic.notify": 0x00, "i32.atomic.rmw.add": 0x1e, "i32.atomic.rmw.sub": 0x25, "i32.atomic.rmw.or": 0x33,
    "i32.atomic.rmw.xchg": 0x41,
  }),
  group(0xfe, ["i32", "i32", "i32"], "i32", { "i32.atomic.rmw.cmpxchg": 0x48 }),
  group(0xfe, ["i32", "i32", "i64"], "i32", { "memory.atomic.wait32": 0x01 }),
] as const;

/** As loads and stores, of one lane of a vector, whose number follows. */
// biome-ignore format: a table
const MEMORY_LANE = [
  group(0xfd, ["i32", "v128"], "v128", { "v128.load8_lane": 0x54, "v128.load32_lane": 0x56, "v128.load64_lane": 0x57 }),
  group(0xfd, ["i32", "v128"], null, { "v128.store8_lane": 0x58, "v128.store32_lane": 0x5a, "v128.store64_lane": 0x5b }),
] as const;

type KeysOf<T> = T extends unknown ? keyof T & string : never;
type NamesOf<G extends readonly { readonly codes: object }[]> = KeysOf<G[number]["codes"]>;

/** Plain instructions: operands on the stack, nothing behind the opcode. */
export type PlainName = NamesOf<typeof SCALAR> | NamesOf<typeof VECTOR>;
export type LaneName = NamesOf<typeof LANE>;
export type LoadName = NamesOf<typeof LOAD>;
export type StoreName = NamesOf<typeof STORE>;
export type AtomicName = NamesOf<typeof ATOMIC>;
export type MemoryLaneName = NamesOf<typeof MEMORY_LANE>;
export type InstructionName = PlainName | LaneName | LoadName | StoreName | AtomicName | MemoryLaneName;

/** One instruction. */
export interface Instruction {
  readonly prefix: number;
  readonly code: number;
  readonly params: readonly ValueType[];
  readonly result: ValueType | null;
}

const table = new Map<string, Instruction>();
for (const { prefix, params, result, codes } of [
  ...SCALAR,
  ...VECTOR,
  ...LANE,
  ...LOAD,
  ...STORE,
  ...ATOMIC,
  ...MEMORY_LANE,
] as readonly Group<string>[]) {
  for (const [name, code] of Object.entries(codes)) table.set(name, { prefix, code, params, result });
}

/** The instruction of that name. */
export const instruction = (name: InstructionName): Instruction => table.get(name) as Instruction;

/** log2 of the bytes that a load or store touches: its natural alignment. */
export function alignmentOf(name: InstructionName): number {
  if (name.includes("8_splat") || /load8_[su]|store8/.test(name) || name.includes("load8_lane")) return 0;
  if (name.includes("16_u") || name.includes("store16")) return 1;
  if (name.includes("64") || name.includes("8x8") || name.includes("32x2")) return 3;
  if (name === "v128.load" || name === "v128.store") return 4;
  return 2;
}
