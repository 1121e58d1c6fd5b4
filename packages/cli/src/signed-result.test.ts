import { addresses } from "@quorate/authority";
import { hex, unhex } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import type { SignatureRequest } from "./api-client.ts";
import { addressOf } from "./checks/ethereum.ts";
import { spendPsbt } from "./demonstration/bitcoin.ts";
import { transferTransaction as ethereumTransfer } from "./demonstration/ethereum.ts";
import { RECIPIENT, transferTransaction } from "./demonstration/solana.ts";
import { EXIT } from "./exit.ts";
import { checkedResult } from "./signed-result.ts";
import { type Asked, askEvm, askPsbt, askSolana, understood } from "./signing-input.ts";
import { answer, ecdsaKey, eddsaKey, schnorrKey, type WholeKey } from "./testing/one-key-network.ts";

const eddsa = eddsaKey();
const schnorr = schnorrKey(1);

const message = (text: string): Asked => {
  const original = new TextEncoder().encode(text);
  return { kind: "message", body: { kind: "Message", message: hex(original) }, original, form: "hex" };
};

const transfer = (lamports: bigint) => {
  const blockhash = "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM" as Parameters<
    typeof transferTransaction
  >[0]["blockhash"];
  return transferTransaction({ from: addresses(eddsa.facts).solana!, to: RECIPIENT, lamports, blockhash });
};

/** What comes of an answer to `asked`, as the network gave it to `answered`. */
function check(key: WholeKey, asked: Asked, answered: Asked = asked, lie: Partial<SignatureRequest> = {}) {
  const request = { ...answer(key, answered.body), ...lie } as unknown as SignatureRequest;
  return checkedResult(request, understood(asked, key.facts), key.facts);
}

const unsafe = (problem: string | RegExp) =>
  expect.objectContaining({ exitCode: EXIT.safety, message: expect.stringMatching(problem) });

describe("an answer", () => {
  it("that is right is taken: signatures, signed data, and the finished Bitcoin transaction", () => {
    expect(check(eddsa, message("hello")).signatures).toHaveLength(1);
    expect(check(eddsa, askSolana(transfer(1n))).signedData).toBeDefined();
    const { transaction, signedData } = check(schnorr, askPsbt(spendPsbt(schnorr.facts.publicKey)));
    expect(signedData).toBeDefined();
    expect(hex(transaction!)).toMatch(/^02000000/);
  });

  it("with a signature of another key, or over another message, is unsafe", () => {
    expect(() =>
      checkedResult(
        answer(eddsaKey(), message("hello").body) as unknown as SignatureRequest,
        understood(message("hello"), eddsa.facts),
        eddsa.facts,
      ),
    ).toThrow(unsafe("is not this key's"));
    expect(() => check(eddsa, message("hello"), message("hallo"))).toThrow(unsafe("is not this key's"));
  });

  it("with no signature, too many, or none that is hex, is unsafe", () => {
    const asked = message("hello");
    const one = (answer(eddsa, asked.body) as unknown as SignatureRequest).signature!;
    expect(() => check(eddsa, asked, asked, { signatures: [] })).toThrow(unsafe("0 signatures where 1 belong"));
    expect(() => check(eddsa, asked, asked, { signatures: [one, one] })).toThrow(unsafe("2 signatures"));
    expect(() => check(eddsa, asked, asked, { signature: { ...one, encoded: "0xzz" } })).toThrow(unsafe("not hex"));
    expect(() => check(eddsa, asked, asked, { signature: { ...one, encoded: one.r } })).toThrow(
      unsafe("not this key's"),
    );
  });

  it("with the right signature and another Solana transaction is unsafe", () => {
    const [asked, other] = [askSolana(transfer(1n)), askSolana(transfer(2n))];
    const { signedData } = answer(eddsa, other.body) as { signedData: `0x${string}` };
    expect(() => check(eddsa, asked, asked, { signedData })).toThrow(unsafe("another transaction than the one given"));
    const unsigned = `0x${hex(asked.original)}`;
    expect(() => check(eddsa, asked, asked, { signedData: unsigned })).toThrow(unsafe("does not carry the signature"));
    expect(() => check(eddsa, asked, asked, { signedData: "0x00" })).toThrow(unsafe("does not verify"));
  });

  it("with the right signature and another PSBT is unsafe", () => {
    const asked = askPsbt(spendPsbt(schnorr.facts.publicKey));
    const foreign = schnorrKey(2);
    const { signedData } = answer(foreign, askPsbt(spendPsbt(foreign.facts.publicKey)).body) as { signedData: string };
    expect(() => check(schnorr, asked, asked, { signedData })).toThrow(
      unsafe("another transaction than the one given"),
    );
    const unsigned = `0x${hex(asked.original)}`;
    expect(() => check(schnorr, asked, asked, { signedData: unsigned })).toThrow(
      unsafe("no input carries signature 1"),
    );
  });

  it("with a PSBT whose amounts were changed is judged by the amounts that were given", () => {
    const asked = askPsbt(spendPsbt(schnorr.facts.publicKey));
    const { signedData } = answer(schnorr, asked.body) as { signedData: string };
    // 100000 satoshi of the spent output, little-endian, in the signed PSBT alone
    const lied = signedData.replace("a086010000000000", "a186010000000000");
    expect(lied).not.toBe(signedData);
    expect(hex(check(schnorr, asked, asked, { signedData: lied }).transaction!)).toBe(
      hex(check(schnorr, asked).transaction!),
    );
    const given = askPsbt(unhex(hex(asked.original).replace("a086010000000000", "a186010000000000")));
    expect(() => check(schnorr, given, asked)).toThrow(unsafe("is not this key's"));
  });
});

describe("an answer for an ECDSA key", () => {
  const key = ecdsaKey(1);
  const asked = askEvm(ethereumTransfer());
  const { signature } = answer(key, asked.body) as unknown as Required<SignatureRequest>;

  it("that is right is taken: signature with recovery id, transaction, sender and hash", () => {
    const { signatures, ethereum } = check(key, asked);
    expect(signatures).toEqual([expect.objectContaining({ length: 65 })]);
    expect(ethereum).toMatchObject({ sender: addressOf(key.facts.publicKey), hash: expect.stringMatching(/^0x/) });
  });

  it("without a recovery id, with another, or with numbers of another length, is unsafe", () => {
    const { recid, ...rest } = signature;
    expect(() => check(key, asked, asked, { signature: rest })).toThrow(unsafe("recovery id is missing"));
    expect(() => check(key, asked, asked, { signature: { ...rest, recid: 2 } })).toThrow(unsafe("neither 0 nor 1"));
    expect(() => check(key, asked, asked, { signature: { ...rest, recid: 1 - recid! } })).toThrow(
      unsafe("is not this key's"),
    );
    expect(() => check(key, asked, asked, { signature: { ...signature, r: "0x00" } })).toThrow(unsafe("32 bytes"));
  });

  it("with the right signature and another transaction, or that of another sender, is unsafe", () => {
    const signedData = (by: WholeKey, nonce: bigint) =>
      (answer(by, askEvm(ethereumTransfer(nonce)).body) as { signedData: `0x${string}` }).signedData;
    const lied = (data: string) => () => check(key, asked, asked, { signedData: data });
    expect(lied(signedData(key, 1n))).toThrow(unsafe("another transaction than the one given"));
    expect(lied(signedData(ecdsaKey(2), 0n))).toThrow(unsafe("its sender is"));
    expect(lied(`0x${hex(asked.original)}`)).toThrow(unsafe("carries no signature"));
    expect(lied(`${signedData(key, 0n)}00`)).toThrow(unsafe("does not verify"));
  });
});
