import { sha256 } from "@quorate/curves";
import {
  type Address,
  address,
  appendTransactionMessageInstruction,
  type Blockhash,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  getAddressDecoder,
  getTransactionEncoder,
  lamports,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import type { LiteSVM } from "litesvm";
import { readSolana } from "../checks/solana.ts";
import { CliError, EXIT } from "../exit.ts";

/** What a demonstration moves, and what the payer has before: a quarter of one SOL, of one. In lamports. */
export const TRANSFER_LAMPORTS = 250_000_000n;
export const FUNDS_LAMPORTS = 1_000_000_000n;

/** Receives the demonstration's transfers: an address that nobody has a key of. */
export const RECIPIENT: Address = getAddressDecoder().decode(
  sha256(new TextEncoder().encode("quorate demonstration recipient")),
);

/** Lamports as people read them. */
export function sol(amount: bigint): string {
  return `${Number(amount) / 1e9} SOL`;
}

/** Lamports of payer and recipient. */
export interface Balances {
  readonly from: bigint;
  readonly to: bigint;
}

/** What the ledger made of a transaction. */
export interface Execution {
  readonly executed: boolean;
  /** Such as `SignatureFailure`. */
  readonly error?: string;
  readonly before: Balances;
  readonly after: Balances;
}

export interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly lamports: bigint;
  readonly blockhash: Blockhash;
}

/** A Solana transaction (version 0) that moves lamports, with no signature yet: its wire form. */
export function transferTransaction({ from, to, lamports: amount, blockhash }: Transfer): Uint8Array {
  const payer = address(from);
  const [source, destination] = [createNoopSigner(payer), address(to)];
  const transaction = pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayer(payer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash({ blockhash, lastValidBlockHeight: 0n }, message),
    (message) =>
      appendTransactionMessageInstruction(getTransferSolInstruction({ source, destination, amount }), message),
    compileTransaction,
  );
  return Uint8Array.from(getTransactionEncoder().encode(transaction));
}

/** A Solana ledger in memory (LiteSVM): it runs the programs and checks the signatures that a cluster would. */
export class Ledger {
  readonly #svm: LiteSVM;

  private constructor(svm: LiteSVM) {
    this.#svm = svm;
  }

  /** A new ledger. They all begin alike, so that one may execute what was built for another. */
  static async open(): Promise<Ledger> {
    try {
      const { LiteSVM } = await import("litesvm"); // native code of many megabytes: only when it is needed
      return new Ledger(new LiteSVM());
    } catch (error) {
      const problem = `LiteSVM does not load on this machine: ${(error as Error).message}`;
      throw new CliError(
        EXIT.environment,
        problem,
        "it has builds for Linux with glibc and for macOS; use one of these",
      );
    }
  }

  get blockhash(): Blockhash {
    return this.#svm.latestBlockhash();
  }

  /** Gives `to` lamports out of nothing. */
  fund(to: string, amount: bigint = FUNDS_LAMPORTS): void {
    this.#svm.airdrop(address(to), lamports(amount));
  }

  /** Executes a signed transaction, and tells the balances of `from` and `to` around it. */
  execute(wire: Uint8Array, from: string, to: string = RECIPIENT): Execution {
    const before = this.#balances(from, to);
    const error = this.#error(wire);
    const after = this.#balances(from, to);
    return { executed: error === undefined, ...(error === undefined ? {} : { error }), before, after };
  }

  #error(wire: Uint8Array): string | undefined {
    const transaction = readSolana(wire);
    // LiteSVM throws for these, where a cluster would answer.
    if (Object.values(transaction.signatures).includes(null)) return "SignatureMissing";
    const outcome = this.#svm.sendTransaction(transaction);
    if (!("err" in outcome)) return undefined;
    return /err: (\w+)/.exec(outcome.toString())?.[1] ?? outcome.toString();
  }

  #balances(from: string, to: string): Balances {
    const of = (one: string) => this.#svm.getBalance(address(one)) ?? 0n;
    return { from: of(from), to: of(to) };
  }
}
