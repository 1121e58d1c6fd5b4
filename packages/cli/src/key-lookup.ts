import type { PublicKeyFacts } from "@quorate/authority";
import type { Curve, Scheme } from "@quorate/coordinator";
import type { EcdsaSuite } from "@quorate/orders";
import type { ApiClient, Key } from "./api-client.ts";
import { refuseArgument } from "./exit.ts";
import { hexArgument } from "./signing-input.ts";

/** The kinds of key that can be made and that signatures are checked of here. */
export type VerifyingSuite = "ed25519" | "taproot" | EcdsaSuite;

export interface VerifyingKey extends PublicKeyFacts {
  readonly suite: VerifyingSuite;
}

/** The schemes of this version, and the curves of each: the first is the usual one. */
export const CURVES = {
  EdDSA: ["ed25519"],
  Schnorr: ["secp256k1"],
  ECDSA: ["secp256k1", "secp256r1"],
} as const satisfies Record<Scheme, readonly Curve[]>;

/** What a scheme on a curve is called inside. @throws CliError with exit code 2 if the two do not go together */
export function suiteOf(scheme: Scheme, curve: string): VerifyingSuite {
  const curves: readonly string[] = CURVES[scheme];
  if (!curves.includes(curve)) {
    refuseArgument("--curve", `${curve} does not go with ${scheme}`, `${curves.join(" or ")} does; or leave it out`);
  }
  if (scheme === "ECDSA") return curve === "secp256k1" ? "ecdsa-secp256k1" : "ecdsa-p256";
  return scheme === "EdDSA" ? "ed25519" : "taproot";
}

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
export function verifyingKey({ id, scheme, curve, publicKey }: Key): VerifyingKey {
  const suite = suiteOf(scheme, curve);
  return { suite, publicKey: hexArgument(`public key of ${id}`, publicKey, suite === "ed25519" ? 32 : 33) };
}
