/** Keys, checked and recovered by whoever owns them. Needs Node: the curves take their hashes and ciphers from it. */
export { endorse, type NewCredentials, type Newcomer } from "./endorse.ts";
export { type ExportedShares, type ExportKey, newExportKey, recoverExport } from "./recover-export.ts";
export { KeyError, type Proof, type ShownKey, type VerifiedKey, verifyKey } from "./verify-key.ts";
