import { DecodeError } from "@quorate/curves";
import { hex, InputError } from "@quorate/orders";
import { base58 } from "./base58.ts";
import type { Derived } from "./derived.ts";
import type { PublicKeyFacts } from "./key.ts";
import { readWire, type WireTransaction, wireOf, withSignature } from "./solana-message.ts";

function refuse(problem: string, hint: string): never {
  throw new InputError("invalid_input", `transaction: ${problem}`, { field: "transaction", hint });
}

/** Solana's packet is 1232 bytes, of its version 1 4096. */
const MAX_BYTES = 4096;

function attempt(read: (bytes: Uint8Array) => WireTransaction, bytes: Uint8Array): WireTransaction | undefined {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** Both forms are accepted, and bytes that could be either are refused: which of the two is signed must not be a guess. */
function parse(bytes: Uint8Array): WireTransaction {
  const wire = attempt(readWire, bytes);
  const bare = attempt(wireOf, bytes);
  if (wire !== undefined && bare !== undefined) {
    return refuse("can be read as a transaction and as a message", "send the transaction with zeros for signatures");
  }
  return (
    wire ??
    bare ??
    refuse(
      "is not a Solana transaction, legacy or version 0",
      "send the hex of the wire transaction, or of its compiled message",
    )
  );
}

/**
 * A Solana transaction, as sent over the wire or its message alone. The message is signed, provided that this key is among
 * those that must sign it.
 *
 * @throws InputError
 */
export function deriveSolana(bytes: Uint8Array, key: PublicKeyFacts): Derived {
  if (bytes.length > MAX_BYTES) refuse(`at most ${MAX_BYTES} bytes`, "send the transaction alone");
  const transaction = parse(bytes);
  const own = hex(key.publicKey);
  const at = transaction.signers.findIndex((signer) => hex(signer) === own);
  if (at < 0) {
    return refuse(
      `must be signed by ${transaction.signers.map(base58).join(", ")}, not by this key`,
      `make ${base58(key.publicKey)} the fee payer or another signer, or sign with the key named there`,
    );
  }
  return {
    items: [{ message: transaction.message, merkleRoot: null, prehashed: false }],
    finish: ([signature]) => withSignature(transaction, at, signature!),
  };
}
