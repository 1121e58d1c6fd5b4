import { schnorr } from "@noble/curves/secp256k1.js";
import { hex, InputError, unhex } from "@quorate/orders";
import { p2tr, p2wpkh, SigHash, Transaction, type TxOpts } from "@scure/btc-signer";
import { taprootTweakPrivKey } from "@scure/btc-signer/utils.js";
import { Psbt, Transaction as SecondTransaction } from "bitcoinjs-lib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble } from "../finish.ts";
import { taprootPair } from "../testing/keys.ts";
import { derivePsbt } from "./psbt.ts";
import { NO_SCRIPTS, outputKey, outputScript } from "./taproot.ts";

const ours = taprootPair(1);
const theirs = taprootPair(2);
const merkleRoot = new Uint8Array(32).fill(0x5b);
const OPTIONS: TxOpts = { allowUnknownInputs: true };

type InputUpdate = Parameters<Transaction["addInput"]>[0];

/** An input that `pair` can spend, number `at`. */
function input(pair: typeof ours, at: number, root: Uint8Array = NO_SCRIPTS): InputUpdate {
  return {
    txid: new Uint8Array(32).fill(at + 1),
    index: at,
    witnessUtxo: { script: outputScript(pair.key, root), amount: 10_000n + BigInt(at) },
    tapInternalKey: pair.xOnly,
    ...(root.length === 0 ? {} : { tapMerkleRoot: root }),
  };
}

function psbt(...inputs: readonly InputUpdate[]): Uint8Array {
  const transaction = new Transaction(OPTIONS);
  for (const one of inputs) transaction.addInput(one);
  transaction.addOutput({ script: p2tr(theirs.xOnly).script, amount: 9_000n });
  transaction.addOutput({ script: p2wpkh(theirs.key.publicKey).script, amount: 500n });
  return transaction.toPSBT();
}

/** What a network of `pair` would answer. */
function signAll(pair: typeof ours, items: ReturnType<typeof derivePsbt>["items"]): Uint8Array[] {
  return items.map((item) => schnorr.sign(item.message, taprootTweakPrivKey(pair.privateKey, item.merkleRoot!)));
}

/** The digests, computed by bitcoinjs-lib. */
function secondDigest(bytes: Uint8Array, at: number, type: number): Uint8Array {
  const second = Psbt.fromBuffer(Buffer.from(bytes));
  const utxos = second.data.inputs.map(({ witnessUtxo }) => witnessUtxo!);
  const transaction = SecondTransaction.fromBuffer(second.data.globalMap.unsignedTx.toBuffer());
  return new Uint8Array(
    transaction.hashForWitnessV1(
      at,
      utxos.map(({ script }) => script),
      utxos.map(({ value }) => value),
      type,
    ),
  );
}

describe("a PSBT", () => {
  it("asks for one signature per input of this key, over the digest that bitcoinjs-lib computes", () => {
    const bytes = psbt(input(ours, 0), input(theirs, 1), input(ours, 2, merkleRoot));
    expect(derivePsbt(bytes, ours.key).items).toEqual([
      { message: secondDigest(bytes, 0, SigHash.DEFAULT), merkleRoot: NO_SCRIPTS, prehashed: false },
      { message: secondDigest(bytes, 2, SigHash.DEFAULT), merkleRoot, prehashed: false },
    ]);
  });

  it("with any mix of inputs gives the digests of bitcoinjs-lib", () => {
    const one = fc.record({
      own: fc.boolean(),
      scripts: fc.boolean(),
      all: fc.boolean(),
      sequence: fc.nat(0xffffffff),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), (others) => {
        const mix = [{ own: true, scripts: false, all: false, sequence: 1 }, ...others];
        const bytes = psbt(
          ...mix.map(({ own, scripts, all, sequence }, at) => ({
            ...input(own ? ours : theirs, at, scripts ? merkleRoot : NO_SCRIPTS),
            sequence,
            ...(all ? { sighashType: SigHash.ALL } : {}),
          })),
        );
        const expected = mix.flatMap(({ own, all }, at) => (own ? [hex(secondDigest(bytes, at, all ? 1 : 0))] : []));
        expect(derivePsbt(bytes, ours.key).items.map(({ message }) => hex(message))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("comes back finalised when all inputs are signed, and bitcoinjs-lib extracts valid witnesses", () => {
    const bytes = psbt(input(ours, 0), { ...input(ours, 1, merkleRoot), sighashType: SigHash.ALL });
    const { items } = derivePsbt(bytes, ours.key);
    const answer = assemble({ kind: "Psbt", psbt: hex(bytes) }, ours.key, signAll(ours, items));
    expect(answer.signature).toBeUndefined();
    expect(answer.signatures).toHaveLength(2);
    const { ins } = Psbt.fromHex(answer.signedData!.slice(2)).extractTransaction(true);
    expect(ins.map(({ witness }) => witness.map(({ length }) => length))).toEqual([[64], [65]]);
    for (const [at, root] of [NO_SCRIPTS, merkleRoot].entries()) {
      const witness = ins[at]!.witness[0]!;
      expect(schnorr.verify(witness.subarray(0, 64), secondDigest(bytes, at, at), outputKey(ours.key, root))).toBe(
        true,
      );
    }
    expect(ins[1]!.witness[0]![64]).toBe(SigHash.ALL);
  });

  it("that others have to sign too comes back with tapKeySig on our inputs, and they can finish it", () => {
    const bytes = psbt(input(ours, 0), input(theirs, 1), input(ours, 2));
    const mine = derivePsbt(bytes, ours.key);
    const half = mine.finish!(signAll(ours, mine.items));
    const transaction = Transaction.fromPSBT(half, OPTIONS);
    expect([0, 1, 2].map((at) => transaction.getInput(at).tapKeySig?.length)).toEqual([64, undefined, 64]);
    expect(() => derivePsbt(half, ours.key)).toThrow(/no unsigned input belongs to this key/);
    const rest = derivePsbt(half, theirs.key);
    expect(rest.items).toHaveLength(1);
    const whole = rest.finish!(signAll(theirs, rest.items));
    expect(Psbt.fromBuffer(Buffer.from(whole)).extractTransaction(true).ins).toHaveLength(3);
  });

  it("keeps fields that nobody here knows", () => {
    const transaction = Transaction.fromPSBT(psbt(input(ours, 0), input(theirs, 1)), { ...OPTIONS, unknown: "ignore" });
    transaction.updateInput(0, { unknown: [[{ type: 0x77, key: Uint8Array.of(1) }, Uint8Array.of(2)]] });
    const bytes = transaction.toPSBT();
    expect(hex(bytes)).toContain("02770101" + "02");
    const mine = derivePsbt(bytes, ours.key);
    expect(hex(mine.finish!(signAll(ours, mine.items)))).toContain("02770101" + "02");
  });

  it("of version 2 (BIP-370) is signed the same", () => {
    const bytes = psbt(input(ours, 0));
    const second = Transaction.fromPSBT(bytes).toPSBT(2);
    expect(derivePsbt(second, ours.key).items).toEqual(derivePsbt(bytes, ours.key).items);
  });

  it("without an input of ours is refused, and says how an input becomes ours", () => {
    expect(() => derivePsbt(psbt(input(theirs, 0)), ours.key)).toThrow(
      expect.objectContaining({ field: "psbt", hint: expect.stringContaining(hex(ours.xOnly)) }),
    );
    const { tapInternalKey: _, ...anonymous } = input(ours, 0);
    expect(() => derivePsbt(psbt(anonymous), ours.key)).toThrow(/no unsigned input/);
  });

  it("with an input that names this key and spends another output is refused", () => {
    const elsewhere = { ...input(ours, 0), witnessUtxo: { script: p2wpkh(ours.key.publicKey).script, amount: 1n } };
    const root = { ...input(ours, 0), tapMerkleRoot: merkleRoot };
    const unlisted = { ...input(ours, 0, merkleRoot), tapMerkleRoot: undefined };
    const lax = { ...OPTIONS, disableScriptCheck: true };
    for (const wrong of [elsewhere, root, unlisted]) {
      const transaction = new Transaction(lax);
      transaction.addInput(input(ours, 5));
      transaction.addInput(wrong as InputUpdate);
      expect(() => derivePsbt(transaction.toPSBT(), ours.key)).toThrow(
        expect.objectContaining({ name: "InputError", field: "psbt" }),
      );
    }
  });

  it.each([
    ["NONE", SigHash.NONE],
    ["SINGLE", SigHash.SINGLE],
    ["ALL|ANYONECANPAY", SigHash.ALL_ANYONECANPAY],
    ["0x04", 4],
  ])("with sighash type %s on our input is refused, on another's not", (_, sighashType) => {
    expect(() => derivePsbt(psbt({ ...input(ours, 0), sighashType }), ours.key)).toThrow(
      expect.objectContaining({
        code: "unsupported",
        message: expect.stringMatching(/input 0 asks for sighash type 0x/),
      }),
    );
    expect(derivePsbt(psbt(input(ours, 0), { ...input(theirs, 1), sighashType }), ours.key).items).toHaveLength(1);
  });

  it("with an input whose spent output is not given is refused, whosever it is", () => {
    const { witnessUtxo: _, ...blind } = input(theirs, 1);
    expect(() => derivePsbt(psbt(input(ours, 0), blind), ours.key)).toThrow(/input 1 has no witnessUtxo/);
  });

  it("asking for more signatures than one order holds is refused", () => {
    const inputs = Array.from({ length: 65 }, (_, at) => input(ours, at));
    expect(() => derivePsbt(psbt(...inputs), ours.key)).toThrow(/65 inputs to sign/);
    expect(derivePsbt(psbt(...inputs.slice(1)), ours.key).items).toHaveLength(64);
  });

  it("of version 2 without an amount, which only the digest needs, is refused", () => {
    const amount = "0103" + "08" + "2823000000000000"; // PSBT_OUT_AMOUNT, 9000
    const whole = hex(Transaction.fromPSBT(psbt(input(ours, 0))).toPSBT(2));
    expect(whole).toContain(amount);
    expect(() => derivePsbt(unhex(whole.replace(amount, "")), ours.key)).toThrow(InputError);
  });

  it.each([0, 2])("of version %d, damaged, is refused with an InputError or is another well-formed PSBT", (version) => {
    const bytes = Transaction.fromPSBT(psbt(input(ours, 0), input(theirs, 1))).toPSBT(version);
    expect(() => derivePsbt(bytes.subarray(0, -1), ours.key)).toThrow(InputError);
    expect(() => derivePsbt(Uint8Array.of(...bytes, 1), ours.key)).toThrow(InputError);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = damaged[at]! ^ change;
        try {
          expect(derivePsbt(damaged, ours.key).items.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
