import { verifyEcdsa } from "@quorate/curves";
import { hex, InputError, unhex } from "@quorate/orders";
import { p2tr, p2wpkh, RawTx, SigHash, Transaction, type TxOpts } from "@scure/btc-signer";
import { address, Psbt, Transaction as SecondTransaction } from "bitcoinjs-lib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addresses } from "../address.ts";
import { derSignature } from "../ecdsa-signature.ts";
import { assemble } from "../finish.ts";
import { ecdsaPair, taprootPair } from "../testing/keys.ts";
import { scriptCode, witnessScript } from "./p2wpkh.ts";
import { witnessDigest } from "./p2wpkh-inputs.ts";
import { derivePsbt } from "./psbt.ts";

const ours = ecdsaPair(1);
const theirs = ecdsaPair(2);
const LAX: TxOpts = { allowUnknownInputs: true, allowUnknownOutputs: true, disableScriptCheck: true };

type InputUpdate = Parameters<Transaction["addInput"]>[0];

/** A transaction that pays `amount` to a key; its other output and its id differ by `at`. */
function payment(script: Uint8Array, at: number, amount: bigint): Transaction {
  const paying = new Transaction(LAX);
  paying.addInput({ txid: new Uint8Array(32).fill(at + 1), index: at });
  paying.addOutput({ script: p2tr(taprootPair(9).xOnly).script, amount: 1n });
  paying.addOutput({ script, amount });
  return paying;
}

/** An input that `pair` can spend, number `at`, with the transaction that it spends from. */
function input(pair: typeof ours, at: number): InputUpdate & { witnessUtxo: { script: Uint8Array; amount: bigint } } {
  const witnessUtxo = { script: witnessScript(pair.key), amount: 10_000n + BigInt(at) };
  const paying = payment(witnessUtxo.script, at, witnessUtxo.amount);
  return { txid: paying.id, index: 1, witnessUtxo, nonWitnessUtxo: RawTx.decode(paying.unsignedTx) };
}

function psbt(...inputs: readonly InputUpdate[]): Uint8Array {
  const transaction = new Transaction(LAX);
  for (const one of inputs) transaction.addInput(one);
  transaction.addOutput({ script: p2tr(taprootPair(9).xOnly).script, amount: 9_000n });
  transaction.addOutput({ script: p2wpkh(theirs.key.publicKey).script, amount: 500n });
  return transaction.toPSBT();
}

/** The same by bitcoinjs-lib, which does not hold what an input says against what it spends. */
function unchecked(...inputs: readonly ReturnType<typeof input>[]): Uint8Array {
  const lax = new Psbt();
  for (const { txid, index, witnessUtxo, nonWitnessUtxo } of inputs) {
    lax.addInput({
      hash: String(txid),
      index: index!,
      witnessUtxo: { script: witnessUtxo.script, value: witnessUtxo.amount },
      nonWitnessUtxo: RawTx.encode(nonWitnessUtxo as Parameters<typeof RawTx.encode>[0]),
    });
  }
  lax.addOutput({ script: p2wpkh(theirs.key.publicKey).script, value: 500n });
  return new Uint8Array(lax.toBuffer());
}

const signAll = (pair: typeof ours, bytes: Uint8Array) =>
  derivePsbt(bytes, pair.key).items.map(({ message }) => pair.sign(message));

/** The digest, computed by bitcoinjs-lib. */
function secondDigest(bytes: Uint8Array, at: number): Uint8Array {
  const second = Psbt.fromBuffer(Buffer.from(bytes));
  const transaction = SecondTransaction.fromBuffer(second.data.globalMap.unsignedTx.toBuffer());
  const { value } = second.data.inputs[at]!.witnessUtxo!;
  return new Uint8Array(transaction.hashForWitnessV0(at, scriptCode(ours.key), value, SigHash.ALL));
}

function refusal(bytes: Uint8Array): InputError {
  try {
    derivePsbt(bytes, ours.key);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("BIP-143", () => {
  const pair = ecdsaPair(unhex("619c335025c7f4012e556c2a58b2506e30b8511b53ade95ea316fd8c3286feb9"));
  const transaction = Transaction.fromRaw(
    unhex(
      "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000",
    ),
    LAX,
  );
  it("the example of a native P2WPKH input has its script, digest and signature", () => {
    expect(hex(pair.key.publicKey)).toBe("025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357");
    expect(hex(witnessScript(pair.key))).toBe("00141d0f172a0ecb48aee1be1f2687d2963ae33f71a1");
    const digest = witnessDigest(transaction, 1, pair.key, 600_000_000n);
    expect(hex(digest)).toBe("c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670");
    expect(hex(derSignature(pair.sign(digest)))).toBe(
      "304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee",
    );
  });
});

describe("the addresses of an ECDSA key", () => {
  it("are that of BIP-84's example on mainnet, and of the same output elsewhere", () => {
    const key = {
      suite: "ecdsa-secp256k1" as const,
      publicKey: unhex("0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c"),
    };
    const { mainnet, testnet, regtest } = addresses(key).p2wpkh!;
    expect(mainnet).toBe("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu");
    const program = witnessScript(key).subarray(2);
    expect([testnet, regtest]).toEqual([address.toBech32(program, 0, "tb"), address.toBech32(program, 0, "bcrt")]);
  });
});

describe("a PSBT with P2WPKH inputs", () => {
  it("asks for one signature per input of this key, over the digest that bitcoinjs-lib computes", () => {
    const bytes = psbt(input(ours, 0), input(theirs, 1), { ...input(ours, 2), sighashType: SigHash.ALL });
    const item = { merkleRoot: null, prehashed: false };
    expect(derivePsbt(bytes, ours.key)).toMatchObject({
      items: [
        { message: secondDigest(bytes, 0), ...item },
        { message: secondDigest(bytes, 2), ...item },
      ],
      encoding: "der",
    });
  });

  it("with any mix of inputs gives the digests of bitcoinjs-lib", () => {
    const one = fc.record({ own: fc.boolean(), sequence: fc.nat(0xffffffff) });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 5 }), (others) => {
        const mix = [{ own: true, sequence: 1 }, ...others];
        const bytes = psbt(...mix.map(({ own, sequence }, at) => ({ ...input(own ? ours : theirs, at), sequence })));
        const expected = mix.flatMap(({ own }, at) => (own ? [hex(secondDigest(bytes, at))] : []));
        expect(derivePsbt(bytes, ours.key).items.map(({ message }) => hex(message))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("comes back finalised when all inputs are signed, with signatures that bitcoinjs-lib accepts", () => {
    const bytes = psbt(input(ours, 0), input(ours, 1));
    const answer = assemble({ kind: "Psbt", psbt: hex(bytes) }, ours.key, signAll(ours, bytes));
    const { ins } = Psbt.fromHex(answer.signedData!.slice(2)).extractTransaction(true);
    for (const [at, { witness }] of ins.entries()) {
      const parts = answer.signatures![at]!;
      expect(parts.encoded).toBe(`0x${hex(witness[0]!.subarray(0, -1))}`);
      expect([witness.length, witness[0]!.at(-1), hex(witness[1]!)]).toEqual([2, SigHash.ALL, hex(ours.key.publicKey)]);
      const raw = unhex(parts.r.slice(2) + parts.s.slice(2));
      expect(verifyEcdsa("secp256k1", ours.key.publicKey, secondDigest(bytes, at), raw)).toBe(true);
    }
  });

  it("that others have to sign too comes back with our signatures, which bitcoinjs-lib accepts, and they can finish it", () => {
    const bytes = psbt(input(ours, 0), input(theirs, 1));
    const half = derivePsbt(bytes, ours.key).finish!(signAll(ours, bytes));
    const verify = (publicKey: Uint8Array, digest: Uint8Array, signature: Uint8Array) =>
      verifyEcdsa("secp256k1", publicKey, digest, signature);
    expect(Psbt.fromBuffer(Buffer.from(half)).validateSignaturesOfInput(0, verify)).toBe(true);
    expect(refusal(half).message).toContain("no unsigned input belongs to this key");
    const whole = derivePsbt(half, theirs.key).finish!(signAll(theirs, half));
    expect(Psbt.fromBuffer(Buffer.from(whole)).extractTransaction(true).ins).toHaveLength(2);
    expect(refusal(whole).message).toContain("no unsigned input belongs to this key");
  });

  it("of one input needs witnessUtxo alone, or the transaction that it spends from alone, in either version", () => {
    const { nonWitnessUtxo: _, ...light } = input(ours, 0);
    const { witnessUtxo: __, ...heavy } = input(ours, 0);
    const { items } = derivePsbt(psbt(input(ours, 0)), ours.key);
    for (const one of [light, heavy]) {
      expect(derivePsbt(psbt(one), ours.key).items).toEqual(items);
      expect(derivePsbt(Transaction.fromPSBT(psbt(one), LAX).toPSBT(2), ours.key).items).toEqual(items);
    }
  });

  it("of several inputs is refused unless all amounts are proven, since the fee could be a lie", () => {
    for (const liar of [0, 1]) {
      const inputs = [input(ours, 0), input(theirs, 1)].map((one, at) => {
        const { nonWitnessUtxo: _, ...light } = one;
        return at === liar ? light : one;
      });
      expect(refusal(psbt(...inputs))).toMatchObject({
        field: "psbt",
        message: expect.stringContaining(`input ${liar} has no nonWitnessUtxo`),
        hint: expect.stringContaining("proves the amounts"),
      });
    }
  });

  it("with amounts or outputs that contradict the transaction spent from, or with another transaction, is refused", () => {
    const honest = input(theirs, 1);
    const { witnessUtxo } = honest;
    const other = RawTx.decode(payment(witnessUtxo.script, 5, witnessUtxo.amount).unsignedTx);
    const lies = [
      { ...honest, witnessUtxo: { ...witnessUtxo, amount: 1n } },
      { ...honest, witnessUtxo: { ...witnessUtxo, script: witnessScript(ours.key) } },
      { ...honest, nonWitnessUtxo: other },
      { ...honest, index: 2 },
    ];
    expect(derivePsbt(unchecked(input(ours, 0), honest), ours.key).items).toHaveLength(1);
    for (const lie of lies) expect(refusal(unchecked(input(ours, 0), lie)).message).toContain("cannot be read");
  });

  it.each([
    ["NONE", SigHash.NONE],
    ["SINGLE", SigHash.SINGLE],
    ["ALL|ANYONECANPAY", SigHash.ALL_ANYONECANPAY],
    ["DEFAULT, which is taproot's", 0],
    ["0x04", 4],
  ])("with sighash type %s on our input is refused, on another's not", (_, sighashType) => {
    expect(refusal(psbt({ ...input(ours, 0), sighashType }))).toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/input 0 asks for sighash type 0x/),
    });
    expect(derivePsbt(psbt(input(ours, 0), { ...input(theirs, 1), sighashType }), ours.key).items).toHaveLength(1);
  });

  it("without an input of ours is refused, and says how an input becomes ours", () => {
    const { witnessUtxo: _, nonWitnessUtxo: __, ...blind } = input(ours, 0);
    const payToHash = { ...blind, witnessUtxo: { script: scriptCode(ours.key), amount: 1n } };
    for (const one of [input(theirs, 0), payToHash, blind]) {
      expect(refusal(psbt(one))).toMatchObject({
        message: expect.stringContaining("no unsigned input"),
        hint: expect.stringContaining(hex(witnessScript(ours.key))),
      });
    }
  });

  it("asking for more signatures than one order holds is refused", () => {
    const inputs = Array.from({ length: 65 }, (_, at) => input(ours, at));
    expect(refusal(psbt(...inputs)).message).toContain("65 inputs to sign");
    expect(derivePsbt(psbt(...inputs.slice(1)), ours.key).items).toHaveLength(64);
  });

  it.each([0, 2])("of version %d, damaged, is refused with an InputError or is another well-formed PSBT", (version) => {
    const bytes = Transaction.fromPSBT(psbt(input(ours, 0), input(theirs, 1)), LAX).toPSBT(version);
    expect(refusal(bytes.subarray(0, -1))).toBeInstanceOf(InputError);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        try {
          expect(derivePsbt(bytes.with(at, bytes[at]! ^ change), ours.key).items.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
