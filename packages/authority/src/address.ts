import { base58 } from "./base58.ts";
import { evmAddress } from "./ethereum/address.ts";
import type { PublicKeyFacts } from "./key.ts";
import { taprootAddresses } from "./taproot.ts";

/** The addresses of a key on the chains that Quorate signs for. */
export interface Addresses {
  readonly solana?: string;
  /** With the checksum of EIP-55. */
  readonly evm?: string;
  readonly taproot?: { readonly mainnet: string; readonly testnet: string; readonly regtest: string };
}

/** Solana (base58 of the key) for `ed25519`; taproot (bech32m, BIP-86) for `taproot`; none for the others. */
export function addresses(key: PublicKeyFacts): Addresses {
  switch (key.suite) {
    case "ed25519":
      return { solana: base58(key.publicKey) };
    case "taproot":
      return { taproot: taprootAddresses(key) };
    case "ecdsa-secp256k1":
      return { evm: evmAddress(key.publicKey) };
    default:
      return {};
  }
}
