import { Address, OutScript, p2wpkh } from "@scure/btc-signer";
import type { PublicKeyFacts } from "../key.ts";
import { type BitcoinAddresses, onEachNetwork } from "./network.ts";

/** The script of an output that this key can spend with one ECDSA signature (BIP-141). 22 bytes. */
export function witnessScript({ publicKey }: PublicKeyFacts): Uint8Array {
  return p2wpkh(publicKey).script;
}

/** What the digest of such an input has in place of the script (BIP-143): that of a payment to the key's hash. 25 bytes. */
export function scriptCode({ publicKey }: PublicKeyFacts): Uint8Array {
  return OutScript.encode({ type: "pkh", hash: p2wpkh(publicKey).hash });
}

/** Where this key receives bitcoin (BIP-84), per network. */
export function witnessAddresses({ publicKey }: PublicKeyFacts): BitcoinAddresses {
  const output = { type: "wpkh", hash: p2wpkh(publicKey).hash } as const;
  return onEachNetwork((network) => Address(network).encode(output));
}
