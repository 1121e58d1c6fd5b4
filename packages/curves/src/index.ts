export * from "./codec.ts";
export type { Backend, Group, GroupName, Point } from "./group.ts";
export * from "./hash.ts";
export { type Identity, identityFromSeed, verifyIdentity } from "./identity.ts";
export type { Random } from "./random.ts";
export { Secret } from "./secret.ts";
