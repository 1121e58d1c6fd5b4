import { generateKeyPairSync, sign } from "node:crypto";
import { addresses, assemble, deriveDigests } from "@quorate/authority";
import { hex, unhex } from "@quorate/orders";
import { beforeAll, describe, expect, it } from "vitest";
import { checkSolana, readSolana } from "../checks/solana.ts";
import { FUNDS_LAMPORTS, Ledger, RECIPIENT, TRANSFER_LAMPORTS, transferTransaction } from "./solana.ts";

const FEE_LAMPORTS = 5000n;

/** A key held whole, in place of a network's. */
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const key = {
  suite: "ed25519",
  publicKey: new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32)),
} as const;
const from = addresses(key).solana!;

describe("a transfer", () => {
  let ledger: Ledger;
  let wire: Uint8Array;
  let signed: Uint8Array;

  beforeAll(async () => {
    ledger = await Ledger.open();
    wire = transferTransaction({ from, to: RECIPIENT, lamports: TRANSFER_LAMPORTS, blockhash: ledger.blockhash });
    const body = { kind: "Transaction", blockchainKind: "Solana", transaction: hex(wire) };
    const signature = new Uint8Array(sign(null, deriveDigests(body, key).items[0]!.message, privateKey));
    signed = unhex(assemble(body, key, [signature]).signedData!.slice(2));
    ledger.fund(from);
  });

  it("without its signature, or with a damaged one, changes no balance", () => {
    const damaged = Uint8Array.from(signed);
    damaged[1] = damaged[1]! ^ 1;
    for (const [one, error] of [
      [wire, "SignatureMissing"],
      [damaged, "SignatureFailure"],
    ] as const) {
      const { before, after, ...outcome } = ledger.execute(one, from);
      expect(outcome).toEqual({ executed: false, error });
      expect(after).toEqual(before);
    }
    expect(checkSolana(readSolana(wire))).toEqual([{ signer: from, verdict: "missing" }]);
    expect(checkSolana(readSolana(damaged))).toEqual([{ signer: from, verdict: "invalid" }]);
  });

  it("with another amount under the same signature is refused", () => {
    const other = Uint8Array.from(signed);
    other[other.length - 2] = other.at(-2)! ^ 1;
    expect(ledger.execute(other, from)).toMatchObject({ executed: false, error: "SignatureFailure" });
    expect(checkSolana(readSolana(other))).toEqual([{ signer: from, verdict: "invalid" }]);
  });

  it("signed, moves the lamports, and the payer pays the fee", () => {
    const execution = ledger.execute(signed, from);
    expect(execution).toEqual({
      executed: true,
      before: { from: FUNDS_LAMPORTS, to: 0n },
      after: { from: FUNDS_LAMPORTS - TRANSFER_LAMPORTS - FEE_LAMPORTS, to: TRANSFER_LAMPORTS },
    });
    expect(checkSolana(readSolana(signed))).toEqual([{ signer: from, verdict: "valid" }]);
  });

  it("from a payer without funds is refused for that", async () => {
    expect((await Ledger.open()).execute(signed, from)).toMatchObject({ executed: false, error: "AccountNotFound" });
  });

  it("with bytes behind it, or missing, is not read", () => {
    expect(() => readSolana(Uint8Array.of(...signed, 0))).toThrow("not the one encoding");
    expect(() => readSolana(signed.subarray(0, -1))).toThrow();
  });
});
