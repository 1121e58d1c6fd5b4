export * from "./codec.ts";
export type { Backend, Group, GroupName, Point } from "./group.ts";
export { group } from "./groups.ts";
export * from "./hash.ts";
export { type Identity, identityFromSeed, verifyIdentity } from "./identity.ts";
export { bytesToInteger, integerToBytes } from "./integer.ts";
export type { Random } from "./random.ts";
export { Secret } from "./secret.ts";
