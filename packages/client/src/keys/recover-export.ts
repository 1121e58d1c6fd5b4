import { group, integerToBytes, type Random, randomScalar, Secret } from "@quorate/curves";
import { decodeExport, encryptionKeyOf, openShare, recombine } from "@quorate/keygen/transfer";
import { unhex } from "@quorate/orders";
import { KeyError, type ShownKey } from "./verify-key.ts";

/** What an export is sealed to, and what opens it. */
export interface ExportKey {
  /** base64, 34 bytes: `encryptionKey` of the request. */
  readonly encryptionKey: string;
  /** The scalar, 32 bytes. */
  readonly secret: Secret;
}

/** The answer to `POST /keys/:id/export`. */
export interface ExportedShares {
  readonly minSigners: number;
  readonly encryptedKeyShares: readonly { readonly encryptedKeyShare: string }[];
}

/** No network has more signers. */
const MAX_SHARES = 15;

/** A new key to which the signers seal what they give away. */
export function newExportKey(random: Random): ExportKey {
  const secp256k1 = group("secp256k1", "noble");
  const scalar = randomScalar(secp256k1, random);
  return {
    encryptionKey: Buffer.from(encryptionKeyOf(secp256k1, scalar)).toString("base64"),
    secret: new Secret(integerToBytes(scalar, 32)),
  };
}

/**
 * Makes the private key out of exported shares, here and nowhere else, and proves it: its public key is that of `key`.
 *
 * @param key as it was known before the export
 * @returns 32 bytes, big-endian: the scalar. On ed25519 that is no seed, since none exists.
 * @throws KeyError or TransferError unless the shares make exactly this key
 */
export function recoverExport(
  key: ShownKey,
  { minSigners, encryptedKeyShares }: ExportedShares,
  { secret }: ExportKey,
  random: Random,
): Secret {
  const { length } = encryptedKeyShares;
  if (length < minSigners || length > MAX_SHARES) {
    throw new KeyError("members", `${length} shares came, ${minSigners} to ${MAX_SHARES} belong there`);
  }
  const opener = BigInt(`0x${Buffer.from(secret.expose()).toString("hex")}`);
  const secp256k1 = group("secp256k1", "noble");
  const on = group(curveOf(key.curve), "noble");
  const shares = encryptedKeyShares.map(({ encryptedKeyShare }) => {
    using opened = openShare(secp256k1, opener, new Uint8Array(Buffer.from(encryptedKeyShare, "base64")), random);
    return decodeExport(on, opened.expose());
  });
  return new Secret(integerToBytes(recombine(on, shares, unhex(key.publicKey.toLowerCase())), 32));
}

function curveOf(curve: string): "ed25519" | "secp256k1" | "p256" {
  if (curve === "ed25519" || curve === "secp256k1") return curve;
  if (curve === "secp256r1") return "p256";
  throw new KeyError("scheme", `curve ${curve} is not known`);
}
