import {
  bodyDigest,
  type Derived,
  digestsFor,
  encodeSigningRequest,
  type Organisation,
  type PublicKeyFacts,
  signatureTarget,
} from "@quorate/authority";
import { unhex } from "@quorate/orders";
import { refusing } from "./authority/refusal.ts";
import type { RequestRecord } from "./records.ts";

/** What the signers derive of a request as well, and the bytes that they derive it from. */
export interface Derivation {
  readonly derived: Derived;
  /** The `request` of the orders. */
  readonly bytes: Uint8Array;
}

/** @throws InputError for what nobody can sign */
export function derivation(
  { body, transaction, authority, path }: Pick<RequestRecord, "body" | "transaction" | "authority" | "path">,
  key: PublicKeyFacts,
  logs: { get(id: string): Organisation },
): Derivation {
  const organisation = logs.get(authority.organisation);
  return refusing(() => {
    const { form, wallet } = signatureTarget(organisation, path);
    const filled = transaction === null ? null : unhex(transaction);
    const bytes = encodeSigningRequest(form, { body, transaction: filled });
    // What a request from the log is signed with was read there.
    const filling = authority.kind === "admitted" && transaction !== null ? `0x${transaction}` : null;
    const permitted = { form, wallet, bodyDigest: bodyDigest(body), filled: filling };
    return { derived: digestsFor(permitted, bytes, key, organisation.settings), bytes };
  });
}
