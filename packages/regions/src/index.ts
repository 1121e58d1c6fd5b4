export * from "./latency.ts";
export * from "./places.ts";
