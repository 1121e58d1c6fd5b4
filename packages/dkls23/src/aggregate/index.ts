export {
  AggregationError,
  type AggregationErrorCode,
  aggregate,
  type EcdsaSignature,
} from "./aggregate.ts";
export type { EcdsaShare } from "./share.ts";
