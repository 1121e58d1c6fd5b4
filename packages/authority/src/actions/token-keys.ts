import { parseCredentialKey } from "@quorate/curves";
import { credentialFingerprint } from "../credentials/attestation.ts";
import { AuthorityError } from "../error.ts";
import { idOf } from "../log/identifiers.ts";
import type { Change, Judged } from "../log/rule.ts";
import type { ApiToken, Credential } from "../log/state.ts";

const DAY_MS = 24 * 3600_000;
/** How long a token lives unless its request says otherwise, days. */
const DEFAULT_DAYS = 365;

/** When a token expires. @param time of the record, milliseconds since 1970 */
export function tokenLife(time: number, days: number | undefined, seconds: number | undefined): number {
  return time + (seconds === undefined ? (days ?? DEFAULT_DAYS) * DAY_MS : seconds * 1000);
}

/** The client's id of a token's key: made from the record, so that nobody chooses it. */
export function tokenCredentialId(recordHash: string): string {
  return Buffer.from(`ci-${idOf("cr", recordHash)}`).toString("base64url");
}

/** Adds a token and its key. @throws AuthorityError for a key that cannot sign actions */
export function addToken(
  { organisation, hash, time }: Judged<unknown>,
  told: Pick<ApiToken, "kind" | "user" | "name" | "expires" | "externalId"> & { readonly publicKey: string },
): Change {
  const { publicKey, ...rest } = told;
  try {
    parseCredentialKey(publicKey);
  } catch (error) {
    throw new AuthorityError("invalid_input", `publicKey: ${(error as Error).message}`, { field: "publicKey" });
  }
  const credentialId = tokenCredentialId(hash);
  const uuid = idOf("cr", hash);
  const token: ApiToken = {
    ...{ id: idOf("to", hash), ...rest, credential: uuid },
    ...{ isActive: true, isArchived: false, created: time },
  };
  const credential: Credential = {
    ...{ uuid, credentialId, kind: "Key", name: rest.name, user: rest.user, token: token.id, publicKey },
    fingerprint: credentialFingerprint("Key", credentialId, publicKey),
    ...{ encryptedPrivateKey: null, isActive: true, isPending: false, isArchived: false, created: time },
  };
  return () => {
    organisation.tokens.set(token.id, token);
    organisation.credentials.set(uuid, credential);
    organisation.credentialIds.set(credentialId, uuid);
  };
}
