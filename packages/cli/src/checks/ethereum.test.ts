import { hex, unhex } from "@quorate/orders";
import { keccak256, parseTransaction, type TransactionSerializable } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, it } from "vitest";
import { ecdsaKey } from "../testing/one-key-network.ts";
import { addressOf, readSignedTransaction } from "./ethereum.ts";

const account = privateKeyToAccount(`0x${"07".repeat(32)}`);
const to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const common = { chainId: 5, nonce: 3, to, value: 12n, gas: 21_000n } as const;
const fees = { maxFeePerGas: 3n, maxPriorityFeePerGas: 2n };
const blobs = { blobVersionedHashes: [`0x01${"11".repeat(31)}`], maxFeePerBlobGas: 1n, sidecars: false } as const;

const transactions: readonly TransactionSerializable[] = [
  { type: "legacy", ...common, gasPrice: 1n },
  { type: "eip2930", ...common, gasPrice: 1n, accessList: [{ address: to, storageKeys: [`0x${"22".repeat(32)}`] }] },
  { type: "eip1559", ...common, ...fees, data: "0x1234" },
  { type: "eip1559", ...common, ...fees, nonce: 0, value: 0n, to: null, data: "0x60" },
  { type: "eip4844", ...common, ...fees, ...blobs },
];

describe.each(transactions)("a transaction that viem signed: $type, $data", (transaction) => {
  it("is read: who sent it, under which hash, and what was signed", async () => {
    const raw = await account.signTransaction(transaction);
    const signed = readSignedTransaction(unhex(raw.slice(2)));
    expect(signed).toMatchObject({
      sender: account.address,
      hash: keccak256(raw),
      chainId: 5,
      to: transaction.to ?? null,
      value: transaction.value,
      nonce: BigInt(transaction.nonce!),
    });
    expect(parseTransaction(`0x${hex(signed.unsigned)}`)).toEqual(
      parseTransaction((await import("viem")).serializeTransaction(transaction)),
    );
  });

  it("with any byte of its signature or content changed has another sender, or cannot be read", async () => {
    const raw = unhex((await account.signTransaction(transaction)).slice(2));
    for (let at = 0; at < raw.length; at += 5) {
      const changed = raw.with(at, raw[at]! ^ 1);
      let sender: string | undefined;
      try {
        ({ sender } = readSignedTransaction(changed));
      } catch {}
      expect(sender).not.toBe(account.address);
    }
  });
});

it("what is no signed transaction is refused", async () => {
  const [legacy] = transactions;
  const { serializeTransaction } = await import("viem");
  const raw = await account.signTransaction(transactions[2]!);
  const zeroNonce = await account.signTransaction(transactions[3]!);
  const leadingZero = zeroNonce.replace(/^(0x02f8..05)80/, "$100");
  expect(leadingZero).not.toBe(zeroNonce);
  const { chainId: _, ...chainless } = legacy as typeof common & { type: "legacy"; gasPrice: bigint };
  for (const wrong of [
    serializeTransaction(legacy!),
    serializeTransaction(transactions[2]!),
    `${raw}00`,
    raw.slice(0, -2),
    "0x",
    "0x05c0",
    leadingZero,
    await account.signTransaction(chainless),
  ]) {
    expect(() => readSignedTransaction(unhex(wrong.slice(2)))).toThrow();
  }
});

it("an address is that of the key, with the checksum of EIP-55", () => {
  expect(addressOf(ecdsaKey(7).facts.publicKey)).toBe(account.address);
});
