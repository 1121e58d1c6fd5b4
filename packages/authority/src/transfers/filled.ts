import { bytesToInteger, integerToBytes } from "@quorate/curves";
import { InputError } from "@quorate/orders";
import * as Rlp from "ox/Rlp";
import type { Derived } from "../derived.ts";
import { deriveEvmTransaction } from "../ethereum/transaction.ts";
import type { Intent } from "./intent.ts";

/** What the coordinator adds to an intent: a transaction is the two together. */
export interface Filling {
  readonly nonce: bigint;
  readonly gas: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** The type of EIP-1559, the only one that is filled in. */
const TYPE = 2;

function quantity(value: bigint): Uint8Array {
  return value === 0n ? new Uint8Array() : integerToBytes(value, Math.ceil(value.toString(16).length / 2));
}

/** The unsigned EIP-1559 transaction of an intent; what the user fixed stands over what is filled in. */
export function fillTransaction(intent: Intent, chainId: number, filling: Filling): Uint8Array {
  const { nonce, gas, maxFeePerGas } = { ...filling, ...intent };
  const highest = filling.maxPriorityFeePerGas < maxFeePerGas ? filling.maxPriorityFeePerGas : maxFeePerGas;
  const tip = intent.maxPriorityFeePerGas ?? highest;
  const numbers = [BigInt(chainId), nonce, tip, maxFeePerGas, gas].map(quantity);
  const items = [...numbers, intent.to, quantity(intent.value), intent.data, []];
  return new Uint8Array(Buffer.concat([Uint8Array.of(TYPE), Rlp.fromBytes(items)]));
}

/**
 * What is signed for a transaction that was filled in for its user. Whoever fills it in chooses nonce, gas and fees, and nothing else: the
 * recipient, the value, the call and the chain are the user's, there is no access list, and the most that it may cost is bounded.
 *
 * @param maxNetworkFee smallest unit of the chain's asset; does not bind a user that fixed both gas and fee
 * @throws InputError
 */
export function deriveFilled(transaction: Uint8Array, intent: Intent, chainId: number, maxNetworkFee: bigint): Derived {
  const derived = deriveEvmTransaction(transaction);
  if (transaction[0] !== TYPE) refuse("has to be of type 2 (EIP-1559)");
  const [chain, nonce, tip, fee, gas, to, value, data, accessList] = Rlp.toBytes(
    transaction.subarray(1),
  ) as Uint8Array[];
  const number = (item: Uint8Array | undefined) => bytesToInteger(item!);
  const fixed: readonly (readonly [string, bigint | undefined, bigint])[] = [
    ["chainId", BigInt(chainId), number(chain)],
    ["value", intent.value, number(value)],
    ["nonce", intent.nonce, number(nonce)],
    ["gasLimit", intent.gas, number(gas)],
    ["maxFeePerGas", intent.maxFeePerGas, number(fee)],
    ["maxPriorityFeePerGas", intent.maxPriorityFeePerGas, number(tip)],
  ];
  for (const [name, asked, filled] of fixed) {
    if (asked !== undefined && asked !== filled) refuse(`has ${name} ${filled}, the user signed ${asked}`);
  }
  if (Buffer.compare(to!, intent.to) !== 0) refuse("goes to another address than the user signed");
  if (Buffer.compare(data!, intent.data) !== 0) refuse("carries other data than the user signed");
  if (accessList!.length > 0) refuse("has an access list, which the user did not sign");
  const cost = number(gas) * number(fee);
  const isOwnChoice = intent.gas !== undefined && intent.maxFeePerGas !== undefined;
  if (!isOwnChoice && cost > maxNetworkFee) {
    throw new InputError("impossible", `transaction: may cost ${cost} in fees, at most ${maxNetworkFee} is allowed`, {
      field: "transaction",
      hint: "the organisation's setting maxNetworkFee is the most; a transaction with gasLimit and maxFeePerGas of its own is not held to it",
    });
  }
  return derived;
}

function refuse(problem: string): never {
  throw new InputError("invalid_input", `transaction: ${problem}`, { field: "transaction" });
}
