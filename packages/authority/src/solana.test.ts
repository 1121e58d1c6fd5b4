import { createPublicKey, verify } from "node:crypto";
import { DecodeError } from "@quorate/curves";
import { hex, InputError, unhex } from "@quorate/orders";
import {
  AccountRole,
  type Address,
  address,
  appendTransactionMessageInstruction,
  appendTransactionMessageInstructions,
  blockhash,
  compileTransaction,
  compileTransactionMessage,
  createNoopSigner,
  createTransactionMessage,
  getAddressDecoder,
  getAddressEncoder,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
  getTransactionDecoder,
  getTransactionEncoder,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base58 } from "./base58.ts";
import { assemble } from "./finish.ts";
import type { PublicKeyFacts } from "./key.ts";
import { deriveSolana } from "./solana.ts";
import { requiredSigners } from "./solana-message.ts";
import { ed25519Pair } from "./testing/keys.ts";

const recipient = address("GDhQoTpNbYUaCAjFKBMCPCdrCaKaLiSqhx5M7r4SrEFy");
const program = address("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
const addressBytes = (text: Address) => Uint8Array.from(getAddressEncoder().encode(text));
const addressOf = ({ publicKey }: PublicKeyFacts) => getAddressDecoder().decode(publicKey);

function transfer(version: 0 | "legacy", feePayer: Address, source: Address = feePayer) {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(feePayer, m),
    (m) =>
      setTransactionMessageLifetimeUsingBlockhash(
        { blockhash: blockhash("4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM"), lastValidBlockHeight: 1n },
        m,
      ),
    (m) =>
      appendTransactionMessageInstruction(
        getTransferSolInstruction({ source: createNoopSigner(source), destination: recipient, amount: 1_000_000n }),
        m,
      ),
  );
  return version === 0 ? message : { ...message, version };
}

function wire(version: 0 | "legacy", feePayer: Address, source?: Address): Uint8Array {
  return Uint8Array.from(getTransactionEncoder().encode(compileTransaction(transfer(version, feePayer, source))));
}

describe("a Solana transaction", () => {
  const own = ed25519Pair();
  const other = ed25519Pair();
  const us = addressOf(own.key);
  const them = addressOf(other.key);

  it.each(["legacy", 0] as const)("of version %s: its message is signed, as the library compiles it", (version) => {
    const compiled = compileTransaction(transfer(version, us));
    const { items } = deriveSolana(wire(version, us), own.key);
    expect(items).toEqual([{ message: Uint8Array.from(compiled.messageBytes), merkleRoot: null, prehashed: false }]);
  });

  it.each(["legacy", 0] as const)(
    "of version %s may be given as its bare message, for the same signed transaction",
    (version) => {
      const message = compileTransactionMessage(transfer(version, us));
      const bare = Uint8Array.from(getCompiledTransactionMessageEncoder().encode(message));
      expect(deriveSolana(bare, own.key).items).toEqual(deriveSolana(wire(version, us), own.key).items);
      const signature = own.sign(bare);
      expect(deriveSolana(bare, own.key).finish?.([signature])).toEqual(
        deriveSolana(wire(version, us), own.key).finish?.([signature]),
      );
    },
  );

  it("comes back with the signature in place, and other signatures kept", () => {
    const unsigned = wire(0, them, us);
    const [item] = deriveSolana(unsigned, other.key).items;
    const halfSigned = deriveSolana(unsigned, other.key).finish?.([other.sign(item!.message)]);
    const body = { kind: "Transaction", blockchainKind: "Solana", transaction: hex(halfSigned!) };
    const { signedData, signature } = assemble(body, own.key, [own.sign(item!.message)]);
    const signed = getTransactionDecoder().decode(Buffer.from(signedData!.slice(2), "hex"));
    expect(Object.keys(signed.signatures)).toEqual([them, us]);
    expect(signature?.encoded).toBe(`0x${hex(Uint8Array.from(signed.signatures[us]!))}`);
    for (const [signer, pair] of [
      [them, other],
      [us, own],
    ] as const) {
      const publicKey = createPublicKey(pair.privateKey);
      expect(verify(null, item!.message, publicKey, Uint8Array.from(signed.signatures[signer]!))).toBe(true);
    }
  });

  it("that this key need not sign is refused, naming who must", () => {
    expect(() => deriveSolana(wire(0, them), own.key)).toThrow(
      expect.objectContaining({
        field: "transaction",
        message: expect.stringContaining(them),
        hint: expect.stringContaining(us),
      }),
    );
    // as the recipient the key is an account of the message, yet no signer
    const toUs = hex(wire(0, them)).replace(hex(addressBytes(recipient)), hex(own.key.publicKey));
    expect(toUs).toContain(hex(own.key.publicKey));
    expect(() => deriveSolana(unhex(toUs), own.key)).toThrow(/not by this key/);
  });

  it("with anything before, after or missing is refused", () => {
    const bytes = wire(0, us);
    expect(() => deriveSolana(Uint8Array.of(...bytes, 0), own.key)).toThrow(/is not a Solana transaction/);
    expect(() => deriveSolana(bytes.subarray(0, -1), own.key)).toThrow(/is not a Solana transaction/);
    expect(() => deriveSolana(bytes.subarray(1), own.key)).toThrow(InputError);
    expect(() => deriveSolana(new Uint8Array([1]), own.key)).toThrow(InputError);
  });

  it("with more signatures than signers is refused", () => {
    const bytes = wire(0, us);
    const padded = Uint8Array.of(2, ...new Uint8Array(128), ...bytes.subarray(65));
    expect(() => deriveSolana(padded, own.key)).toThrow(/is not a Solana transaction/);
  });

  it("that names a signer twice is refused: one of its signatures would be lost", () => {
    const twice = [2, 0, 0, 2, ...own.key.publicKey, ...own.key.publicKey, ...new Uint8Array(32), 0];
    expect(() => deriveSolana(Uint8Array.from(twice), own.key)).toThrow(/is not a Solana transaction/);
    expect(() => deriveSolana(Uint8Array.of(2, ...new Uint8Array(128), ...twice), own.key)).toThrow(InputError);
  });

  it("without any signer is refused", () => {
    const none = [0, 0, 0, 1, ...own.key.publicKey, ...new Uint8Array(32), 0];
    expect(() => deriveSolana(Uint8Array.from(none), own.key)).toThrow(/is not a Solana transaction/);
  });

  it("that is both a transaction and a message is refused: which one is signed would be a guess", () => {
    // The signer of the inner message is chosen so that, read from the front, it is an instruction with the rest as its data.
    const signer = Uint8Array.of(0, 0, 62, ...new Uint8Array(29));
    const inner = [1, 0, 0, 1, ...signer, ...new Uint8Array(32), 0];
    const signature = [0, 0, 1, ...own.key.publicKey, ...new Uint8Array(29)];
    expect(() => deriveSolana(Uint8Array.of(1, ...signature, ...inner), own.key)).toThrow(
      /as a transaction and as a message/,
    );
  });

  it("of any shape has the signers that the library sees, and ends where it ends", () => {
    const accountsOf = (signers: number) =>
      Array.from({ length: signers }, (_, at) => ({
        address: getAddressDecoder().decode(new Uint8Array(32).fill(at + 1)),
        role: at % 2 === 0 ? AccountRole.WRITABLE_SIGNER : AccountRole.READONLY_SIGNER,
      }));
    const instruction = fc.record({
      signers: fc.nat(5),
      data: fc.uint8Array({ maxLength: 200 }),
      lookup: fc.boolean(),
      index: fc.nat(255),
    });
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 4 }), fc.boolean(), (instructions, isLegacy) => {
        const lookedUp = (index: number) => ({
          address: them,
          role: AccountRole.READONLY as const,
          lookupTableAddress: recipient,
          addressIndex: index,
        });
        const message = appendTransactionMessageInstructions(
          instructions.map(({ signers, data, lookup, index }) => ({
            programAddress: program,
            accounts: [...accountsOf(signers), ...(lookup && !isLegacy ? [lookedUp(index)] : [])],
            data,
          })),
          transfer(isLegacy ? "legacy" : 0, us),
        );
        const { messageBytes, signatures } = compileTransaction(message);
        const bytes = Uint8Array.from(messageBytes);
        expect(requiredSigners(bytes).map(base58)).toEqual(Object.keys(signatures));
        expect(() => requiredSigners(bytes.subarray(0, -1))).toThrow(DecodeError);
        expect(() => requiredSigners(Uint8Array.of(...bytes, 0))).toThrow(DecodeError);
      }),
    );
  });

  it.each([
    ["an unknown version", [0x82, 1, 0, 0, 1]],
    ["a count that is not minimal", [1, 0, 0, 0x81, 0x00]],
    ["a count of four bytes", [1, 0, 0, 0x81, 0x80, 0x80, 0x00]],
    ["a count above 65535", [1, 0, 0, 0xff, 0xff, 0x04]],
    ["more signers than accounts", [2, 0, 0, 1]],
    ["signers that are all read-only", [1, 1, 0, 1]],
    ["more read-only accounts than accounts", [1, 0, 1, 1]],
  ])("with %s is refused", (_, start) => {
    const end = [...own.key.publicKey, ...new Uint8Array(32), 0];
    expect(requiredSigners(Uint8Array.of(1, 0, 0, 1, ...end))).toHaveLength(1);
    expect(() => requiredSigners(Uint8Array.of(...start, ...end))).toThrow(DecodeError);
  });

  it("damaged anywhere is refused with an InputError, or still names this key as signer", () => {
    const bytes = wire("legacy", us);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = damaged[at]! ^ change;
        try {
          const [item] = deriveSolana(damaged, own.key).items;
          const { header, staticAccounts } = getCompiledTransactionMessageDecoder().decode(item!.message);
          expect(staticAccounts.slice(0, header.numSignerAccounts)).toContain(us);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});
