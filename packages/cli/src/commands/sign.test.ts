import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addresses } from "@quorate/authority";
import { unhex } from "@quorate/orders";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiClient } from "../api-client.ts";
import { spendPsbt } from "../demonstration/bitcoin.ts";
import { Ledger, RECIPIENT, transferTransaction } from "../demonstration/solana.ts";
import { verifyingKey } from "../key-lookup.ts";
import { captured } from "../testing/captured.ts";
import { type OneKeyNetwork, oneKeyNetwork, TOKEN } from "../testing/one-key-network.ts";
import { registerKeys } from "./keys.ts";
import { registerPresign } from "./presign.ts";
import { registerSign } from "./sign.ts";
import { registerVerify } from "./verify.ts";

const dir = mkdtempSync(join(tmpdir(), "quorate-sign-"));
afterAll(() => rmSync(dir, { recursive: true }));
const path = (name: string) => join(dir, name);
const read = (name: string) => readFileSync(path(name), "utf8");

/** The commands against keys held whole, in place of a network's. */
describe("quorate sign", () => {
  let network: OneKeyNetwork;
  let client: ApiClient;
  const quorate = (...argv: readonly string[]) =>
    captured(
      (program: Command) => {
        const context = { connect: async () => client };
        registerKeys(program, context);
        registerSign(program, context);
        registerVerify(program, context);
        registerPresign(program, context);
      },
      ...argv,
    );

  beforeAll(async () => {
    network = await oneKeyNetwork();
    client = new ApiClient({ url: network.url, token: TOKEN });
    await client.createKey({ scheme: "EdDSA", curve: "ed25519", name: "one" });
    await client.createKey({ scheme: "Schnorr", curve: "secp256k1", name: "two" });
    await client.createKey({ scheme: "ECDSA", curve: "secp256k1", name: "three" });
    await client.createKey({ scheme: "ECDSA", curve: "secp256r1", name: "four" });
    for (const _ of [1, 2]) await client.createKey({ scheme: "EdDSA", curve: "ed25519", name: "twice" });
  });
  afterAll(() => network.close());

  it("signs a message, and verify finds it valid by name and by public key", async () => {
    const signed = await quorate("sign", "one", "--message", "hello", "--json");
    expect(signed.exitCode).toBe(0);
    const { signatures, verified, signers, timing } = JSON.parse(signed.stdout);
    expect({ signers, timing }).toMatchObject({ signers: ["virginia"], timing: { totalMs: 9 } });
    const given = ["--message", "hello", "--signature", signatures[0]];
    expect((await quorate("verify", "--key", "one", ...given)).exitCode).toBe(0);
    const offline = await quorate("verify", "--public-key", verified.publicKey, "--scheme", "EdDSA", ...given);
    expect(offline.exitCode).toBe(0);
    expect((await quorate("verify", "--key", "one", "--message", "x", ...given.slice(2))).exitCode).toBe(3);
  });

  it("tells a person who signed and where the time went", async () => {
    const { stdout } = await quorate("sign", "one", "--message", "hello");
    expect(stdout).toMatch(
      /^signed sig-1\n {2}signature {2}[0-9a-f]{128}\n {2}verified {3}here by OpenSSL, under [0-9a-f]{64}\n/,
    );
    expect(stdout).toContain("took part  virginia, in one round trip");
    expect(stdout).toContain("time       9 ms: network floor 5 ms, crypto 3 ms, rest 1 ms");
  });

  it("signs the bytes of a file, and writes the signature", async () => {
    writeFileSync(path("photo"), Uint8Array.of(0, 255, 10));
    expect((await quorate("sign", "one", "--file", path("photo"), "--out", path("photo.sig"))).exitCode).toBe(0);
    const signature = read("photo.sig").trim();
    expect((await quorate("verify", "--key", "one", "--file", path("photo"), "--signature", signature)).exitCode).toBe(
      0,
    );
  });

  it("signs hashes with a taproot tweak, which verify demands too", async () => {
    const hash = ["--hash", "07".repeat(32)];
    const { stdout } = await quorate("sign", "two", ...hash, "--key-path", "--json");
    const given = ["verify", "--key", "two", ...hash, "--signature", JSON.parse(stdout).signatures[0]];
    expect((await quorate(...given, "--key-path")).exitCode).toBe(0);
    expect((await quorate(...given, "--merkle-root", "00".repeat(32))).exitCode).toBe(3);
    expect(await quorate(...given)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("--key-path: is missing"),
    });
    expect(await quorate("sign", "two", ...hash)).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it.each(["hex", "base64", "binary"] as const)(
    "signs a Solana transaction from a file in %s, which LiteSVM executes",
    async (form) => {
      const [key] = await client.keys();
      const from = addresses(verifyingKey(key!)).solana!;
      const ledger = await Ledger.open();
      const wire = transferTransaction({ from, to: RECIPIENT, lamports: 900_000n, blockhash: ledger.blockhash });
      writeFileSync(path("tx"), form === "binary" ? wire : Buffer.from(wire).toString(form));
      expect(await quorate("sign", "one", "--solana-tx", path("tx"), "--out", path("tx.signed"))).toMatchObject({
        exitCode: 0,
      });
      const written = readFileSync(path("tx.signed"));
      const signed = form === "binary" ? written : Buffer.from(written.toString().trim(), form);
      ledger.fund(from);
      expect(ledger.execute(new Uint8Array(signed), from).executed).toBe(true);
      expect((await quorate("verify", "--solana-tx", path("tx.signed"))).exitCode).toBe(0);
    },
  );

  it("signs a PSBT from a file, writes it in the form it had, and the finished transaction", async () => {
    const [, key] = await client.keys();
    const psbt = spendPsbt(unhex(key!.publicKey));
    writeFileSync(path("spend.psbt"), Buffer.from(psbt).toString("base64"));
    const given = ["sign", "two", "--psbt", path("spend.psbt")];
    expect((await quorate(...given, "--out", path("signed.psbt"), "--out-tx", path("spend.hex"))).exitCode).toBe(0);
    expect(read("signed.psbt")).toMatch(/^cHNidP/);
    expect((await quorate("verify", "--psbt", path("signed.psbt"))).exitCode).toBe(0);
    const finished = await quorate("verify", "--psbt", path("spend.psbt"), "--bitcoin-tx", path("spend.hex"));
    expect(finished.stdout).toMatch(/^VALID/);
    const { transaction } = JSON.parse((await quorate(...given, "--json")).stdout);
    expect(transaction).toBe(read("spend.hex").trim());
  });

  it("says so when a signature cannot be written, and prints none", async () => {
    const argv = ["sign", "one", "--message", "a", "--out", path("none/out")];
    expect(await quorate(...argv)).toMatchObject({
      exitCode: 5,
      stdout: "",
      stderr: expect.stringContaining("ENOENT"),
    });
  });

  it.each<[string, readonly string[]]>([
    ["missing required argument 'key'", ["sign", "--message", "a"]],
    ["<key>: there is no key nobody", ["sign", "nobody", "--message", "a"]],
    ["<key>: 2 keys are named twice", ["sign", "twice", "--message", "a"]],
    ["nothing to sign", ["sign", "one"]],
    ["--out-tx: goes with --psbt only", ["sign", "one", "--message", "a", "--out-tx", "x"]],
    ["--external-id: has 51 characters", ["sign", "one", "--message", "a", "--external-id", "x".repeat(51)]],
    ["--external-id: has 0 characters", ["sign", "one", "--message", "a", "--external-id", ""]],
    ["--message: a key of suite taproot", ["sign", "two", "--message", "a"]],
    ["--scheme <scheme>' not specified", ["keys", "create"]],
    ["Allowed choices are EdDSA, Schnorr, ECDSA", ["keys", "create", "--scheme", "RSA"]],
    ["--curve: secp256r1 does not go with Schnorr", ["keys", "create", "--scheme", "Schnorr", "--curve", "secp256r1"]],
    ["--presign: goes with ECDSA only", ["keys", "create", "--scheme", "EdDSA", "--presign", "3"]],
    ["A whole number from 1 to 100", ["keys", "create", "--scheme", "ECDSA", "--presign", "101"]],
    ["A whole number from 1 to 100", ["presign", "fill", "one", "--count", "0"]],
    ["--curve: ed25519 does not go with Schnorr", ["keys", "create", "--scheme", "Schnorr", "--curve", "ed25519"]],
    ["A whole number from 2", ["keys", "create", "--scheme", "EdDSA", "--min-signers", "1"]],
    ["A whole number from 2", ["keys", "create", "--scheme", "EdDSA", "--min-signers", "3x"]],
    ["--name: is not 1 to 100", ["keys", "create", "--scheme", "EdDSA", "--name", "a\nb"]],
    ["unknown command 'make'", ["keys", "make"]],
  ])("refuses with %s", async (problem, argv) => {
    expect(await quorate(...argv)).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(problem) });
  });

  it("keys ls lists the keys, and for machines all that is known of them", async () => {
    const { stdout } = await quorate("keys", "ls");
    expect(stdout.split("\n")[0]).toMatch(/^id +name +scheme +public key$/);
    expect(stdout).toMatch(/\nkey-00000-00000-0000000000000001 {2}two +Schnorr {3,}[0-9a-f]{66}\n/);
    expect(stdout).toMatch(/ {2}four +ECDSA secp256r1 {2}[0-9a-f]{66}\n/);
    const json = await quorate("--json", "keys", "ls");
    expect(JSON.parse(json.stdout).items.map(({ name }: { name: string }) => name)).toEqual([
      "one",
      "two",
      "three",
      "four",
      "twice",
      "twice",
    ]);
  });
});

describe("quorate sign against a network that lies", () => {
  it("prints and writes nothing, and ends with 3", async () => {
    const zeros = { signature: { r: "", s: "", encoded: `0x${"00".repeat(64)}` } };
    const network = await oneKeyNetwork((honest) => ({ ...honest, ...zeros }));
    const client = new ApiClient({ url: network.url, token: TOKEN });
    await client.createKey({ scheme: "EdDSA", curve: "ed25519", name: "one" });
    const register = (program: Command) => registerSign(program, { connect: async () => client });
    const run = await captured(register, "sign", "one", "--message", "a", "--out", path("lie"));
    network.close();
    expect(run).toMatchObject({ exitCode: 3, stdout: "", stderr: expect.stringContaining("is not this key's") });
    expect(() => read("lie")).toThrow("ENOENT");
  });
});
