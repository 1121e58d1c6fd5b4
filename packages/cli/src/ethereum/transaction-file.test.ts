import { hex } from "@quorate/orders";
import fc from "fast-check";
import { getAddress, serializeTransaction, type TransactionSerializable } from "viem";
import { describe, expect, it } from "vitest";
import { readTransactionFile } from "./transaction-file.ts";

const TO = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const transfer = {
  chainId: 1,
  nonce: 7,
  to: TO,
  value: "1000000000000000000",
  gas: 21000,
  maxFeePerGas: "30000000000",
  maxPriorityFeePerGas: "1000000000",
};
const { maxFeePerGas: _, maxPriorityFeePerGas: __, ...feeless } = transfer;
const legacy = { ...feeless, gasPrice: "0x1" };

const read = (json: unknown) => `0x${hex(readTransactionFile(json).unsigned)}`;

/** A quantity in one of the ways that JSON may hold it. */
const written = (most: bigint) =>
  fc.bigInt({ min: 0n, max: most }).chain((value) => {
    const ways: (string | number)[] = [value.toString(), `0x${value.toString(16)}`];
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) ways.push(Number(value));
    return fc.constantFrom(...ways).map((text) => ({ value, text }));
  });
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((of) => `0x${hex(of)}` as const);
const data = fc.uint8Array({ maxLength: 100 }).map((of) => `0x${hex(of)}` as const);
const accessList = fc.array(fc.record({ address: bytes(20), storageKeys: fc.array(bytes(32), { maxLength: 3 }) }), {
  maxLength: 3,
});

describe("an unsigned transaction in a file", () => {
  it("is serialised as viem serialises it, whatever its fields and however they are written", () => {
    const common = { chainId: fc.integer({ min: 1, max: 2 ** 31 }), to: fc.option(bytes(20)), data };
    const amounts = { nonce: written(2n ** 40n), value: written(2n ** 100n), gas: written(2n ** 40n) };
    const types = fc.constantFrom("legacy", "eip2930", "eip1559");
    const fields = fc.record({ ...common, ...amounts, gasPrice: written(2n ** 60n), accessList, type: types });
    fc.assert(
      fc.property(fields, ({ chainId, to, data, nonce, value, gas, gasPrice, accessList, type }) => {
        const isDynamic = type === "eip1559";
        const fees = isDynamic ? ["maxFeePerGas", "maxPriorityFeePerGas"] : ["gasPrice"];
        const list = type === "legacy" ? {} : { accessList };
        const file = {
          ...{ type, chainId, to, data, nonce: nonce.text, value: value.text, gas: gas.text, ...list },
          ...Object.fromEntries(fees.map((name) => [name, gasPrice.text])),
        };
        const theirs = {
          ...{ type, chainId, to, data, nonce: Number(nonce.value), value: value.value, gas: gas.value, ...list },
          ...Object.fromEntries(fees.map((name) => [name, gasPrice.value])),
        } as TransactionSerializable;
        expect(read(file)).toBe(serializeTransaction(theirs));
      }),
    );
  });

  it("has the type that its fees say, or the one it names", () => {
    expect(read(transfer)).toMatch(/^0x02/);
    expect(read({ ...legacy, accessList: [] })).toMatch(/^0x01/);
    expect(read(legacy)).toMatch(/^0x[c-f]/);
    for (const type of [1, "0x1", "eip2930"]) expect(read({ ...legacy, type })).toMatch(/^0x01/);
    for (const type of [0, "0x0", "legacy"]) expect(read({ ...legacy, type })).toBe(read(legacy));
  });

  it("may use the names of ethers, and leave out value, data and access list", () => {
    const { gas, value: ___, ...rest } = transfer;
    expect(read({ ...rest, gasLimit: gas, input: "0x" })).toBe(
      read({ ...transfer, value: 0, data: "0x", accessList: [] }),
    );
  });

  it("says who is to send it, if it does", () => {
    expect(readTransactionFile({ ...transfer, from: TO })).toMatchObject({ from: TO });
    expect(readTransactionFile(transfer)).not.toHaveProperty("from");
  });

  const without = (name: string) => Object.fromEntries(Object.entries(transfer).filter(([field]) => field !== name));
  const wrongChecksum = `0x${TO.slice(2).replace("C", "c")}`;

  it.each<[string, unknown]>([
    ["the file holds no JSON object", []],
    ["the file holds no JSON object", null],
    ["chainId is missing", without("chainId")],
    ["chainId is 0", { ...transfer, chainId: 0 }],
    ["nonce is missing", without("nonce")],
    ["nonce is no whole number", { ...transfer, nonce: -1 }],
    ["nonce is 1.5", { ...transfer, nonce: 1.5 }],
    ["nonce is no whole number", { ...transfer, nonce: "1e3" }],
    ["nonce is no whole number", { ...transfer, nonce: "007" }],
    ["nonce is no whole number", { ...transfer, nonce: "0x" }],
    ["nonce is no whole number", { ...transfer, nonce: null }],
    ["nonce is above 18446744073709551614", { ...transfer, nonce: "18446744073709551615" }],
    ["value is 1000000000000000000, which JSON does not hold exactly", { ...transfer, value: 1e18 }],
    ["value is above", { ...transfer, value: (2n ** 256n).toString() }],
    ["to is missing", without("to")],
    ["to is not hex", { ...transfer, to: "vitalik.eth" }],
    ["to has 19 bytes where 20 belong", { ...transfer, to: TO.slice(0, -2) }],
    ["to has a wrong checksum", { ...transfer, to: wrongChecksum }],
    ["gas is missing", without("gas")],
    ["gasLimit says gas twice", { ...transfer, gasLimit: 21000 }],
    ["input says data twice", { ...transfer, data: "0x", input: "0x" }],
    ["data is not hex", { ...transfer, data: "0x123" }],
    ["maxFeePerGas is missing", feeless],
    ["maxPriorityFeePerGas is missing", without("maxPriorityFeePerGas")],
    ["maxPriorityFeePerGas is above maxFeePerGas", { ...transfer, maxPriorityFeePerGas: "30000000001" }],
    ["gasPrice cannot go with maxFeePerGas", { ...transfer, gasPrice: 1 }],
    ["gasPrice is no field of it", { ...transfer, type: 2, gasPrice: 1 }],
    ["accessList is no field of it", { ...legacy, type: "legacy", accessList: [] }],
    ["accessList is no list", { ...transfer, accessList: {} }],
    ["accessList[0] is no object", { ...transfer, accessList: [[TO, []]] }],
    ["accessList[0].storageKeys is no list", { ...transfer, accessList: [{ address: TO }] }],
    ["accessList[0].storageKeys.1 has 1 bytes", { ...transfer, accessList: [list("0x01")] }],
    ["accessList[0].keys is no field", { ...transfer, accessList: [{ ...list(), keys: [] }] }],
    ["type is none that a file can say", { ...transfer, type: 3 }],
    ["type is none that a file can say", { ...transfer, type: "constructor" }],
    ["amount is no field of it", { ...transfer, amount: 1 }],
    ["r stands in signed transactions only", { ...transfer, r: "0x1" }],
    ["from has a wrong checksum", { ...transfer, from: wrongChecksum }],
  ])("is refused where %s", (problem, json) => {
    expect(() => readTransactionFile(json)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining(`--evm-tx: ${problem}`),
        hint: expect.stringMatching(/./),
      }),
    );
  });

  it("is taken with addresses in lower case or with their checksum", () => {
    expect(getAddress(TO)).toBe(TO);
    expect(read({ ...transfer, to: TO.toLowerCase() })).toBe(read(transfer));
  });
});

function list(...more: readonly string[]) {
  return { address: TO, storageKeys: [`0x${"11".repeat(32)}`, ...more] };
}
