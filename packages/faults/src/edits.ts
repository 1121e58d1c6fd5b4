export {
  altered,
  alteredFor,
  type Lie,
  type LieContext,
  type LieMaker,
  type ProtocolName,
  type Run,
} from "./signer/lie.ts";
export { Misbehaviour, type MisbehaviourParts, type RoundFault } from "./signer/misbehaviour.ts";
