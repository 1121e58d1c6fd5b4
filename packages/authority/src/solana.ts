import { InputError } from "@quorate/orders";
import {
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
} from "@solana/transaction-messages";
import { getTransactionDecoder, getTransactionEncoder, type Transaction } from "@solana/transactions";
import { base58 } from "./base58.ts";
import type { Derived } from "./derived.ts";
import type { PublicKeyFacts } from "./key.ts";

type MessageBytes = Transaction["messageBytes"];
type Signatures = Transaction["signatures"];
type SolanaAddress = keyof Signatures;

const messageDecoder = getCompiledTransactionMessageDecoder();
const messageEncoder = getCompiledTransactionMessageEncoder();
const transactionDecoder = getTransactionDecoder();
const transactionEncoder = getTransactionEncoder();

function equal(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  return one.length === other.length && Array.prototype.every.call(one, (byte, at) => byte === other[at]);
}

/** The addresses that have to sign, in order; throws unless `bytes` are one message and nothing else. */
function signersOf(bytes: MessageBytes): readonly SolanaAddress[] {
  const message = messageDecoder.decode(bytes);
  if (!equal(messageEncoder.encode(message), bytes)) throw new Error("not the one encoding of the message");
  const { header, staticAccounts } = message;
  const signers = staticAccounts.slice(0, header.numSignerAccounts);
  if (signers.length === 0 || signers.length !== header.numSignerAccounts) throw new Error("accounts are missing");
  return signers;
}

/** Signatures (those present may be zeros), then the message; the other way round from version 1 on. */
function wireTransaction(bytes: Uint8Array): Transaction {
  const transaction = transactionDecoder.decode(bytes);
  signersOf(transaction.messageBytes);
  if (!equal(transactionEncoder.encode(transaction), bytes)) throw new Error("not the one encoding of the transaction");
  return transaction;
}

function bareMessage(bytes: Uint8Array): Transaction {
  const messageBytes = bytes as unknown as MessageBytes;
  const signatures = Object.fromEntries(signersOf(messageBytes).map((signer) => [signer, null])) as Signatures;
  return { messageBytes, signatures };
}

/** The readings of `bytes` that succeed. The library throws on everything that it cannot read. */
function readings(bytes: Uint8Array): Transaction[] {
  return [wireTransaction, bareMessage].flatMap((read) => {
    try {
      return [read(bytes)];
    } catch {
      return [];
    }
  });
}

function refuse(problem: string, hint: string): never {
  throw new InputError("invalid_input", `transaction: ${problem}`, { field: "transaction", hint });
}

/**
 * A Solana transaction, legacy or versioned: as sent over the wire, or its message alone. Its message is signed, provided
 * that this key is among those that must sign it.
 *
 * @throws InputError
 */
export function deriveSolana(bytes: Uint8Array, key: PublicKeyFacts): Derived {
  const [transaction, other] = readings(bytes);
  if (transaction === undefined) {
    return refuse("is not a Solana transaction", "send the hex of the wire transaction, or of its compiled message");
  }
  if (other !== undefined) {
    return refuse(
      "can be read as a transaction and as a message",
      "send the wire transaction with zeros for signatures",
    );
  }
  const address = base58(key.publicKey);
  const signers = Object.keys(transaction.signatures) as SolanaAddress[];
  const own = signers.find((signer) => signer === address);
  if (own === undefined) {
    return refuse(
      `must be signed by ${signers.join(", ")}, not by this key`,
      `make ${address} the fee payer or another signer, or sign with the key named there`,
    );
  }
  return {
    items: [{ message: Uint8Array.from(transaction.messageBytes), merkleRoot: null }],
    finish: ([signature]) => {
      const signatures = { ...transaction.signatures, [own]: signature };
      return Uint8Array.from(transactionEncoder.encode({ ...transaction, signatures }));
    },
  };
}
