import type * as AccessList from "ox/AccessList";
import * as Address from "ox/Address";
import * as TxEnvelopeEip1559 from "ox/TxEnvelopeEip1559";
import * as TxEnvelopeEip2930 from "ox/TxEnvelopeEip2930";
import * as TxEnvelopeLegacy from "ox/TxEnvelopeLegacy";
import { isRecord, JsonFields } from "./json-fields.ts";

const FLAG = "--evm-tx";
const U64 = 2n ** 64n - 1n;
const U256 = 2n ** 256n - 1n;

type Type = "legacy" | "eip2930" | "eip1559";

/** The types that a file may ask for, by every name that libraries give them. */
const TYPES: ReadonlyMap<unknown, Type> = new Map(
  (["legacy", "eip2930", "eip1559"] as const).flatMap((type, at) =>
    [type, at, `${at}`, `0x${at}`].map((name) => [name, type]),
  ),
);

const COMMON = ["type", "from", "chainId", "nonce", "to", "value", "gas", "gasLimit", "data", "input"];
const FEES: Readonly<Record<Type, readonly string[]>> = {
  legacy: ["gasPrice"],
  eip2930: ["gasPrice", "accessList"],
  eip1559: ["maxFeePerGas", "maxPriorityFeePerGas", "accessList"],
};
/** What is only in transactions that somebody has signed. */
const SIGNATURE = ["r", "s", "v", "yParity", "signature", "hash"];

/** An unsigned Ethereum transaction. */
export interface UnsignedTransaction {
  /** Serialised as it is hashed for signing. */
  readonly unsigned: Uint8Array;
  /** Who is to send it, if the file says so. */
  readonly from?: string;
}

/**
 * Reads an unsigned transaction as viem and ethers write it: a JSON object. What a file does not say and what changes the meaning
 * (chain, nonce, gas, fees) is never guessed; `value`, `data` and `accessList` may be left out where there is none.
 *
 * @throws CliError naming the field
 */
export function readTransactionFile(json: unknown): UnsignedTransaction {
  if (!isRecord(json)) return new JsonFields(FLAG, {}).refuse("the file", "holds no JSON object", "see sign --help");
  const fields = new JsonFields(FLAG, json);
  const signed = SIGNATURE.find((name) => fields.has(name));
  if (signed !== undefined) fields.refuse(signed, "stands in signed transactions only", "give it unsigned");
  const type = typeOf(fields);
  fields.only([...COMMON, ...FEES[type]]);
  const unsigned = new Uint8Array(Buffer.from(serialized(type, fields).slice(2), "hex"));
  return fields.has("from") ? { unsigned, from: address(fields, "from") } : { unsigned };
}

function typeOf(fields: JsonFields): Type {
  const isDynamic = fields.has("maxFeePerGas") || fields.has("maxPriorityFeePerGas");
  if (fields.has("type")) {
    const said = TYPES.get(fields.get("type"));
    return said ?? fields.refuse("type", "is none that a file can say", "legacy, eip2930 or eip1559 (0, 1 or 2)");
  }
  if (isDynamic && fields.has("gasPrice")) {
    fields.refuse("gasPrice", "cannot go with maxFeePerGas", "give gasPrice alone, or the two others");
  }
  if (isDynamic) return "eip1559";
  if (fields.has("gasPrice")) return fields.has("accessList") ? "eip2930" : "legacy";
  return fields.refuse("maxFeePerGas", "is missing", "give maxFeePerGas and maxPriorityFeePerGas, or gasPrice alone");
}

function serialized(type: Type, fields: JsonFields): string {
  const gasName = either(fields, "gas", "gasLimit");
  const dataName = either(fields, "data", "input");
  const common = {
    chainId: chainId(fields),
    nonce: fields.quantity("nonce", U64 - 1n),
    to: recipient(fields),
    value: fields.quantity("value", U256, 0n),
    gas: fields.quantity(gasName, U64),
    data: fields.has(dataName) ? fields.hex(dataName) : "0x",
  } as const;
  if (type === "eip1559") {
    const maxFeePerGas = fields.quantity("maxFeePerGas", U256);
    const maxPriorityFeePerGas = fields.quantity("maxPriorityFeePerGas", U256);
    if (maxPriorityFeePerGas > maxFeePerGas) {
      fields.refuse("maxPriorityFeePerGas", "is above maxFeePerGas", "no node takes such a transaction: lower it");
    }
    return TxEnvelopeEip1559.serialize({ ...common, maxFeePerGas, maxPriorityFeePerGas, accessList: list(fields) });
  }
  const gasPrice = fields.quantity("gasPrice", U256);
  if (type === "eip2930") return TxEnvelopeEip2930.serialize({ ...common, gasPrice, accessList: list(fields) });
  return TxEnvelopeLegacy.serialize({ ...common, gasPrice });
}

/** Which of two names of one field the file uses. */
function either(fields: JsonFields, name: string, other: string): string {
  if (fields.has(name) && fields.has(other)) fields.refuse(other, `says ${name} twice`, `leave ${other} out`);
  return fields.has(other) ? other : name;
}

function chainId(fields: JsonFields): number {
  const id = fields.quantity("chainId", BigInt(Number.MAX_SAFE_INTEGER));
  if (id === 0n) fields.refuse("chainId", "is 0", "say which chain: 1 for Ethereum, 31337 for a local Anvil");
  return Number(id);
}

/** `null` creates a contract: that must be said, not forgotten. */
function recipient(fields: JsonFields): `0x${string}` | null {
  if (fields.get("to") === null) return null;
  if (fields.has("to")) return address(fields, "to");
  return fields.refuse("to", "is missing", "an address, or null to create a contract");
}

function address(fields: JsonFields, name: string): `0x${string}` {
  const bytes = fields.hex(name, 20);
  if (bytes === bytes.toLowerCase() || Address.validate(bytes, { strict: true })) return bytes;
  return fields.refuse(name, "has a wrong checksum (EIP-55): a digit may be mistyped", "or give it in lower case");
}

function list(fields: JsonFields): AccessList.AccessList {
  const given = fields.get("accessList") ?? [];
  const hint = 'a list of { "address": "0x...", "storageKeys": ["0x..."] }';
  if (!Array.isArray(given)) return fields.refuse("accessList", "is no list", hint);
  return given.map((entry: unknown, at) => {
    const name = `accessList[${at}]`;
    if (!isRecord(entry)) return fields.refuse(name, "is no object", hint);
    const inside = new JsonFields(FLAG, entry, `${name}.`);
    inside.only(["address", "storageKeys"]);
    const keys = inside.get("storageKeys");
    if (!Array.isArray(keys)) return inside.refuse("storageKeys", "is no list", hint);
    const words = new JsonFields(FLAG, Object.fromEntries(keys.entries()), `${name}.storageKeys.`);
    return { address: address(inside, "address"), storageKeys: keys.map((_, key) => words.hex(String(key), 32)) };
  });
}
