import { DecodeError, identityFromSeed, u32 } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { type CommitmentScope, type PublishedCommitment, signCommitment, verifyCommitment } from "./commitment.ts";
import { type SigningPackage, signShareStatement, verifyShareStatement } from "./share.ts";
import { type Addressing, open, seal } from "./signed.ts";

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const identity = identityFromSeed(filled(32, 1));
const { publicKey } = identity;
const stranger = identityFromSeed(filled(32, 2)).publicKey;

describe("a signed message", () => {
  const address: Addressing = { networkHash: filled(32, 3), purpose: "order", from: "hub", to: "ada" };
  const message = seal(u32, 7, identity, address);

  test("opens between these two, in this network, for this purpose", () => {
    expect(open(u32, message, publicKey, address)).toBe(7);
  });

  test.each<[string, Partial<Addressing>]>([
    ["another network", { networkHash: filled(32, 4) }],
    ["another purpose", { purpose: "outcome" }],
    ["another sender", { from: "bob" }],
    ["another recipient", { to: "bob" }],
    ["names that run together in the same way", { from: "hu", to: "bada" }],
  ])("does not open for %s", (_, change) => {
    expect(open(u32, message, publicKey, { ...address, ...change })).toBeUndefined();
  });

  test("does not open under another key, or changed anywhere", () => {
    expect(open(u32, message, stranger, address)).toBeUndefined();
    for (let at = 4; at < message.length; at++) {
      const changed = message.map((byte, place) => (place === at ? byte ^ 1 : byte));
      expect(open(u32, changed, publicKey, address)).toBeUndefined();
    }
  });

  test("is not read before its signature is checked", () => {
    const unreadable = seal(u32, 7, identity, address).slice();
    const short = seal({ ...u32, write: (out) => out.push(filled(3, 1)) }, 7, identity, address);
    expect(() => open(u32, short, publicKey, address)).toThrow(DecodeError);
    expect(open(u32, short, stranger, address)).toBeUndefined();
    expect(() => open(u32, unreadable.subarray(1), publicKey, address)).toThrow(DecodeError);
  });
});

const scope: CommitmentScope = { networkHash: filled(32, 5), keyId: filled(32, 6), epoch: 0 };
const commitment = signCommitment(identity, scope, {
  identifier: 1,
  commitmentId: filled(16, 7),
  hiding: filled(32, 8),
  binding: filled(32, 9),
});

describe("a published commitment", () => {
  test.each<[string, Partial<CommitmentScope>]>([
    ["network", { networkHash: filled(32, 0) }],
    ["key", { keyId: filled(32, 0) }],
    ["epoch", { epoch: 1 }],
  ])("is good for one %s", (_, change) => {
    expect(verifyCommitment(publicKey, scope, commitment)).toBe(true);
    expect(verifyCommitment(publicKey, { ...scope, ...change }, commitment)).toBe(false);
  });

  test.each<[string, Partial<PublishedCommitment>]>([
    ["identifier", { identifier: 2 }],
    ["name", { commitmentId: filled(16, 0) }],
    ["hiding point", { hiding: filled(32, 0) }],
    ["binding point", { binding: filled(32, 0) }],
    ["points, in their order", { hiding: commitment.binding, binding: commitment.hiding }],
  ])("is signed with its %s", (_, change) => {
    expect(verifyCommitment(publicKey, scope, { ...commitment, ...change })).toBe(false);
  });

  test("is signed by its maker", () => expect(verifyCommitment(stranger, scope, commitment)).toBe(false));
});

describe("a signed share", () => {
  const { networkHash, keyId, epoch } = scope;
  const answered: SigningPackage = {
    keyId,
    epoch,
    path: [],
    message: filled(5, 1),
    merkleRoot: null,
    commitments: [commitment],
  };
  const signed = signShareStatement(identity, networkHash, answered, 1, filled(32, 2));

  test.each<[string, Partial<SigningPackage>]>([
    ["key", { keyId: filled(32, 0) }],
    ["epoch", { epoch: 1 }],
    ["path", { path: [0] }],
    ["message", { message: filled(5, 2) }],
    ["tweak", { merkleRoot: new Uint8Array() }],
    ["signing set", { commitments: [commitment, commitment] }],
  ])("answers one %s", (_, change) => {
    expect(verifyShareStatement(publicKey, networkHash, answered, signed)).toBe(true);
    expect(verifyShareStatement(publicKey, networkHash, { ...answered, ...change }, signed)).toBe(false);
  });

  test("is signed by its maker, in its network, with its identifier", () => {
    expect(verifyShareStatement(stranger, networkHash, answered, signed)).toBe(false);
    expect(verifyShareStatement(publicKey, filled(32, 0), answered, signed)).toBe(false);
    expect(verifyShareStatement(publicKey, networkHash, answered, { ...signed, identifier: 2 })).toBe(false);
    expect(verifyShareStatement(publicKey, networkHash, answered, { ...signed, share: filled(32, 0) })).toBe(false);
  });
});
