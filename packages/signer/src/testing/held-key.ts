import { Secret } from "@quorate/curves";
import { keyShare, parsePublicKeyPackage, suite } from "@quorate/frost";
import type { FrostKey } from "../held-key.ts";

/** Participant 1 of a 2-of-2 key with f(x) = 5 + 2x; `id` tells keys apart. */
export function heldKey(id: number): FrostKey {
  const ed25519 = suite("ed25519", "noble");
  const { group } = ed25519;
  const point = (scalar: bigint) => group.encodePoint(group.base(scalar));
  const keyId = new Uint8Array(32).fill(id);
  const verifyingShares = new Map([
    [1, point(7n)],
    [2, point(9n)],
  ]);
  const publicKey = point(5n);
  const participants = [1, 2].map((identifier) => ({ identifier, publicKey: new Uint8Array(32).fill(identifier) }));
  const signingShare = new Secret(group.encodeScalar(7n));
  return {
    keyId,
    epoch: 0,
    identifier: 1,
    kind: "frost",
    suiteName: "ed25519",
    path: [],
    encodedPublicKey: publicKey,
    chainCode: new Secret(new Uint8Array(32)),
    suite: ed25519,
    share: keyShare(parsePublicKeyPackage(ed25519, { publicKey, verifyingShares, minSigners: 2 }), 1, signingShare),
    certificate: {
      suite: "ed25519",
      keyId,
      epoch: 0,
      minSigners: 2,
      participants,
      publicKey,
      groupCommitment: [publicKey, point(2n)],
      verifyingShares,
      chainHash: new Uint8Array(32),
    },
    nodes: new Map([
      [1, "ada"],
      [2, "bob"],
    ]),
  };
}
