import type { Backend } from "@quorate/curves";
import { type FrostSuite, type KeyShare, keyShare, parsePublicKeyPackage, suite } from "@quorate/frost";
import { decodeKeyShare, type StagedShare } from "@quorate/keygen";
import { type VerifiedCertificate, verifyCertificate } from "@quorate/keygen/aggregate";
import { type Holding, hex, type NodeId, type RecordListed, type RecordWrite, unhex, type Waits } from "@quorate/orders";

/** A key that this signer can sign with. */
export interface HeldKey {
  readonly keyId: Uint8Array;
  readonly epoch: number;
  readonly identifier: number;
  readonly suite: FrostSuite;
  /** The share with the public side of the key; the share was checked against it. */
  readonly share: KeyShare;
  readonly certificate: VerifiedCertificate;
  /** Holders by identifier, as the network file names them. */
  readonly nodes: ReadonlyMap<number, NodeId>;
}

/** What this signer has of a key. */
type Entry =
  | { readonly state: "active"; readonly key: HeldKey }
  | { readonly state: "staged"; readonly share: StagedShare; readonly epoch: number }
  | { readonly state: "broken"; readonly fault: string; readonly epoch: number };

/** How many keys a signer can hold. */
const MAX_KEYS = 4096;

/** The keys of this signer: shares opened once at start, usable only together with their n-of-n certificate. */
export class Keyring {
  readonly #backend: Backend;
  readonly #waits: Waits;
  readonly #nodeOf: ReadonlyMap<string, NodeId>;
  readonly #entries = new Map<string, Entry>();

  /** @param nodeOf node names by public identity in hex */
  constructor(backend: Backend, waits: Waits, nodeOf: ReadonlyMap<string, NodeId>) {
    this.#backend = backend;
    this.#waits = waits;
    this.#nodeOf = nodeOf;
  }

  /** Reads everything; a record that cannot be used makes its key `broken` and leaves the others alone. */
  load(then: () => void): void {
    this.#waits.list({ kind: "share", limit: MAX_KEYS }, (shares) => {
      const keys = shares.map(({ id, epoch }) => ({ kind: "certificate", id, epoch }));
      this.#waits.read(keys, (certificates) => {
        for (const [at, share] of shares.entries()) {
          const certificate = certificates[at];
          this.#entries.set(share.id, this.#guarded(share, certificate?.state === "present" ? certificate.value : undefined));
        }
        then();
      });
    });
  }

  /** The entry of a key, `undefined` if this signer has never heard of it. */
  find(keyId: Uint8Array): Entry | undefined {
    return this.#entries.get(hex(keyId));
  }

  holdings(): readonly Holding[] {
    return [...this.#entries].map(([id, entry]) => ({
      keyId: unhex(id),
      epoch: entry.state === "active" ? entry.key.epoch : entry.epoch,
      state: entry.state,
      fault: entry.state === "broken" ? entry.fault.slice(0, 64) : "",
    }));
  }

  /** The write that stages a new share; not usable before its certificate. */
  stage(share: StagedShare, encoded: Uint8Array): RecordWrite {
    const id = hex(share.keyId);
    this.#entries.set(id, { state: "staged", share, epoch: share.epoch });
    return { kind: "share", id, epoch: share.epoch, value: encoded, secret: true };
  }

  /**
   * The write that activates a staged share, and what to do once it is durable.
   *
   * @returns `undefined` if no share is staged for it
   * @throws Error when the certificate does not verify or is not for the staged share
   */
  certify(bytes: Uint8Array): { readonly write: RecordWrite; readonly activate: () => HeldKey } | undefined {
    const certificate = verifyCertificate(bytes);
    const id = hex(certificate.keyId);
    const entry = this.#entries.get(id);
    if (entry?.state !== "staged") return undefined;
    const key = this.#held(entry.share, certificate);
    return {
      write: { kind: "certificate", id, epoch: certificate.epoch, value: bytes },
      activate: () => {
        this.#entries.set(id, { state: "active", key });
        return key;
      },
    };
  }

  #guarded(share: RecordListed, certificate: Uint8Array | undefined): Entry {
    const { record, epoch } = share;
    try {
      if (record.state === "faulty") return { state: "broken", fault: record.fault, epoch };
      if (record.state === "absent") return { state: "broken", fault: "absent", epoch };
      const staged = decodeKeyShare(record.value);
      if (certificate === undefined) return { state: "staged", share: staged, epoch };
      return { state: "active", key: this.#held(staged, verifyCertificate(certificate)) };
    } catch {
      // The message of a failed decoding could quote the record: say only that it is not usable.
      return { state: "broken", fault: "unusable_record", epoch };
    }
  }

  #held(share: StagedShare, certificate: VerifiedCertificate): HeldKey {
    if (hex(share.keyId) !== hex(certificate.keyId)) throw new Error("the certificate is for another key");
    const nodes = new Map<number, NodeId>();
    for (const { identifier, publicKey } of certificate.participants) {
      const node = this.#nodeOf.get(hex(publicKey));
      if (node === undefined) throw new Error(`holder ${identifier} is not in the network file`);
      nodes.set(identifier, node);
    }
    const frostSuite = suite(certificate.suite, this.#backend);
    return {
      keyId: certificate.keyId,
      epoch: certificate.epoch,
      identifier: share.identifier,
      suite: frostSuite,
      share: keyShare(parsePublicKeyPackage(frostSuite, certificate), share.identifier, share.signingShare),
      certificate,
      nodes,
    };
  }
}
