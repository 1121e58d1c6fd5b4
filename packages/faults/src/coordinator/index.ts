export type { OrderLie, OrderLieMaker } from "./lie.ts";
export { CoordinatorMisbehaviour } from "./misbehaviour.ts";
