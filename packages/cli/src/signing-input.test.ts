import { hex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { type InputOptions, signingInput } from "./signing-input.ts";
import { eddsaKey, schnorrKey } from "./testing/one-key-network.ts";

const eddsa = eddsaKey().facts;
const schnorr = schnorrKey(1).facts;
const hash = "ab".repeat(32);

describe("what is to be signed", () => {
  it.each<[InputOptions, Record<string, unknown>]>([
    [{ message: "é" }, { kind: "Message", message: "c3a9" }],
    [{ message: "" }, { kind: "Message", message: "" }],
    [{ messageHex: "0xC3A9" }, { kind: "Message", message: "c3a9" }],
    [{ hash: `0x${hash}` }, { kind: "Hash", hash }],
  ])("%j by an EdDSA key is %j", (options, body) => {
    const input = signingInput(options, eddsa, "mine");
    expect(input.body).toEqual({ ...body, externalId: "mine" });
    expect(hex(input.derived.items[0]!.message)).toBe(body.message ?? body.hash);
  });

  it("by a Schnorr key is a hash with its tweak", () => {
    const root = "cd".repeat(32);
    expect(signingInput({ hash, keyPath: true }, schnorr).body).toEqual({ kind: "Hash", hash, taprootMerkleRoot: "" });
    expect(signingInput({ hash, merkleRoot: root }, schnorr).body).toMatchObject({ taprootMerkleRoot: root });
  });

  it.each<[string, InputOptions, string, typeof eddsa | typeof schnorr]>([
    ["nothing", {}, "nothing to sign", eddsa],
    ["two things", { message: "a", hash }, "--hash: cannot go with --message", eddsa],
    ["no hex", { messageHex: "abc" }, "--message-hex: is not hex", eddsa],
    ["a short hash", { hash: "ab" }, "--hash: 1 bytes where 32 belong", eddsa],
    ["a short root", { hash, merkleRoot: "ab" }, "--merkle-root: 1 bytes where 32 belong", schnorr],
    ["two tweaks", { hash, keyPath: true, merkleRoot: hash }, "--merkle-root: cannot go with --key-path", schnorr],
    ["a tweak without a hash", { message: "a", keyPath: true }, "--key-path: goes with --hash only", schnorr],
    ["a tweak for EdDSA", { hash, keyPath: true }, "--hash: how a Schnorr key is tweaked", eddsa],
    ["no tweak for Schnorr", { hash }, "--hash: how a Schnorr key is tweaked", schnorr],
    ["a message for Schnorr", { message: "a" }, "--message: a key of suite taproot does not sign", schnorr],
    ["no file", { psbt: "/none/such" }, "--psbt: there is no file /none/such", schnorr],
  ])("%s is refused, naming the argument", (_, options, problem, key) => {
    expect(() => signingInput(options, key)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining(problem),
        hint: expect.stringMatching(/./),
      }),
    );
  });
});
