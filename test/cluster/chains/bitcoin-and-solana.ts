import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as btc from "@scure/btc-signer";
import {
  address,
  appendTransactionMessageInstruction,
  blockhash,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  getTransactionDecoder,
  getTransactionEncoder,
  lamports,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import * as bitcoin from "bitcoinjs-lib";
import { LiteSVM } from "litesvm";
import { verify, verifySchnorr } from "tiny-secp256k1";
import { describe, expect, it } from "vitest";
import { cluster } from "./started.ts";

const MINUTES = 60_000;
interface Shown {
  readonly publicKey: string;
  readonly addresses: {
    readonly solana?: string;
    readonly taproot?: { readonly regtest: string };
    readonly p2wpkh?: { readonly regtest: string };
  };
}

describe("a Solana transfer that the network signed from a file", () => {
  it(
    "is executed by LiteSVM: balances change",
    async () => {
      const { addresses } = await cluster().json<Shown>("keys", "show", "solana");
      const from = address(addresses.solana!);
      const to = address("11111111111111111111111111111112");
      const ledger = new LiteSVM();
      ledger.airdrop(from, lamports(1_000_000_000n));
      const source = createNoopSigner(from);
      const unsigned = pipe(
        createTransactionMessage({ version: 0 }),
        (message) => setTransactionMessageFeePayer(from, message),
        (message) =>
          setTransactionMessageLifetimeUsingBlockhash(
            { blockhash: blockhash(ledger.latestBlockhash()), lastValidBlockHeight: 0n },
            message,
          ),
        (message) =>
          appendTransactionMessageInstruction(
            getTransferSolInstruction({ source, destination: to, amount: 400_000_000n }),
            message,
          ),
        compileTransaction,
      );
      const file = join(cluster().dir, "transfer.bin");
      const out = join(cluster().dir, "signed.bin");
      writeFileSync(file, new Uint8Array(getTransactionEncoder().encode(unsigned)));
      await cluster().json("sign", "solana", "--solana-tx", file, "--out", out);
      ledger.sendTransaction(getTransactionDecoder().decode(new Uint8Array(readFileSync(out))));
      expect(ledger.getBalance(to)).toBe(400_000_000n);
      expect(ledger.getBalance(from)).toBe(1_000_000_000n - 400_000_000n - 5000n);
    },
    2 * MINUTES,
  );
});

describe("a Bitcoin taproot spend that the network signed from a PSBT file", () => {
  it(
    "has a witness that bitcoinjs-lib and libsecp256k1 find valid, under the tweaked key and under no other message",
    async () => {
      const { publicKey, addresses } = await cluster().json<Shown>("keys", "show", "vault");
      const internal = Buffer.from(publicKey, "hex").subarray(1);
      const payment = btc.p2tr(internal, undefined, btc.TEST_NETWORK);
      const psbt = new btc.Transaction();
      const amount = 100_000n;
      psbt.addInput({
        txid: createHash("sha256").update("a transaction that paid the vault").digest("hex"),
        index: 1,
        witnessUtxo: { script: payment.script, amount },
        tapInternalKey: internal,
      });
      psbt.addOutput({ script: btc.p2tr(internal).script, amount: 99_000n });
      const file = join(cluster().dir, "spend.psbt");
      const final = join(cluster().dir, "final.hex");
      writeFileSync(file, psbt.toPSBT());
      await cluster().json(
        "sign",
        "vault",
        "--psbt",
        file,
        "--out",
        join(cluster().dir, "signed.psbt"),
        "--out-tx",
        final,
      );

      const spend = bitcoin.Transaction.fromHex(readFileSync(final, "utf8").trim());
      const sighash = spend.hashForWitnessV1(0, [payment.script], [amount], bitcoin.Transaction.SIGHASH_DEFAULT);
      const [signature] = spend.ins[0]!.witness;
      const outputKey = payment.script.subarray(2);
      expect(verifySchnorr(sighash, outputKey, signature!)).toBe(true);
      const other = spend.hashForWitnessV1(0, [payment.script], [amount - 1n], bitcoin.Transaction.SIGHASH_DEFAULT);
      expect(verifySchnorr(other, outputKey, signature!)).toBe(false);
      expect(addresses.taproot?.regtest).toBe(
        btc.p2tr(internal, undefined, { ...btc.TEST_NETWORK, bech32: "bcrt" }).address,
      );
    },
    2 * MINUTES,
  );
});

describe("a Bitcoin P2WPKH spend that the network signed from a PSBT file", () => {
  it(
    "has witnesses that bitcoinjs-lib and libsecp256k1 find valid, one per input",
    async () => {
      const { publicKey, addresses } = await cluster().json<Shown>("keys", "show", "till");
      const payment = btc.p2wpkh(Buffer.from(publicKey, "hex"), { ...btc.TEST_NETWORK, bech32: "bcrt" });
      expect(addresses.p2wpkh?.regtest).toBe(payment.address);
      const funding = new btc.Transaction({ disableScriptCheck: true });
      const amounts = [60_000n, 40_000n];
      for (const amount of amounts) funding.addOutput({ script: payment.script, amount });
      const psbt = new btc.Transaction();
      const nonWitnessUtxo = funding.toBytes(true, false);
      for (const index of [0, 1]) psbt.addInput({ txid: funding.id, index, nonWitnessUtxo });
      psbt.addOutput({ script: payment.script, amount: 99_000n });
      const [file, final] = [join(cluster().dir, "till.psbt"), join(cluster().dir, "till.hex")];
      writeFileSync(file, psbt.toPSBT());
      await cluster().json("sign", "till", "--psbt", file, "--out", join(cluster().dir, "t.psbt"), "--out-tx", final);

      const spend = bitcoin.Transaction.fromHex(readFileSync(final, "utf8").trim());
      const code = bitcoin.payments.p2pkh({ hash: payment.hash }).output!;
      for (const [at, amount] of amounts.entries()) {
        const [encoded, key] = spend.ins[at]!.witness;
        const { signature, hashType } = bitcoin.script.signature.decode(encoded!);
        expect(Buffer.from(key!).toString("hex")).toBe(publicKey);
        const valid = (value: bigint) =>
          verify(spend.hashForWitnessV0(at, code, value, hashType), key!, signature, true);
        expect([valid(amount), valid(amount + 1n)]).toEqual([true, false]);
      }
    },
    2 * MINUTES,
  );
});
