import { bytesToInteger, integerToBytes } from "@quorate/curves";
import { InputError } from "@quorate/orders";
import * as Hash from "ox/Hash";
import * as Rlp from "ox/Rlp";
import type { Derived } from "../derived.ts";
import { parity } from "../ecdsa-signature.ts";
import { type Field, type Item, LEGACY_CHAIN, LEGACY_FIELDS, TYPED_FIELDS } from "./fields.ts";

const HINT = "send the hex of an unsigned transaction: legacy with its chain (EIP-155), or of type 1, 2, 3 or 4";

function refuse(problem: string, hint: string = HINT): never {
  throw new InputError("invalid_input", `transaction: ${problem}`, { field: "transaction", hint });
}

/** An unsigned transaction. */
interface Unsigned {
  /** What stands before the list: the type, or nothing. */
  readonly prefix: Uint8Array;
  readonly items: readonly Item[];
  /** The end of the list once it is signed. */
  tail(signature: Uint8Array): Item[];
  /** How many of the items stay in front of it. */
  readonly kept: number;
}

function readList(bytes: Uint8Array): readonly Item[] {
  let item: Item;
  try {
    item = Rlp.toBytes(bytes);
  } catch {
    return refuse("is not RLP, or not whole");
  }
  return item instanceof Uint8Array ? refuse("is no list of fields") : item;
}

function check(items: readonly Item[], fields: readonly Field[]): void {
  for (const [at, field] of fields.entries()) {
    if (!field.fits(items[at]!)) refuse(`${field.name} has to be ${field.form}`);
  }
}

/** A number; 0 for what is none. */
function numberIn(item: Item | undefined): bigint {
  return item instanceof Uint8Array ? bytesToInteger(item) : 0n;
}

/** A number as RLP has it: no leading zeros, and none at all for zero. */
function quantity(value: bigint): Uint8Array {
  return value === 0n ? new Uint8Array() : integerToBytes(value, Math.ceil(value.toString(16).length / 2));
}

/** r and s. */
function numbers(signature: Uint8Array): Item[] {
  return [signature.subarray(0, 32), signature.subarray(32, 64)].map((part) => quantity(bytesToInteger(part)));
}

function readLegacy(bytes: Uint8Array): Unsigned {
  const items = readList(bytes);
  const kept = LEGACY_FIELDS.length;
  if (items.length === kept) {
    refuse(
      "names no chain, so that it could be repeated on every other",
      "add chain id, 0 and 0 to the list (EIP-155)",
    );
  }
  if (items.length !== kept + 3) refuse(`has ${items.length} fields where a legacy transaction has ${kept + 3}`);
  const end = items.slice(kept);
  if (numberIn(end[1]) > 0n || numberIn(end[2]) > 0n) {
    refuse("carries a signature", "send it unsigned: chain id, 0, 0 at the end");
  }
  check(items, [...LEGACY_FIELDS, ...LEGACY_CHAIN]);
  const base = 35n + 2n * numberIn(end[0]);
  const tail = (signature: Uint8Array) => [quantity(base + BigInt(parity(signature))), ...numbers(signature)];
  return { prefix: new Uint8Array(), items, kept, tail };
}

function readTyped(bytes: Uint8Array): Unsigned {
  const type = bytes[0]!;
  const fields = TYPED_FIELDS[type] ?? refuse(`is of type ${type}, which is not known here`);
  const items = readList(bytes.subarray(1));
  const kept = fields.length;
  if (items.length === kept + 3) refuse("carries a signature", "send it without its last three fields");
  if (items.length !== kept) refuse(`has ${items.length} fields where one of type ${type} has ${kept}`);
  check(items, fields);
  if (type >= 2 && numberIn(items[2]) > numberIn(items[3])) {
    refuse("has maxPriorityFeePerGas above maxFeePerGas, which no chain accepts", "lower the one or raise the other");
  }
  const tail = (signature: Uint8Array) => [quantity(BigInt(parity(signature))), ...numbers(signature)];
  return { prefix: Uint8Array.of(type), items, kept, tail };
}

function encode(prefix: Uint8Array, items: readonly Item[]): Uint8Array {
  return new Uint8Array(Buffer.concat([prefix, Rlp.fromBytes(items)]));
}

/**
 * An unsigned Ethereum transaction. Its fields are checked one by one, and what they say when written again has to be what was
 * sent, byte for byte; that is what is hashed (Keccak-256).
 *
 * @throws InputError
 */
export function deriveEvmTransaction(bytes: Uint8Array): Derived {
  const unsigned = bytes[0]! >= 0xc0 ? readLegacy(bytes) : readTyped(bytes);
  const { prefix, items, kept, tail } = unsigned;
  if (Buffer.compare(encode(prefix, items), bytes) !== 0) refuse("is not written the one way that RLP has");
  return {
    items: [{ message: Hash.keccak256(bytes), merkleRoot: null, prehashed: false }],
    encoding: "evm",
    finish: ([signature]) => encode(prefix, [...items.slice(0, kept), ...tail(signature!)]),
  };
}

/** What a transaction calls, with what value, and the most that it may cost in fees. */
export interface EvmCall {
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly maxFee: bigint;
}

/** Where a transaction of each type has its recipient; value and data follow, the price of gas and the gas stand before. Legacy: none. */
const RECIPIENT_AT: Readonly<Record<number, number>> = { 1: 4, 2: 5, 3: 5, 4: 5 };

/**
 * What an unsigned transaction calls with what value. `null` where that is not all of it: when it creates a contract, pays for blobs
 * besides (EIP-4844), or hands the account itself to code (EIP-7702).
 *
 * @throws InputError as `deriveEvmTransaction`
 */
export function evmCall(bytes: Uint8Array): EvmCall | null {
  deriveEvmTransaction(bytes);
  const type = bytes[0]! >= 0xc0 ? 0 : bytes[0]!;
  const items = readList(type === 0 ? bytes : bytes.subarray(1));
  const at = RECIPIENT_AT[type] ?? 3;
  const [price, gas, to, value, data] = items.slice(at - 2, at + 3) as Uint8Array[];
  if (type >= 3 || to!.length === 0) return null;
  const maxFee = bytesToInteger(price!) * bytesToInteger(gas!);
  return { to: to!, value: bytesToInteger(value!), data: data!, maxFee };
}
