export type { Random } from "@quorate/curves";
export type { Binding, Opened, SealFault } from "./binding.ts";
export * from "./formats.ts";
export * from "./log-formats.ts";
export { open, SEAL_BYTES, seal } from "./sealing.ts";
export { stamp, unstamp } from "./stamp.ts";
export * from "./storage-key.ts";
