import { DecodeError, Reader, readCbor, sha256 } from "@quorate/curves";
import { AuthorityError } from "../error.ts";
import type { RelyingParty } from "./types.ts";

const FIELD = "authenticatorData";

/** WebAuthn section 6.1. */
const FLAGS = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attested: 0x40,
  extended: 0x80,
};
const MAX_ID_BYTES = 1023;

/** The new credential in the data of a registration (section 6.5.1). */
export interface AttestedCredential {
  readonly credentialId: Uint8Array;
  /** CBOR, for `coseToPem`. */
  readonly publicKey: Uint8Array;
}

/** What an authenticator says (section 6.1). */
export interface AuthenticatorData {
  readonly rpIdHash: Uint8Array;
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  readonly signCount: number;
  readonly attested?: AttestedCredential;
}

function readAttested(from: Reader, bytes: Uint8Array): AttestedCredential {
  from.take(16); // the model of the authenticator, which nobody here asks for
  const length = from.uint(2);
  if (length === 0 || length > MAX_ID_BYTES)
    from.fail(`a credential id of ${length} bytes, 1 to ${MAX_ID_BYTES} are allowed`);
  const credentialId = from.take(length);
  const start = from.position;
  readCbor(from);
  return { credentialId, publicKey: bytes.subarray(start, from.position) };
}

function read(bytes: Uint8Array): AuthenticatorData {
  const from = new Reader(bytes);
  const rpIdHash = from.take(32);
  const flags = from.uint(1);
  const has = (flag: keyof typeof FLAGS) => (flags & FLAGS[flag]) !== 0;
  if (has("backedUp") && !has("backupEligible")) from.fail("a credential that cannot be backed up is said to be");
  const signCount = from.uint(4);
  const attested = has("attested") ? { attested: readAttested(from, bytes) } : {};
  if (has("extended")) readCbor(from);
  from.end();
  return { rpIdHash, userPresent: has("userPresent"), userVerified: has("userVerified"), signCount, ...attested };
}

/**
 * Reads what an authenticator signed: every byte belongs to it, extensions are read over.
 *
 * @throws AuthorityError `bad_record`
 */
export function readAuthenticatorData(bytes: Uint8Array): AuthenticatorData {
  try {
    return read(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const hint = "send what the browser gives";
    throw new AuthorityError("bad_record", `${FIELD}: ${error.message}`, { field: FIELD, hint });
  }
}

/** @throws AuthorityError `wrong_origin`, `user_absent` or `user_not_verified` */
export function checkAuthenticatorData(data: AuthenticatorData, { id, userVerification }: RelyingParty): void {
  if (Buffer.compare(data.rpIdHash, sha256(new TextEncoder().encode(id))) !== 0) {
    throw new AuthorityError("wrong_origin", `${FIELD}: is for another relying party than ${id}`, {
      field: FIELD,
      hint: `use a passkey made for ${id}`,
    });
  }
  if (!data.userPresent) {
    throw new AuthorityError("user_absent", `${FIELD}: the authenticator noticed no user`, {
      field: FIELD,
      hint: "touch the authenticator",
    });
  }
  if (userVerification && !data.userVerified) {
    throw new AuthorityError("user_not_verified", `${FIELD}: the authenticator did not verify its user`, {
      field: FIELD,
      hint: "use an authenticator with a PIN or a sensor, and ask for user verification",
    });
  }
}
