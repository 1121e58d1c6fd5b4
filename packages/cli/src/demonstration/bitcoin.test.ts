import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";
import { assemble, deriveDigests } from "@quorate/authority";
import { hex, unhex } from "@quorate/orders";
import { p2pkh, p2wpkh, SigHash, Transaction } from "@scure/btc-signer";
import { taprootTweakPrivKey } from "@scure/btc-signer/utils.js";
import { describe, expect, it } from "vitest";
import { checkSpend, readPsbt, readTransaction } from "../checks/bitcoin.ts";
import { spendPsbt } from "./bitcoin.ts";

/** A key held whole, in place of a network's. */
const privateKey = new Uint8Array(32).fill(7);
const key = { suite: "taproot", publicKey: secp256k1.getPublicKey(privateKey, true) } as const;
const noScripts = new Uint8Array();

function signedPsbt(psbt: Uint8Array): Uint8Array {
  const body = { kind: "Psbt", psbt: hex(psbt) };
  const signatures = deriveDigests(body, key).items.map(({ message, merkleRoot }) =>
    schnorr.sign(message, taprootTweakPrivKey(privateKey, merkleRoot ?? noScripts)),
  );
  return unhex(assemble(body, key, signatures).signedData!.slice(2));
}

/** Input 0 of the PSBT, changed. */
function changed(psbt: Uint8Array, change: Parameters<Transaction["updateInput"]>[1]): Uint8Array {
  const transaction = Transaction.fromPSBT(psbt, { allowUnknownInputs: true });
  transaction.updateInput(0, change, true);
  return transaction.toPSBT();
}

const psbt = spendPsbt(key.publicKey);
const signed = signedPsbt(psbt);
const verdicts = (bytes: Uint8Array) => checkSpend(readPsbt(bytes)).map(({ verdict }) => verdict);

describe("a taproot spend", () => {
  it("is valid once signed, in the PSBT and as the finished transaction", () => {
    expect(verdicts(psbt)).toEqual(["unsigned"]);
    expect(readPsbt(psbt).final).toBeUndefined();
    expect(verdicts(signed)).toEqual(["valid"]);
    const { final } = readPsbt(signed);
    expect(checkSpend(readTransaction(final!, readPsbt(psbt)))).toMatchObject([{ input: 0, verdict: "valid" }]);
  });

  it("with any part of its signature changed is invalid", () => {
    const final = Uint8Array.from(readPsbt(signed).final!);
    const start = Buffer.from(final).indexOf(Buffer.from([1, 64])) + 2;
    for (const at of [start, start + 40, start + 63]) {
      const damaged = Uint8Array.from(final);
      damaged[at] = damaged[at]! ^ 1;
      expect(checkSpend(readTransaction(damaged, readPsbt(psbt)))).toMatchObject([{ verdict: "invalid" }]);
    }
  });

  it("is invalid for another amount or another output than was signed for", () => {
    const spend = readPsbt(signed);
    const [own] = spend.spent;
    expect(checkSpend({ ...spend, spent: [{ ...own!, value: own!.value + 1n }] })).toMatchObject([
      { verdict: "invalid" },
    ]);
    const otherScript = readPsbt(spendPsbt(schnorr.getPublicKey(new Uint8Array(32).fill(8)))).spent[0]!.script;
    expect(checkSpend({ ...spend, spent: [{ ...own!, script: otherScript }] })).toMatchObject([{ verdict: "invalid" }]);
  });

  it("with an explicit SIGHASH_ALL is valid in 65 bytes; a 65th byte of 0 is a second encoding and invalid", () => {
    const all = signedPsbt(changed(psbt, { sighashType: SigHash.ALL }));
    const spend = readPsbt(all);
    expect(spend.witnesses[0]).toEqual([expect.objectContaining({ length: 65 })]);
    expect(verdicts(all)).toEqual(["valid"]);
    const plain = readPsbt(signed);
    const [signature] = plain.witnesses[0] as readonly Uint8Array[];
    const zero = Uint8Array.of(...signature!, 0);
    expect(checkSpend({ ...plain, witnesses: [[zero]] })).toMatchObject([{ verdict: "invalid" }]);
  });

  it("that is another transaction than the PSBT's is refused", () => {
    const other = Transaction.fromPSBT(psbt, { allowUnknownInputs: true });
    other.addOutput({ script: p2wpkh(key.publicKey).script, amount: 500n });
    const final = readPsbt(signed).final!;
    expect(() => readTransaction(final, readPsbt(other.toPSBT()))).toThrow(/and the PSBT is for/);
  });

  it("by a witness that is no single signature is not judged", () => {
    const { final } = readPsbt(signed);
    const transaction = Transaction.fromRaw(final!, { allowUnknownInputs: true });
    transaction.updateInput(0, { finalScriptWitness: [new Uint8Array(64), new Uint8Array(64)] }, true);
    expect(checkSpend(readTransaction(transaction.toBytes(true, true), readPsbt(psbt)))).toMatchObject([
      { verdict: "other" },
    ]);
  });

  it("of a coin that is neither a taproot nor a P2WPKH output is not judged", () => {
    const other = new Transaction();
    const witnessUtxo = { script: p2pkh(key.publicKey).script, amount: 1000n };
    other.addInput({ txid: new Uint8Array(32).fill(1), index: 0, witnessUtxo });
    other.addOutput({ script: witnessUtxo.script, amount: 500n });
    expect(verdicts(other.toPSBT())).toEqual(["other"]);
  });

  it("is read from a PSBT of version 2 as well", () => {
    const second = Transaction.fromPSBT(signed, { allowUnknownInputs: true });
    expect(verdicts(second.toPSBT(2))).toEqual(["valid"]);
  });
});
