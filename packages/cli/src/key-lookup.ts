import type { PublicKeyFacts } from "@quorate/authority";
import type { ApiClient, Key } from "./api-client.ts";
import { CliError, EXIT, refuseArgument } from "./exit.ts";
import { hexArgument } from "./signing-input.ts";

/** The kinds of key that can be made and that signatures are checked of here. */
export interface VerifyingKey extends PublicKeyFacts {
  readonly suite: "ed25519" | "taproot";
}

/** The schemes of this version, and the one curve of each. */
export const CURVES = { EdDSA: "ed25519", Schnorr: "secp256k1" } as const;
export type SignScheme = keyof typeof CURVES;

const KEY_ID = /^key(-[0-9a-z]{5}){2}-[0-9a-z]{14,16}$/;

/** The key with that id, or the one key with that name. @throws CliError with exit code 2 */
export async function findKey(client: ApiClient, idOrName: string): Promise<Key> {
  if (KEY_ID.test(idOrName)) return client.key(idOrName);
  const keys = await client.keys();
  const found = keys.filter(({ name }) => name === idOrName);
  const [key, other] = found;
  if (key === undefined) {
    const names = keys.slice(0, 10).map(({ id, name }) => name ?? id);
    const hint = keys.length === 0 ? "make one: quorate keys create --scheme EdDSA" : `there are ${names.join(", ")}`;
    refuseArgument("<key>", `there is no key ${idOrName}`, hint);
  }
  if (other !== undefined) {
    refuseArgument(
      "<key>",
      `${found.length} keys are named ${idOrName}`,
      `say which: ${found.map(({ id }) => id).join(", ")}`,
    );
  }
  return key;
}

/** What signatures of a key are checked against. */
export function verifyingKey({ id, scheme, publicKey }: Key): VerifyingKey {
  if (scheme !== "EdDSA" && scheme !== "Schnorr") {
    throw new CliError(
      EXIT.usage,
      `key ${id} is of scheme ${scheme}, which this version does not sign`,
      "use another key",
    );
  }
  return scheme === "EdDSA"
    ? { suite: "ed25519", publicKey: hexArgument(`public key of ${id}`, publicKey, 32) }
    : { suite: "taproot", publicKey: hexArgument(`public key of ${id}`, publicKey, 33) };
}
