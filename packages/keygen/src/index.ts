export { CertificateError, type CertificateFault, type Trust, verifyCertificate } from "./certificate.ts";
export { type KeygenConfig, keygenContext } from "./config.ts";
export { type Child, deriveChild } from "./derivation/child.ts";
export { type DerivationPath, formatPath, parsePath } from "./derivation/path.ts";
export type { GroupKey } from "./group-key.ts";
export { judge } from "./judge.ts";
export { keygen } from "./keygen.ts";
export { keygenRounds } from "./rounds.ts";
export { activate, decodeShare, encodeShare, type KeyShare, type StagedShare } from "./share.ts";
