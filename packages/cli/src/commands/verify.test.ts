import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addresses } from "@quorate/authority";
import { hex } from "@quorate/orders";
import type { Command } from "commander";
import { afterAll, describe, expect, it } from "vitest";
import { spendPsbt } from "../demonstration/bitcoin.ts";
import { RECIPIENT, transferTransaction } from "../demonstration/solana.ts";
import { checkedResult } from "../signed-result.ts";
import { askPsbt, askSolana, understood } from "../signing-input.ts";
import { captured } from "../testing/captured.ts";
import { answer, eddsaKey, schnorrKey } from "../testing/one-key-network.ts";
import { registerVerify } from "./verify.ts";

const dir = mkdtempSync(join(tmpdir(), "quorate-verify-"));
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, content: Uint8Array | string): string {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
}

const offline = (program: Command) =>
  registerVerify(program, {
    connect() {
      throw new Error("no network is needed here");
    },
  });
const verify = (...argv: readonly string[]) => captured(offline, "verify", ...argv);

const eddsa = eddsaKey();
const schnorr = schnorrKey(4);
const eddsaHex = hex(eddsa.facts.publicKey);
const signature = hex(eddsa.sign(new TextEncoder().encode("hello"), null));
const byKey = ["--public-key", eddsaHex, "--scheme", "EdDSA"];

describe("quorate verify", () => {
  it("says VALID and ends with 0 for a message, without a network", async () => {
    const { stdout, exitCode } = await verify(...byKey, "--message", "hello", "--signature", signature);
    expect(stdout).toMatch(/^VALID\n/);
    expect(exitCode).toBe(0);
  });

  it("says NOT VALID and ends with 3 for another message, for people and for machines", async () => {
    const argv = [...byKey, "--message", "hallo", "--signature", signature];
    const { stdout, exitCode } = await verify(...argv);
    expect(stdout).toMatch(/^NOT VALID\n/);
    expect(exitCode).toBe(3);
    const json = await verify(...argv, "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ valid: false, publicKey: eddsaHex });
    expect(json.exitCode).toBe(3);
  });

  it("checks hashes of Schnorr keys with the tweak that is given", async () => {
    const hash = new Uint8Array(32).fill(1);
    const common = ["--scheme", "Schnorr", "--hash", hex(hash), "--signature"];
    const tweaked = [
      ...common,
      hex(schnorr.sign(hash, new Uint8Array())),
      "--public-key",
      hex(schnorr.facts.publicKey),
    ];
    expect((await verify(...tweaked, "--key-path")).exitCode).toBe(0);
    expect((await verify(...tweaked, "--merkle-root", "00".repeat(32))).exitCode).toBe(3);
    expect((await verify(...tweaked)).exitCode).toBe(3);
    const plain = [...common, hex(schnorr.sign(hash, null)), "--public-key", hex(schnorr.facts.publicKey.subarray(1))];
    expect((await verify(...plain)).exitCode).toBe(0);
  });

  it("checks Solana transactions, and finds a missing signature", async () => {
    const from = addresses(eddsa.facts).solana!;
    const blockhash = RECIPIENT as string as Parameters<typeof transferTransaction>[0]["blockhash"];
    const wire = transferTransaction({ from, to: RECIPIENT, lamports: 1n, blockhash });
    const { signedData } = answer(eddsa, askSolana(wire).body) as { signedData: string };
    const valid = await verify("--solana-tx", file("signed.hex", signedData), "--json");
    expect(JSON.parse(valid.stdout)).toMatchObject({ valid: true, signatures: [{ signer: from, verdict: "valid" }] });
    const unsigned = await verify("--solana-tx", file("unsigned", wire));
    expect(unsigned.stdout).toMatch(/NOT VALID\n.*missing/);
    expect(unsigned.exitCode).toBe(3);
  });

  it("checks PSBTs and Bitcoin transactions", async () => {
    const psbt = spendPsbt(schnorr.facts.publicKey);
    const input = understood(askPsbt(psbt), schnorr.facts);
    const request = answer(schnorr, input.body) as unknown as Parameters<typeof checkedResult>[0];
    const { signedData, transaction } = checkedResult(request, input, schnorr.facts);
    const given = file("given.psbt", Buffer.from(psbt).toString("base64"));
    expect((await verify("--psbt", file("signed.psbt", signedData!))).exitCode).toBe(0);
    expect((await verify("--psbt", given)).exitCode).toBe(3);
    const final = hex(transaction!);
    const finished = await verify("--psbt", given, "--bitcoin-tx", file("final.hex", final), "--json");
    expect(JSON.parse(finished.stdout)).toMatchObject({ valid: true, inputs: [{ input: 0, verdict: "valid" }] });
    const at = final.indexOf("0140") + 10;
    const damaged = final.slice(0, at) + (final[at] === "0" ? "1" : "0") + final.slice(at + 1);
    expect((await verify("--psbt", given, "--bitcoin-tx", file("damaged.hex", damaged))).exitCode).toBe(3);
  });

  it.each<[string, readonly string[]]>([
    ["nothing to sign or verify", []],
    ["--signature: is missing", [...byKey, "--message", "a"]],
    ["--signature: 2 bytes where 64 or 65 belong", [...byKey, "--message", "a", "--signature", "abcd"]],
    ["--signature: is not hex", [...byKey, "--message", "a", "--signature", "xyz"]],
    ["--key: is missing", ["--message", "a", "--signature", signature]],
    ["--scheme: is missing", ["--message", "a", "--signature", signature, "--public-key", eddsaHex]],
    ["Allowed choices are EdDSA, Schnorr, ECDSA", ["--scheme", "RSA", "--message", "a"]],
    [
      "--public-key: 31 bytes where 32 belong",
      ["--public-key", eddsaHex.slice(2), "--scheme", "EdDSA", "--message", "a", "--signature", signature],
    ],
    [
      "--public-key: is no key on ed25519",
      ["--public-key", "ff".repeat(32), "--scheme", "EdDSA", "--message", "a", "--signature", signature],
    ],
    ["--public-key: cannot go with --key", [...byKey, "--key", "x", "--message", "a", "--signature", signature]],
    [
      "--hash: is missing",
      ["--public-key", hex(schnorr.facts.publicKey), "--scheme", "Schnorr", "--message", "a", "--signature", signature],
    ],
    ["goes with Schnorr keys only", [...byKey, "--hash", "00".repeat(32), "--key-path", "--signature", signature]],
    ["--signature: a transaction carries", ["--solana-tx", "x", "--signature", signature]],
    ["--solana-tx: cannot be read", ["--solana-tx", file("junk", "junk!")]],
    ["--psbt: cannot be read", ["--psbt", file("junk", "junk!")]],
    ["--psbt: is missing", ["--bitcoin-tx", "x"]],
    ["--psbt: is missing", ["--bitcoin-tx", "x", "--message", "a"]],
    ["--psbt: cannot go with --message", ["--bitcoin-tx", "x", "--psbt", "x", "--message", "a"]],
  ])("refuses with %s", async (problem, argv) => {
    const { stdout, stderr, exitCode } = await verify(...argv);
    expect(stderr).toContain(problem);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });
});
