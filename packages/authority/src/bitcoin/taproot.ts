import { Address, OutScript, utils } from "@scure/btc-signer";
import { type PublicKeyFacts, xOnly } from "../key.ts";
import { type BitcoinAddresses, onEachNetwork } from "./network.ts";

/** No script tree: the key path is the only way to spend (BIP-341). */
export const NO_SCRIPTS: Uint8Array = new Uint8Array();

/** The output key that a chain sees, x-only: the internal key with its tweak (BIP-341, `taproot_tweak_pubkey`). 32 bytes. */
export function outputKey(key: PublicKeyFacts, merkleRoot: Uint8Array): Uint8Array {
  return utils.taprootTweakPubkey(xOnly(key), merkleRoot)[0];
}

/** The script of an output that this key can spend by the key path. 34 bytes. */
export function outputScript(key: PublicKeyFacts, merkleRoot: Uint8Array): Uint8Array {
  return OutScript.encode({ type: "tr", pubkey: outputKey(key, merkleRoot) });
}

/** Where this key receives bitcoin, with no script tree (BIP-86), per network. */
export function taprootAddresses(key: PublicKeyFacts): BitcoinAddresses {
  const output = { type: "tr", pubkey: outputKey(key, NO_SCRIPTS) } as const;
  return onEachNetwork((network) => Address(network).encode(output));
}
