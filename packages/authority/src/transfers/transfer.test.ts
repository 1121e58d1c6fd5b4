import { secp256k1 } from "@noble/curves/secp256k1.js";
import { hex, unhex } from "@quorate/orders";
import * as Rlp from "ox/Rlp";
import * as TransactionEnvelopeEip1559 from "ox/TxEnvelopeEip1559";
import { describe, expect, it } from "vitest";
import { evmAddress } from "../ethereum/address.ts";
import { assembleDerived } from "../finish.ts";
import { bodyDigest } from "../log/challenge.ts";
import { ecdsaPair, ed25519Pair } from "../testing/keys.ts";
import {
  deriveTransfer,
  digestsFor,
  encodeSigningRequest,
  filledFor,
  intentOf,
  readSigningRequest,
} from "./digests.ts";
import { isOpen } from "./open.ts";

const pair = ecdsaPair(7);
const { key } = pair;
const wallet = {
  ...{ id: "wa-1", network: "EthereumSepolia", key: "key-1", name: null, externalId: null, tags: [] },
  ...{ archivedAt: null, created: 0 },
};
const settings = { maxNetworkFee: "50000000000000000" };
const TO = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const native = { kind: "Native", to: TO, amount: "1000" };
const erc20 = { kind: "Erc20", contract: CONTRACT, to: TO, amount: "1000" };
const filling = { nonce: 3n, gas: 21_000n, maxFeePerGas: 30_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
const filled = (body: Record<string, unknown>, form: "transfer" | "transaction" = "transfer") =>
  filledFor(form, body, wallet, key, filling)!;
const read = (bytes: Uint8Array) => TransactionEnvelopeEip1559.deserialize(`0x02${hex(bytes.subarray(1))}`);

/** The same transaction with one of its nine fields another. */
function changed(bytes: Uint8Array, at: number, item: Uint8Array | readonly never[]): Uint8Array {
  const items = [...(Rlp.toBytes(bytes.subarray(1)) as unknown[])];
  items[at] = item;
  return new Uint8Array(Buffer.concat([Uint8Array.of(2), Rlp.fromBytes(items as Uint8Array[])]));
}

describe("a transfer", () => {
  it("becomes the EIP-1559 transaction that another library reads as that transfer, and its signature recovers the wallet", () => {
    const bytes = filled(native);
    expect(read(bytes)).toMatchObject({
      chainId: 11_155_111,
      nonce: 3n,
      gas: 21_000n,
      value: 1000n,
      to: TO.toLowerCase(),
    });
    const derived = deriveTransfer(native, bytes, wallet, key, settings);
    const signature = pair.sign(derived.items[0]!.message);
    const { signedData } = assembleDerived(derived, key, [signature]);
    const envelope = TransactionEnvelopeEip1559.deserialize(signedData as `0x02${string}`);
    const unsigned = unhex(TransactionEnvelopeEip1559.getSignPayload(envelope).slice(2));
    expect(unsigned).toEqual(derived.items[0]!.message);
    const recovered = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact")
      .addRecoveryBit(signature[64]!)
      .recoverPublicKey(unsigned)
      .toBytes(true);
    expect(evmAddress(recovered)).toBe(evmAddress(key.publicKey));
  });

  it("of a token calls the token's contract with recipient and amount, and sends nothing besides", () => {
    const { to, data, value } = read(filled(erc20));
    expect({ to, data, value: value ?? 0n }).toEqual({
      to: CONTRACT.toLowerCase(),
      value: 0n,
      data: `0xa9059cbb${TO.slice(2).toLowerCase().padStart(64, "0")}${(1000).toString(16).padStart(64, "0")}`,
    });
  });

  it("of one piece (ERC-721) takes it from the wallet's own address", () => {
    const { data } = read(filled({ kind: "Erc721", contract: CONTRACT, to: TO, tokenId: "5" }));
    expect(data).toContain(evmAddress(key.publicKey).slice(2).toLowerCase());
  });

  it.each<[string, string, (bytes: Uint8Array) => Uint8Array]>([
    ["another recipient", "another address", (bytes) => changed(bytes, 5, unhex("11".repeat(20)))],
    ["another value", "has value 1001, the user signed 1000", (bytes) => changed(bytes, 6, unhex("03e9"))],
    ["another chain", "has chainId 1, the user signed 11155111", (bytes) => changed(bytes, 0, unhex("01"))],
    ["data that nobody signed", "other data", (bytes) => changed(bytes, 7, unhex("a9059cbb"))],
    ["no recipient, which creates a contract", "another address", (bytes) => changed(bytes, 5, new Uint8Array())],
    [
      "fees above what the organisation pays",
      "at most 50000000000000000",
      (bytes) => changed(bytes, 3, unhex("ff".repeat(8))),
    ],
    [
      "gas that lets the fees pass the bound",
      "at most 50000000000000000",
      (bytes) => changed(bytes, 4, unhex("ffffffff")),
    ],
    ["bytes that are no transaction", "no list of fields", () => unhex("0200")],
  ])("filled in with %s is refused", (_, message, change) => {
    expect(() => deriveTransfer(native, change(filled(native)), wallet, key, settings)).toThrow(message);
  });

  it("filled in with an access list is refused", () => {
    const listed = changed(filled(native), 8, [[unhex("22".repeat(20)), []]] as unknown as readonly never[]);
    expect(() => deriveTransfer(native, listed, wallet, key, settings)).toThrow("access list");
  });

  it("filled in as a legacy transaction is refused", () => {
    const items = [3, 9, 9].map((byte) => Uint8Array.of(byte));
    const tail = [unhex("aa36a7"), new Uint8Array(), new Uint8Array()];
    const legacy = Rlp.fromBytes([
      ...items,
      unhex(TO.slice(2).toLowerCase()),
      unhex("03e8"),
      new Uint8Array(),
      ...tail,
    ]);
    expect(() => deriveTransfer(native, legacy, wallet, key, settings)).toThrow("type 2");
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["amount", "below zero", { amount: "-1" }],
    ["amount", "that is a number, which would lose digits", { amount: 1e21 }],
    ["to", "with a wrong checksum", { to: TO.replace("C5", "c5") }],
    ["to", "that is a name", { to: "vitalik.eth" }],
    ["memo", "which no EVM chain has", { memo: "thanks" }],
    ["kind", "that does not exist", { kind: "Teleport" }],
  ])("with %s %s is refused, naming it", (field, _, change) => {
    expect(() => filled({ ...native, ...change })).toThrow(field);
  });

  it("on a network whose transactions nobody fills in is refused, with the way out", () => {
    const solana = { ...wallet, network: "SolanaDevnet" };
    expect(() => intentOf("transfer", native, solana, ed25519Pair().key)).toThrow("filled in for SolanaDevnet");
  });
});

describe("a transaction that its user leaves open", () => {
  const transaction = { to: TO, value: "7", data: "0xabcdef", gasLimit: 50_000 };
  const body = { kind: "Transaction", transaction };

  it("keeps every field that the user fixed, whatever is filled in", () => {
    expect(read(filled(body, "transaction"))).toMatchObject({ value: 7n, data: "0xabcdef", gas: 50_000n, nonce: 3n });
  });

  it("filled in against a fixed field is refused", () => {
    const bytes = changed(filled(body, "transaction"), 4, unhex("c351"));
    const request = encodeSigningRequest("transaction", { body, transaction: bytes });
    const permitted = { form: "transaction", wallet, bodyDigest: bodyDigest(body), filled: `0x${hex(bytes)}` } as const;
    expect(() => digestsFor(permitted, request, key, settings)).toThrow("gasLimit 50001, the user signed 50000");
  });

  it("is not held to the organisation's bound where the user fixed gas and fee", () => {
    const dear = { ...transaction, maxFeePerGas: "0xffffffffffffffff", maxPriorityFeePerGas: 1 };
    const own = { kind: "Transaction", transaction: dear };
    const bytes = filled(own, "transaction");
    const request = encodeSigningRequest("transaction", { body: own, transaction: bytes });
    const permitted = { form: "transaction", wallet, bodyDigest: bodyDigest(own), filled: `0x${hex(bytes)}` } as const;
    expect(digestsFor(permitted, request, key, settings).items).toHaveLength(1);
  });
});

describe("the request of a signing order", () => {
  const message = { kind: "Message", message: "0x00" };
  const permitted = (
    body: Record<string, unknown>,
    form: "signature" | "transfer" | "transaction",
    transaction: Uint8Array | null = null,
  ) => {
    return { form, wallet, bodyDigest: bodyDigest(body), filled: transaction && `0x${hex(transaction)}` };
  };

  it("says the same to whoever reads it, in all three forms", () => {
    for (const [form, body, transaction] of [
      ["signature", message, null],
      ["transfer", native, filled(native)],
      ["transaction", { kind: "Transaction", transaction: `0x${hex(filled(native))}` }, null],
    ] as const) {
      const bytes = encodeSigningRequest(form, { body, transaction });
      expect(readSigningRequest(form, bytes)).toEqual({ body, transaction });
      expect(digestsFor(permitted(body, form, transaction), bytes, key, settings).items).toHaveLength(1);
    }
  });

  it("takes the chain from the wallet, so that a message is one of Ethereum", () => {
    const bytes = encodeSigningRequest("signature", { body: message, transaction: null });
    expect(digestsFor(permitted(message, "signature"), bytes, key, settings).encoding).toBe("evm");
  });

  it("for another chain than the wallet's is refused", () => {
    const other = { ...message, network: "SolanaDevnet" };
    const bytes = encodeSigningRequest("signature", { body: other, transaction: null });
    expect(() => digestsFor(permitted(other, "signature"), bytes, key, settings)).toThrow("on EthereumSepolia");
  });

  it("with another body than the user signed is refused", () => {
    const bytes = encodeSigningRequest("transfer", {
      body: { ...native, amount: "1001" },
      transaction: filled(native),
    });
    expect(() => digestsFor(permitted(native, "transfer"), bytes, key, settings)).toThrow(
      "not the one that was signed",
    );
  });

  it("that leaves something open is signed only as it was admitted to the log: with that transaction, and with none other", () => {
    const other = filledFor("transfer", native, wallet, key, { ...filling, nonce: 4n })!;
    const request = (transaction: Uint8Array | null) => encodeSigningRequest("transfer", { body: native, transaction });
    const admitted = permitted(native, "transfer", filled(native));
    expect(digestsFor(admitted, request(filled(native)), key, settings).items).toHaveLength(1);
    for (const transaction of [other, null]) {
      expect(() => digestsFor(admitted, request(transaction), key, settings)).toThrow("not the one that was admitted");
    }
    const inline = permitted(native, "transfer");
    expect(() => digestsFor(inline, request(other), key, settings)).toThrow(
      expect.objectContaining({ code: "must_be_admitted" }),
    );
  });

  it("that names nonce, gas and fees is the one transaction of its user, and is signed without the log", () => {
    const fixed = { to: TO, nonce: 1, gasLimit: 21_000, maxFeePerGas: "9", maxPriorityFeePerGas: "1" };
    const body = { kind: "Transaction", transaction: fixed };
    const request = encodeSigningRequest("transaction", { body, transaction: filled(body, "transaction") });
    expect(digestsFor(permitted(body, "transaction"), request, key, settings).items).toHaveLength(1);
    for (const name of Object.keys(fixed).slice(1)) {
      const open = { kind: "Transaction", transaction: { ...fixed, [name]: undefined } };
      expect(isOpen("transaction", open)).toBe(true);
    }
  });

  it.each<[string, string, "signature" | "transfer" | "transaction", unknown]>([
    [
      "without the transaction that a transfer needs",
      "admitted to the log first",
      "transfer",
      { request: native, transaction: null },
    ],
    [
      "with a transaction beside a body that says everything",
      "was filled in",
      "transaction",
      { request: { kind: "Transaction", transaction: "0x02c0" }, transaction: "0x02c0" },
    ],
    ["with members besides", "besides request", "transfer", { request: native, transaction: null, note: 1 }],
    ["in upper-case hex", "lower-case hex", "transfer", { request: native, transaction: "0xAB" }],
    ["that is no object", "is not an object", "signature", []],
  ])("%s is refused", (_, message, form, request) => {
    const bytes = new TextEncoder().encode(JSON.stringify(request));
    const body = form === "transaction" ? { kind: "Transaction", transaction: "0x02c0" } : native;
    expect(() => digestsFor(permitted(body, form), bytes, key, settings)).toThrow(message);
  });
});
