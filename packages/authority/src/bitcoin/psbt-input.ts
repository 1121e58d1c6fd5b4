import { InputError } from "@quorate/orders";
import type { Transaction } from "@scure/btc-signer";
import type { DerivedItem } from "../derived.ts";

/** An input of a PSBT. */
export type Input = ReturnType<Transaction["getInput"]>;

/** An input that a key is to sign. */
export interface OwnInput {
  /** Its place in the transaction. */
  readonly at: number;
  item(): DerivedItem;
  /** What the signature adds to the input. */
  signed(signature: Uint8Array): Parameters<Transaction["updateInput"]>[1];
}

export function refuse(problem: string, hint: string, code: "invalid_input" | "unsupported" = "invalid_input"): never {
  throw new InputError(code, `psbt: ${problem}`, { field: "psbt", hint });
}

/** What the library throws, it throws for what the PSBT says: parts may be missing that only the digest asks for. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    return refuse(
      `cannot be read (${(error as Error).message.slice(0, 200)})`,
      "send the hex of a PSBT (BIP-174 or BIP-370)",
    );
  }
}

export function refuseSighash(type: number, at: number, hint: string): never {
  const code = type.toString(16).padStart(2, "0");
  return refuse(
    `input ${at} asks for sighash type 0x${code}, which leaves parts of the transaction open`,
    hint,
    "unsupported",
  );
}

export function same(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}
