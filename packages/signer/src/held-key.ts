import type { Group, Point, Secret } from "@quorate/curves";
import type { FrostSuite, KeyShare } from "@quorate/frost";
import type { GroupKey } from "@quorate/keygen";
import type { DerivationPath, EcdsaSuite, NodeId, SuiteName } from "@quorate/orders";

interface Held {
  /** Of the key that was made, not of the child. */
  readonly keyId: Uint8Array;
  readonly epoch: number;
  readonly identifier: number;
  readonly suiteName: SuiteName;
  /** Where below that key this one lies; empty for itself. */
  readonly path: DerivationPath;
  /** X, or X' of a child, encoded. */
  readonly encodedPublicKey: Uint8Array;
  /** What the certificate of the key that was made says. */
  readonly certificate: GroupKey;
  /** Holders by identifier, as the network file names them. */
  readonly nodes: ReadonlyMap<number, NodeId>;
  /** Of the key that was made, 32 bytes. */
  readonly chainCode: Secret;
}

/** A key, or a child, that this signer can sign with by FROST. */
export interface FrostKey extends Held {
  readonly kind: "frost";
  readonly suite: FrostSuite;
  /** The share with the public side of the key; the share was checked against it. */
  readonly share: KeyShare;
}

/** A key, or a child, that this signer can sign ECDSA with. */
export interface EcdsaKey extends Held {
  readonly kind: "ecdsa";
  readonly suiteName: EcdsaSuite;
  readonly group: Group;
  /** s_i of the key that was made, encoded, 32 bytes; checked against its verifying share. */
  readonly signingShare: Secret;
  /** What the path adds to the secret; 0 for the key itself. */
  readonly tweak: bigint;
  /** X, or X' of a child. */
  readonly publicKey: Point;
}

/** A key, or a child of one, that this signer holds a share of. */
export type HeldKey = FrostKey | EcdsaKey;

/** s_i of the key, or of the child as it stands. */
export function signingShareOf(key: HeldKey): Secret {
  return key.kind === "frost" ? key.share.signingShare : key.signingShare;
}

export function groupOf(key: HeldKey): Group {
  return key.kind === "frost" ? key.suite.group : key.group;
}
