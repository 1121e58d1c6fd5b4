import { base58 } from "./base58.ts";
import type { BitcoinAddresses } from "./bitcoin/network.ts";
import { witnessAddresses } from "./bitcoin/p2wpkh.ts";
import { taprootAddresses } from "./bitcoin/taproot.ts";
import { evmAddress } from "./ethereum/address.ts";
import type { PublicKeyFacts } from "./key.ts";

/** The addresses of a key on the chains that Quorate signs for. */
export interface Addresses {
  readonly solana?: string;
  /** With the checksum of EIP-55, the same on every EVM chain. */
  readonly evm?: string;
  readonly taproot?: BitcoinAddresses;
  readonly p2wpkh?: BitcoinAddresses;
}

/**
 * Solana (base58 of the key) for `ed25519`; taproot (bech32m, BIP-86) for `taproot`; Ethereum and P2WPKH (bech32, BIP-84) for
 * `ecdsa-secp256k1`; none for the others.
 */
export function addresses(key: PublicKeyFacts): Addresses {
  switch (key.suite) {
    case "ed25519":
      return { solana: base58(key.publicKey) };
    case "taproot":
      return { taproot: taprootAddresses(key) };
    case "ecdsa-secp256k1":
      return { evm: evmAddress(key.publicKey), p2wpkh: witnessAddresses(key) };
    default:
      return {};
  }
}
