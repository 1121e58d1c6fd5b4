export { type Addresses, addresses } from "./address.ts";
export type { BitcoinAddresses } from "./bitcoin/network.ts";
export { canonicalJson, requestDigest } from "./canonical-json.ts";
export { deriveDigests } from "./derive.ts";
export type { Derived, DerivedItem, EcdsaEncoding } from "./derived.ts";
export { type Assembled, assemble, type SignatureParts } from "./finish.ts";
export type { PublicKeyFacts } from "./key.ts";
export { parseRequest, type RequestKind, type SignatureRequest } from "./request.ts";
