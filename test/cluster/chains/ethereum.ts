import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Address,
  concat,
  createPublicClient,
  createTestClient,
  type Hex,
  hashTypedData,
  http,
  numberToHex,
  pad,
  parseEther,
  parseGwei,
  recoverMessageAddress,
  type Signature,
  serializeTransaction,
  slice,
} from "viem";
import { foundry } from "viem/chains";
import { describe, expect, it } from "vitest";
import { cluster, ethereum } from "./started.ts";

const MINUTES = 60_000;
const RECIPIENT: Address = "0x00000000000000000000000000000000000A11cE";
const FUNDS = parseEther("10");

const node = () => createPublicClient({ chain: foundry, transport: http(ethereum().url), pollingInterval: 100 });

interface Shown {
  readonly id: string;
  readonly addresses: { readonly evm: Address };
  readonly derivedFrom?: { readonly path: string };
}

interface Answer {
  readonly status: string;
  readonly signature: Signature & { readonly encoded: Hex; readonly recid: number };
  readonly signedData: Hex;
  readonly _quorate: { readonly attempts: readonly { readonly form: string }[] };
}

/** Has a key sign with presignatures that lie ready. @throws Error unless it does so in one round trip */
async function signFromPool(key: Shown, body: Record<string, unknown>): Promise<Answer> {
  await cluster().json("presign", "fill", key.id, "--count", "2");
  const { status, body: answer } = await cluster().call("POST", `/keys/${key.id}/signatures`, body);
  if (status !== 200) throw new Error(JSON.stringify(answer));
  const signed = answer as unknown as Answer;
  expect(signed._quorate.attempts.map(({ form }) => form)).toEqual(["one-round"]);
  return signed;
}

/** The next transfer of this much that an address can send, unsigned, as JSON may hold it. */
async function transfer(from: Address, value: bigint) {
  const nonce = await node().getTransactionCount({ address: from });
  return {
    type: "eip1559",
    ...{ chainId: foundry.id, nonce, to: RECIPIENT, value: value.toString(), gas: 21_000 },
    ...{ maxFeePerGas: parseGwei("30").toString(), maxPriorityFeePerGas: parseGwei("1").toString() },
  } as const;
}

function serialised(fields: Awaited<ReturnType<typeof transfer>>): Hex {
  const { value, maxFeePerGas, maxPriorityFeePerGas, ...rest } = fields;
  const amounts = { value: BigInt(value), maxFeePerGas: BigInt(maxFeePerGas) };
  return serializeTransaction({
    ...rest,
    ...amounts,
    gas: 21_000n,
    maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas),
  });
}

/** Gives an address funds out of nothing. */
async function fund(address: Address): Promise<void> {
  const chain = createTestClient({ chain: foundry, mode: "anvil", transport: http(ethereum().url) });
  await chain.setBalance({ address, value: FUNDS });
}

/** Sends a raw transaction, and demands that it is mined and moves `value` from `from`. */
async function expectMined(serializedTransaction: Hex, from: Address, value: bigint): Promise<Hex> {
  const before = await node().getBalance({ address: RECIPIENT });
  const hash = await node().sendRawTransaction({ serializedTransaction });
  const receipt = await node().waitForTransactionReceipt({ hash });
  expect(receipt).toMatchObject({ status: "success", from: from.toLowerCase(), to: RECIPIENT.toLowerCase() });
  expect((await node().getBalance({ address: RECIPIENT })) - before).toBe(value);
  const spent = value + receipt.gasUsed * receipt.effectiveGasPrice;
  expect(await node().getBalance({ address: from })).toBe(FUNDS - spent);
  return hash;
}

/** The precompiled contract that recovers who signed a digest. */
async function ecrecover(digest: Hex, signature: Hex): Promise<Hex> {
  const v = pad(slice(signature, 64, 65), { size: 32 });
  const data = concat([digest, v, slice(signature, 0, 64)]);
  const { data: recovered = "0x" } = await node().call({ to: numberToHex(1, { size: 20 }), data });
  return slice(recovered, 12);
}

describe("a value transfer that three of five signers signed from the pool", () => {
  it(
    "is mined by an unmodified Ethereum node, with the receipt and the balances that follow",
    async () => {
      const key = await cluster().json<Shown>("keys", "show", "payer");
      const from = key.addresses.evm;
      await fund(from);
      const value = parseEther("1.5");
      const transaction = serialised(await transfer(from, value));
      const { signedData } = await signFromPool(key, { kind: "Transaction", blockchainKind: "Evm", transaction });
      await expectMined(signedData, from, value);
    },
    4 * MINUTES,
  );

  it(
    "is mined as well from a child of the key, which has an address of its own",
    async () => {
      const parent = await cluster().json<Shown>("keys", "show", "payer");
      const child = await cluster().json<Shown>("keys", "derive", "payer", "--path", "m/44/60/7", "--name", "child");
      expect(child.derivedFrom?.path).toBe("m/44/60/7");
      const from = child.addresses.evm;
      expect(from).not.toBe(parent.addresses.evm);
      await fund(from);
      const value = parseEther("0.25");
      const transaction = serialised(await transfer(from, value));
      const { signedData } = await signFromPool(child, { kind: "Transaction", blockchainKind: "Evm", transaction });
      await expectMined(signedData, from, value);
    },
    4 * MINUTES,
  );
});

describe("what quorate sign makes of files", () => {
  it(
    "is mined, under the hash that it printed, for a transaction in JSON",
    async () => {
      const { addresses } = await cluster().json<Shown>("keys", "show", "payer");
      const from = addresses.evm;
      await fund(from);
      const value = parseEther("0.125");
      const [file, out] = [join(cluster().dir, "transfer.json"), join(cluster().dir, "signed.hex")];
      writeFileSync(file, JSON.stringify({ ...(await transfer(from, value)), from }));
      const signed = await cluster().json<{ hash: Hex; from: Address }>(
        "sign",
        "payer",
        "--evm-tx",
        file,
        "--out",
        out,
      );
      expect(signed.from).toBe(from);
      const raw = readFileSync(out, "utf8").trim() as Hex;
      expect(await expectMined(raw, from, value)).toBe(signed.hash);
      expect(await cluster().json("verify", "--evm-tx", out, "--key", "payer")).toMatchObject({ valid: true });
    },
    4 * MINUTES,
  );

  it(
    "is accepted by ecrecover on the node for typed data, and for a personal message by viem",
    async () => {
      const { addresses } = await cluster().json<Shown>("keys", "show", "payer");
      const order = {
        types: {
          Order: [
            { name: "maker", type: "address" },
            { name: "amount", type: "uint256" },
          ],
        },
        domain: { name: "Exchange", version: "1", chainId: foundry.id, verifyingContract: RECIPIENT },
        primaryType: "Order",
      } as const;
      const file = join(cluster().dir, "order.json");
      writeFileSync(file, JSON.stringify({ ...order, message: { maker: addresses.evm, amount: "1000000" } }));
      const typed = await cluster().json<{ signatures: [Hex] }>("sign", "payer", "--eip712", file);
      const digest = hashTypedData({ ...order, message: { maker: addresses.evm, amount: 1_000_000n } });
      expect(await ecrecover(digest, typed.signatures[0])).toBe(addresses.evm.toLowerCase());

      const personal = await cluster().json<{ signatures: [Hex] }>("sign", "payer", "--message", "hello");
      expect(await recoverMessageAddress({ message: "hello", signature: personal.signatures[0] })).toBe(addresses.evm);
    },
    4 * MINUTES,
  );

  it(
    "takes all four rounds for a raw digest, whether or not presignatures lie ready, and says so",
    async () => {
      const { id } = await cluster().json<Shown>("keys", "show", "payer");
      await cluster().json("presign", "fill", id, "--count", "2");
      const { stdout, code } = await cluster().run("sign", "payer", "--hash", "11".repeat(32));
      expect(code).toBe(0);
      expect(stdout).toMatch(/in four rounds.*no presignature: with a nonce point known beforehand/s);
    },
    4 * MINUTES,
  );
});
