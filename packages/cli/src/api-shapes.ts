import type { Addresses, Assembled } from "@quorate/authority";
import type {
  AttemptReport,
  Curve,
  DerivedFrom,
  PairReport,
  PoolReport,
  RequestStatus,
  Scheme,
  Timing,
} from "@quorate/coordinator";
import type { Member, SuiteName } from "@quorate/orders";

/** A key as the API shows it. `publicKey` is hex: 32 bytes on ed25519, 33 on the other curves. */
export interface Key {
  readonly id: string;
  readonly scheme: Scheme;
  readonly curve: Curve;
  readonly publicKey: string;
  /** Of a child: the key that was made, and where below it this one lies. */
  readonly derivedFrom?: DerivedFrom;
  readonly name?: string;
  readonly status: string;
  readonly dateCreated: string;
  /** Somebody knew the key before it came here. */
  readonly imported?: true;
  /** When its holders gave their shares away: it signs no more. */
  readonly dateExported?: string;
}

/** What Quorate adds to a key. `keyId` and `certificate` are hex. */
export interface KeyDetails {
  readonly id: string;
  readonly keyId: string;
  readonly epoch: number;
  readonly suite: SuiteName;
  readonly minSigners: number;
  readonly members: readonly Member[];
  readonly certificate: string;
  /** Hash of the record that created it, or the key that it is derived from, hex; `null` where no log names one. */
  readonly record: string | null;
  /** Commitments that lie ready, by node. */
  readonly commitmentLevels: Readonly<Record<string, number>>;
  /** Of ECDSA keys. */
  readonly presignatureLevels: readonly PoolReport[];
  readonly addresses: Addresses;
}

/** A key whose holders have new shares. */
export interface RefreshedKey extends Key {
  readonly _quorate: Pick<KeyDetails, "keyId" | "epoch" | "certificate">;
}

/** What to make; without `minSigners` the network's default. */
export interface NewKey {
  readonly scheme: Scheme;
  readonly curve: Curve;
  readonly name?: string;
  readonly minSigners?: number;
  /** A child of a key; without `path` at the next free index below it. */
  readonly deriveFrom?: { readonly keyId: string; readonly path?: string };
  /** So many presignatures are to lie ready, made in the background. */
  readonly presign?: number;
}

/** A signature request as the API shows it. */
export interface SignatureRequest extends Assembled {
  readonly id: string;
  readonly keyId: string;
  readonly status: RequestStatus;
  readonly reason?: string;
  readonly externalId?: string;
  readonly dateRequested: string;
  readonly dateSigned?: string;
  readonly _quorate: { readonly attempts: readonly AttemptReport[]; readonly timing: Timing | null };
}

/** A process of the network, as the API shows it. `publicKey` is the hex of its Ed25519 identity. */
export interface NetworkProcess {
  readonly name: string;
  readonly region: string;
  readonly operator: string;
  readonly publicKey: string;
}

export interface NetworkSigner extends NetworkProcess {
  readonly connected: boolean;
  readonly suspect: boolean;
  readonly guilty: boolean;
  /** Measured from the coordinator. */
  readonly rttMs: number | null;
  readonly brokenKeys: readonly { readonly id: string | null; readonly keyId: string; readonly fault: string }[];
}

export interface Network {
  readonly networkId: string;
  readonly hash: string;
  readonly coordinator: NetworkProcess;
  readonly nodes: readonly NetworkSigner[];
  /** How each two signers stand for threshold ECDSA. */
  readonly pairs: readonly PairReport[];
  readonly defaults: { readonly minSigners: number; readonly maxSigners: number };
  readonly versions: { readonly quorate: string; readonly networkFile: number };
}

export interface Health {
  readonly status: "ok" | "starting";
  readonly signers: { readonly connected: number; readonly total: number };
  readonly pairs: { readonly ready: number; readonly total: number };
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken?: string;
}
