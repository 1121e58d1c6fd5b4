import { verifyEd25519 } from "@quorate/curves";
import {
  type Address,
  getAddressEncoder,
  getCompiledTransactionMessageCodec,
  getTransactionCodec,
  type ReadonlyUint8Array,
  type Transaction,
} from "@solana/kit";

/** What became of one of the signatures that a Solana transaction needs. */
export interface SolanaVerdict {
  readonly signer: string;
  readonly verdict: "valid" | "invalid" | "missing";
}

const transactions = getTransactionCodec();
const messages = getCompiledTransactionMessageCodec();
const addresses = getAddressEncoder();

function isEncoding(bytes: ReadonlyUint8Array, encoded: ReadonlyUint8Array): boolean {
  return Buffer.compare(Uint8Array.from(bytes), Uint8Array.from(encoded)) === 0;
}

/** @throws Error if `wire` is not the one encoding of a Solana transaction, with nothing before or behind it */
export function readSolana(wire: Uint8Array): Transaction {
  const transaction = transactions.decode(wire);
  const message = messages.decode(transaction.messageBytes);
  const isCanonical =
    isEncoding(wire, transactions.encode(transaction)) &&
    isEncoding(transaction.messageBytes, messages.encode(message));
  if (!isCanonical) throw new Error("not the one encoding of a transaction: bytes are left over, or written otherwise");
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
