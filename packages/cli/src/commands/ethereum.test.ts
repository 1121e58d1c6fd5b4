import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addresses } from "@quorate/authority";
import { unhex } from "@quorate/orders";
import { p2wpkh, Transaction } from "@scure/btc-signer";
import type { Command } from "commander";
import {
  type Hex,
  keccak256,
  parseTransaction,
  recoverMessageAddress,
  recoverTransactionAddress,
  recoverTypedDataAddress,
} from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient } from "../api-client.ts";
import { verifyingKey } from "../key-lookup.ts";
import { captured } from "../testing/captured.ts";
import { type OneKeyNetwork, oneKeyNetwork, TOKEN } from "../testing/one-key-network.ts";
import { registerPresign } from "./presign.ts";
import { registerSign } from "./sign.ts";
import { registerVerify } from "./verify.ts";

const dir = mkdtempSync(join(tmpdir(), "quorate-ethereum-"));
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(dir, name);
  writeFileSync(path, typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
}

const to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const transfer = {
  ...{ chainId: 31337, nonce: 0, to, value: "1000000000000000000", gas: 21000 },
  ...{ maxFeePerGas: "30000000000", maxPriorityFeePerGas: "1000000000" },
};
const order = {
  types: {
    Order: [
      { name: "maker", type: "address" as const },
      { name: "amount", type: "uint256" as const },
    ],
  },
  domain: { name: "Exchange", version: "1", chainId: 1 },
  primaryType: "Order" as const,
  message: { maker: to, amount: "25" },
};

let network: OneKeyNetwork;
let client: ApiClient;
let address: string;
let publicKey: string;

const quorate = (...argv: readonly string[]) =>
  captured(
    (program: Command) => {
      const context = { connect: async () => client };
      registerSign(program, context);
      registerVerify(program, context);
      registerPresign(program, context);
    },
    ...argv,
  );

/** Runs a command that must succeed. @returns its JSON */
async function json<T>(...argv: readonly string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await quorate(...argv, "--json");
  if (exitCode !== 0) throw new Error(stdout + stderr);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  network = await oneKeyNetwork();
  client = new ApiClient({ url: network.url, token: TOKEN });
  const key = await client.createKey({ scheme: "ECDSA", curve: "secp256k1", name: "payer" });
  await client.createKey({ scheme: "ECDSA", curve: "secp256r1", name: "badge" });
  await client.createKey({ scheme: "EdDSA", curve: "ed25519", name: "other" });
  publicKey = key.publicKey;
  address = addresses(verifyingKey(key)).evm!;
});
afterAll(() => network.close());

interface Signed {
  readonly signatures: readonly Hex[];
  readonly signedData: Hex;
  readonly hash: Hex;
  readonly from: string;
}

describe("quorate sign --evm-tx", () => {
  it("prints and writes a raw transaction that viem reads, of the key's address, with its hash", async () => {
    const out = join(dir, "signed.hex");
    const { signedData, hash, from } = await json<Signed>(
      "sign",
      "payer",
      "--evm-tx",
      file("tx.json", transfer),
      "--out",
      out,
    );
    expect(readFileSync(out, "utf8")).toBe(`${signedData}\n`);
    expect(hash).toBe(keccak256(signedData));
    expect(from).toBe(address);
    expect(await recoverTransactionAddress({ serializedTransaction: signedData as `0x02${string}` })).toBe(address);
    expect(parseTransaction(signedData)).toMatchObject({ chainId: 31337, value: 10n ** 18n, nonce: 0, gas: 21000n });
    const verified = await json("verify", "--evm-tx", out, "--key", "payer");
    expect(verified).toMatchObject({ valid: true, sender: address, hash, value: "1000000000000000000" });
    const other = await quorate("verify", "--evm-tx", out, "--address", to);
    expect(other).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/^NOT VALID\n.*not 0x7099/) });
  });

  it("tells a person who sends it and under which hash the chain will know it", async () => {
    const { stdout } = await quorate("sign", "payer", "--evm-tx", file("tx.json", transfer));
    expect(stdout).toMatch(new RegExp(`\\n {2}from +${address}\\n {2}hash +0x[0-9a-f]{64}\\n {2}signed +0x02f8`));
  });

  it("takes the hex of a serialised transaction as well", async () => {
    const unsigned = "0x02e1827a698001028252089411111111111111111111111111111111111111110180c0";
    const { signedData } = await json<Signed>("sign", "payer", "--evm-tx", file("tx.hex", unsigned));
    expect(parseTransaction(signedData)).toMatchObject({ to: `0x${"11".repeat(20)}`, maxFeePerGas: 2n });
  });

  it.each<[string, unknown, string]>([
    ["--evm-tx: nonce is missing", { ...transfer, nonce: undefined }, "payer"],
    [
      "--evm-tx: from is 0x70997970C51812dc3A010C7d01b50e0d17dc79C8, and this key is",
      { ...transfer, from: to },
      "payer",
    ],
    ["tx.json is no JSON", "{nonce: 1}", "payer"],
    ["--evm-tx: is not RLP", "0x02e1", "payer"],
    ["--evm-tx: carries a signature", `0xc9${"80".repeat(6)}010101`, "payer"],
    ["--evm-tx: a key of suite ecdsa-p256", transfer, "badge"],
    ["--evm-tx: ", transfer, "other"],
  ])("refuses with %s", async (problem, content, key) => {
    const run = await quorate("sign", key, "--evm-tx", file("tx.json", content));
    expect(run).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(problem) });
  });
});

describe("quorate sign --message with an ECDSA key", () => {
  it("makes the 65 bytes of personal_sign, from which viem recovers the address", async () => {
    const { signatures } = await json<Signed>("sign", "payer", "--message", "hello");
    expect(signatures[0]).toMatch(/^0x[0-9a-f]{128}1[bc]$/);
    expect(await recoverMessageAddress({ message: "hello", signature: signatures[0]! })).toBe(address);
    const given = ["--message", "hello", "--signature", signatures[0]!];
    expect(await json("verify", "--key", "payer", ...given)).toMatchObject({ valid: true, address });
    expect(await json("verify", "--address", address.toLowerCase(), ...given)).toMatchObject({ recovered: address });
    expect((await quorate("verify", "--address", to, ...given)).exitCode).toBe(3);
    expect((await quorate("verify", "--address", address, ...given, "--message", "hallo")).exitCode).toBe(3);
  });

  it("is refused with P-256, of which no chain takes messages", async () => {
    const run = await quorate("sign", "badge", "--message", "hello");
    expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--message: a key of suite ecdsa-p256") });
  });
});

describe("quorate sign --eip712", () => {
  it("signs typed data, from which viem recovers the address", async () => {
    const path = file("order.json", order);
    const { signatures } = await json<Signed>("sign", "payer", "--eip712", path);
    const message = { maker: to, amount: 25n } as const;
    expect(await recoverTypedDataAddress({ ...order, message, signature: signatures[0]! })).toBe(address);
    const given = ["--eip712", path, "--signature", signatures[0]!];
    expect(await json("verify", "--address", address, ...given)).toMatchObject({ valid: true });
    const other = file("other.json", { ...order, message: { ...order.message, amount: 26 } });
    expect((await quorate("verify", "--key", "payer", "--eip712", other, ...given.slice(2))).exitCode).toBe(3);
  });

  it.each<[string, unknown]>([
    ["--eip712: the file holds no JSON object", []],
    ["--eip712: kind is no field of typed data", { ...order, kind: "Hash" }],
    ["--eip712: message.amount: is missing", { ...order, message: { maker: to } }],
    ["--eip712: message.extra: is not in types", { ...order, message: { ...order.message, extra: 1 } }],
  ])("refuses with %s", async (problem, content) => {
    const run = await quorate("sign", "payer", "--eip712", file("typed.json", content));
    expect(run).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(problem) });
  });
});

describe("quorate sign --hash with an ECDSA key", () => {
  const digest = createHash("sha256").update("hello").digest("hex");

  it.each(["payer", "badge"])(
    "signs the bytes as they are, with %s, and says why that takes four rounds",
    async (key) => {
      const { stdout } = await quorate("sign", key, "--hash", digest);
      expect(stdout).toContain(
        "with a nonce point known beforehand, whoever chooses the digest gets a second signature",
      );
      const { signatures } = await json<Signed>("sign", key, "--hash", digest);
      expect(signatures[0]).toMatch(/^[0-9a-f]{128}0[01]$/);
      for (const signature of [signatures[0]!, signatures[0]!.slice(0, 128)]) {
        const given = ["--key", key, "--hash", digest, "--signature", signature];
        expect(await json("verify", ...given)).toMatchObject({ valid: true });
        expect((await quorate("verify", ...given, "--hash", "00".repeat(32))).exitCode).toBe(3);
      }
    },
  );

  it("on P-256 is ES256 of what was hashed: OpenSSL says so", async () => {
    const { signatures } = await json<Signed>("sign", "badge", "--hash", digest);
    const given = ["--key", "badge", "--message", "hello", "--signature", signatures[0]!];
    expect(await json("verify", ...given)).toMatchObject({ valid: true, by: "OpenSSL, as ES256" });
  });

  it("is explained in the help of sign", async () => {
    const { stdout } = await quorate("sign", "--help");
    expect(stdout).toMatch(/--hash with an ECDSA key takes four rounds.*second signature/s);
  });
});

describe("quorate sign --psbt with an ECDSA key", () => {
  it("signs P2WPKH inputs, which bitcoinjs-lib and libsecp256k1 find valid", async () => {
    const psbt = new Transaction();
    const witnessUtxo = { script: p2wpkh(unhex(publicKey)).script, amount: 50_000n };
    psbt.addInput({ txid: new Uint8Array(32).fill(1), index: 0, witnessUtxo });
    psbt.addOutput({ script: witnessUtxo.script, amount: 49_000n });
    const path = file("spend.psbt", Buffer.from(psbt.toPSBT()).toString("base64"));
    const [out, final] = [join(dir, "signed.psbt"), join(dir, "final.hex")];
    await json("sign", "payer", "--psbt", path, "--out", out, "--out-tx", final);
    expect(await json("verify", "--psbt", path, "--bitcoin-tx", final)).toMatchObject({
      valid: true,
      inputs: [{ input: 0, verdict: "valid" }],
    });
    expect((await quorate("verify", "--psbt", out)).exitCode).toBe(0);
    const hex = readFileSync(final, "utf8").trim();
    const at = hex.indexOf("3044") + 20;
    const damaged = `${hex.slice(0, at)}${hex[at] === "0" ? "1" : "0"}${hex.slice(at + 1)}`;
    expect((await quorate("verify", "--psbt", path, "--bitcoin-tx", file("damaged", damaged))).exitCode).toBe(3);
  });
});

describe("quorate verify", () => {
  const hash = ["--hash", "00".repeat(32)];
  it.each<[string, readonly string[]]>([
    ["--address: is no address", ["--address", "me", ...hash, "--signature", "00".repeat(65)]],
    ["--address: has a wrong checksum", ["--address", to.replace("C5", "c5"), ...hash, "--signature", "00".repeat(65)]],
    ["--signature: 64 bytes where 65 belong", ["--address", to, ...hash, "--signature", "00".repeat(64)]],
    ["--signature: ends in 29", ["--address", to, ...hash, "--signature", `${"00".repeat(64)}1d`]],
    ["--address: cannot go with --key", ["--address", to, "--key", "payer", ...hash, "--signature", "00".repeat(65)]],
    ["--signature: a transaction carries", ["--evm-tx", "x", "--signature", "00"]],
    [
      "--evm-tx: cannot be read",
      ["--evm-tx", file("unsigned", "0x02e1827a698001028252089411111111111111111111111111111111111111110180c0")],
    ],
    ["--key: has no address on Ethereum", ["--evm-tx", join(dir, "signed.hex"), "--key", "other"]],
    [
      "--curve: secp256r1 does not go with EdDSA",
      ["--public-key", "00", "--scheme", "EdDSA", "--curve", "secp256r1", ...hash, "--signature", "00".repeat(64)],
    ],
  ])("refuses with %s", async (problem, argv) => {
    expect(await quorate("verify", ...argv)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(problem) });
  });
});

describe("quorate presign", () => {
  it("fills, shows and drops the presignatures of a key", async () => {
    expect(await json("presign", "status")).toMatchObject({ pools: [] });
    const filled = await json<{ pools: { keyId: string }[] }>("presign", "fill", "payer", "--count", "5");
    expect(filled).toMatchObject({ pools: [{ ready: 5, signers: ["virginia"] }] });
    const { stdout } = await quorate("presign", "status", "payer");
    expect(stdout).toMatch(/^key +path +signers +ready +kept +in the making\npayer +m +virginia +5 +5 +0\n/);
    expect(stdout).toContain("9 made, 1 used, 0 burnt by failed attempts, 0 orphaned");
    expect(await json("presign", "drop", "payer")).toMatchObject({ dropped: 5, pools: [] });
  });
});
