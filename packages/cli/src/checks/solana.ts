import { verifyEd25519 } from "@quorate/curves";
import { type Address, getAddressEncoder, getTransactionDecoder, type Transaction } from "@solana/kit";

/** What became of one of the signatures that a Solana transaction needs. */
export interface SolanaVerdict {
  readonly signer: string;
  readonly verdict: "valid" | "invalid" | "missing";
}

const decoder = getTransactionDecoder();
const addresses = getAddressEncoder();

/** @throws Error if `wire` is not a Solana transaction with nothing behind it */
export function readSolana(wire: Uint8Array): Transaction {
  const [transaction, end] = decoder.read(wire, 0);
  if (end !== wire.length) throw new Error(`${wire.length - end} bytes follow the transaction`);
  return transaction;
}

/** Checks each signature of a transaction by OpenSSL, in the order of the signers. */
export function checkSolana({ messageBytes, signatures }: Transaction): SolanaVerdict[] {
  return Object.entries(signatures).map(([signer, signature]) => {
    if (signature === null) return { signer, verdict: "missing" };
    const publicKey = Uint8Array.from(addresses.encode(signer as Address));
    const isValid = verifyEd25519(publicKey, Uint8Array.from(messageBytes), Uint8Array.from(signature));
    return { signer, verdict: isValid ? "valid" : "invalid" };
  });
}
