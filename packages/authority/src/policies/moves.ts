import { hex, InputError, unhex } from "@quorate/orders";
import { evmCall } from "../ethereum/transaction.ts";
import type { SignatureForm } from "../log/signature-request.ts";
import { ERC20_TRANSFER, parseTransfer } from "../transfers/intent.ts";
import { callOf, leavesOpen } from "../transfers/open.ts";

/** One thing that a request sends to somebody. */
export interface Move {
  /** The address of who gets it, lower case. */
  readonly to: string;
  /** How much of the chain's own asset, smallest unit; `null` when it is something else, of which no amount is known. */
  readonly native: bigint | null;
}

/**
 * What a request moves, read from the request itself. `null` where that cannot be read: bare hashes, messages, typed data, calls of
 * contracts other than a token's transfer, transactions of chains that this version does not read, and those that may cost more in fees than
 * is usual: fees can be paid to whoever made the transaction. Whoever limits must assume the worst of them.
 *
 * @param maxNetworkFee of the organisation's settings
 */
export function movesOf(
  form: SignatureForm,
  body: Readonly<Record<string, unknown>>,
  maxNetworkFee: bigint,
): readonly Move[] | null {
  try {
    return read(form, body, maxNetworkFee);
  } catch (error) {
    // What is not well formed is not signed either, by the derivation of the digests.
    if (error instanceof InputError) return null;
    throw error;
  }
}

function read(
  form: SignatureForm,
  body: Readonly<Record<string, unknown>>,
  maxNetworkFee: bigint,
): readonly Move[] | null {
  if (form === "transfer") {
    const transfer = parseTransfer(body);
    const to = transfer.to.toLowerCase();
    return [{ to, native: transfer.kind === "Native" ? transfer.amount : null }];
  }
  if (form === "transaction" && leavesOpen(body)) {
    const call = callOf(body);
    // With one of the two left open, whoever fills it in is held to the most.
    return (call.gas ?? 0n) * (call.maxFeePerGas ?? 0n) > maxNetworkFee ? null : movesOfCall(call);
  }
  const { kind, transaction } = body;
  if (kind !== "Transaction" || typeof transaction !== "string" || !/^(0x)?([0-9a-fA-F]{2})+$/.test(transaction)) {
    return null;
  }
  const call = evmCall(unhex(transaction.toLowerCase().replace(/^0x/, "")));
  return call === null || call.maxFee > maxNetworkFee ? null : movesOfCall(call);
}

function movesOfCall({ to, value, data }: { to: Uint8Array; value: bigint; data: Uint8Array }): readonly Move[] | null {
  const called = `0x${hex(to)}`;
  if (data.length === 0) return [{ to: called, native: value }];
  const text = hex(data);
  if (!new RegExp(`^${ERC20_TRANSFER}0{24}[0-9a-f]{104}$`).test(text)) return null;
  const recipient = { to: `0x${text.slice(32, 72)}`, native: null };
  return value === 0n ? [recipient] : [recipient, { to: called, native: value }];
}
