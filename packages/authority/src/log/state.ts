import type { CredentialKind, RelyingParty } from "../credentials/types.ts";
import type { Head } from "./record.ts";
import type { SignatureForm } from "./signature-request.ts";

/** How an organisation registers new users: only with somebody's endorsement of their credential, or by trust on first use. */
export type Registration = "endorsed" | "tofu";

/** What an organisation decided at its beginning, or since. */
export interface Settings {
  readonly registration: Registration;
  /** Passkeys are bound to this name, and made and used on these origins only. */
  readonly relyingParty: RelyingParty;
  /** How long the keys of a user that recovered do not sign, days. */
  readonly recoveryLockDays: number;
  /** Whether an admin may lift such a lock early. */
  readonly liftLocks: boolean;
  /** Whether an exported key still signs. */
  readonly exportedKeysSign: boolean;
  /** The most that a transfer built by the coordinator may cost in fees, smallest unit, decimal. */
  readonly maxNetworkFee: string;
}

export type UserKind = "CustomerEmployee" | "EndUser" | "ServiceAccount";

/** Somebody who may act: a person or a service account. */
export interface User {
  readonly id: string;
  readonly kind: UserKind;
  /** Unique in the organisation: of people their e-mail address, of service accounts their name. */
  username: string;
  externalId: string | null;
  isActive: boolean;
  /** Whether a first credential exists or has existed. Service accounts have one from the start. */
  isRegistered: boolean;
  isArchived: boolean;
  /** After a recovery: the keys of this user do not sign before. Milliseconds since 1970; `null` for no lock. */
  lockedUntil: number | null;
  /** Whether the first credential was taken on trust in the coordinator. */
  trustedOnFirstUse: boolean;
  readonly created: number;
}

/** A public key under which a user, or a token of theirs, signs actions. */
export interface Credential {
  /** `cr-…`, from the record that added it: commits to the public key. */
  readonly uuid: string;
  /** As the client chose it: base64url, without padding. Unique in the organisation. */
  readonly credentialId: string;
  readonly kind: CredentialKind;
  readonly name: string;
  readonly user: string;
  /** The token whose own key this is. */
  readonly token: string | null;
  /** PEM. */
  readonly publicKey: string;
  /** Hex, 32 bytes: names kind, credential id and public key. */
  readonly fingerprint: string;
  readonly encryptedPrivateKey: string | null;
  isActive: boolean;
  /** Added by a code: waits for another credential of its user to activate it. */
  isPending: boolean;
  isArchived: boolean;
  readonly created: number;
}

/** A long-lived API key: what it may do, and the key with which its holder signs actions. The bearer text itself is kept nowhere. */
export interface ApiToken {
  readonly id: string;
  readonly kind: "Pat" | "ServiceAccount";
  readonly user: string;
  name: string;
  externalId: string | null;
  /** `uuid` of its key. */
  readonly credential: string;
  isActive: boolean;
  isArchived: boolean;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly created: number;
}

/** A named set of operations. */
export interface Permission {
  readonly id: string;
  name: string;
  operations: readonly string[];
  readonly isImmutable: boolean;
  isArchived: boolean;
  readonly created: number;
  updated: number;
}

/** A permission given to a user, or to a token to narrow it. */
export interface Assignment {
  readonly id: string;
  readonly permission: string;
  /** `us-…` or `to-…`. */
  readonly identity: string;
  readonly isImmutable: boolean;
  readonly created: number;
}

/** A key as the log knows it: whose it is. The signers hold its shares under an id of their own, and remember which of these they made it for. */
export interface KeyEntity {
  readonly id: string;
  /** Hash of the record that created it, hex. */
  readonly record: string;
  readonly scheme: "ECDSA" | "EdDSA" | "Schnorr";
  readonly curve: "secp256k1" | "secp256r1" | "ed25519";
  readonly minSigners: number | null;
  name: string | null;
  readonly creator: string;
  /** The end user that owns it; `null` while it is the organisation's. */
  delegatedTo: string | null;
  /** Whether it was made to be delegated later. */
  readonly delayDelegation: boolean;
  /** Where it comes from: a key that was made, and the path below it. */
  readonly derivedFrom: { readonly keyId: string; readonly path: string } | null;
  readonly imported: boolean;
  /** The committed imports, exports and refreshes, by the hash of their record: what the signers may be ordered to do. */
  readonly causes: Map<string, KeyCause>;
  exportedAt: number | null;
  archivedAt: number | null;
  readonly created: number;
}

/** What a record lets the signers do with a key besides signing. */
export type KeyCause = {
  /** When the record was made, milliseconds since 1970. */
  readonly time: number;
} & (
  | { readonly kind: "export"; readonly encryptionKey: string }
  | { readonly kind: "refresh" }
  | {
      readonly kind: "import";
      readonly shares: readonly { readonly signerId: string; readonly encryptedKeyShare: string }[];
    }
);

/** A key on a chain. */
export interface Wallet {
  readonly id: string;
  readonly network: string;
  readonly key: string;
  name: string | null;
  externalId: string | null;
  tags: readonly string[];
  archivedAt: number | null;
  readonly created: number;
}

/** A rule on what may be done, and what happens where it applies. */
export interface Policy {
  readonly id: string;
  name: string;
  readonly activityKind: string;
  rule: Readonly<Record<string, unknown>>;
  action: Readonly<Record<string, unknown>>;
  filters: Readonly<Record<string, unknown>>;
  archivedAt: number | null;
  readonly created: number;
  updated: number;
}

/** A request to sign that was put into the log: because a policy holds it for approval, or counts it, or because it was filled in. */
export interface AdmittedRequest {
  readonly id: string;
  readonly record: string;
  /** Of the user's signature, hex: a signer that bound it to a digest answers no other, whichever way it is asked. */
  readonly authorisation: string;
  readonly initiator: string;
  readonly token: string | null;
  readonly key: string;
  readonly wallet: string | null;
  readonly form: SignatureForm;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What is signed where the body leaves something open, hex behind 0x: this transaction and no other. */
  readonly filled: string | null;
  status: "Pending" | "Admitted" | "Denied";
  readonly approval: string | null;
  /** Nothing is signed for it after this, milliseconds since 1970. */
  deadline: number;
  readonly created: number;
}

/** Who must agree to something, and who has. */
export interface Approval {
  readonly id: string;
  readonly initiator: string;
  /** What waits for it: an admitted request, or a change held by a policy on policies or permissions. */
  readonly activity: Readonly<Record<string, unknown>>;
  /** Hex: what an approver's challenge names under this approval's id. */
  readonly digest: string;
  /** One that expired stays Pending: `approvalStatus` tells by the clock. */
  status: "Pending" | "Approved" | "Denied";
  /** Of each policy that looked at the activity: whether it applies, and why. */
  readonly evaluations: readonly { readonly policyId: string; readonly triggered: boolean; readonly reason: string }[];
  readonly groups: readonly {
    readonly name: string | null;
    readonly quorum: number;
    /** `null`: anybody who may approve. */
    readonly approvers: readonly string[] | null;
    readonly initiatorCanApprove: boolean;
  }[];
  readonly decisions: {
    readonly user: string;
    readonly value: "Approved" | "Denied";
    readonly reason: string | null;
    readonly date: number;
  }[];
  readonly expires: number | null;
  resolved: number | null;
  readonly created: number;
  updated: number;
}

/** What one log says: who exists and what they may do. Only the change of a judged record touches it. */
export interface Organisation {
  readonly id: string;
  readonly name: string;
  settings: Settings;
  head: Head;
  /** Of the last record, milliseconds since 1970. */
  time: number;
  readonly users: Map<string, User>;
  readonly credentials: Map<string, Credential>;
  /** `uuid` by the client's own id of a credential. */
  readonly credentialIds: Map<string, string>;
  readonly tokens: Map<string, ApiToken>;
  readonly permissions: Map<string, Permission>;
  readonly assignments: Map<string, Assignment>;
  readonly keys: Map<string, KeyEntity>;
  readonly wallets: Map<string, Wallet>;
  readonly policies: Map<string, Policy>;
  readonly requests: Map<string, AdmittedRequest>;
  readonly approvals: Map<string, Approval>;
  /** Authorisations that records used, by id, with the time at which they expire anyway. */
  readonly used: Map<string, number>;
}
