/** Public data only: what the coordinator and clients may import. Nothing here knows a secret. */
export {
  CertificateError,
  type CertificateFault,
  certifiedExecution,
  type Trust,
  verifyCertificate,
} from "../certificate.ts";
export { type KeygenConfig, refreshConfig } from "../config.ts";
export { type DerivationPath, formatPath, parsePath } from "../derivation/path.ts";
export type { GroupKey } from "../group-key.ts";
export { judgeEncoded } from "../judge.ts";
