import { type Backend, group } from "@quorate/curves";
import { keyShare, parsePublicKeyPackage, suite } from "@quorate/frost";
import { activate, decodeShare, type StagedShare, type Trust, verifyCertificate } from "@quorate/keygen";
import {
  curveOf,
  type Holding,
  hex,
  isEcdsa,
  isSuite,
  type NetworkFile,
  type NodeId,
  type RecordListed,
  type RecordWrite,
  trustOf,
  unhex,
  type Waits,
} from "@quorate/orders";
import type { HeldKey } from "./held-key.ts";

/** What this signer has of a key. */
type Entry =
  | { readonly state: "active"; readonly key: HeldKey }
  | { readonly state: "staged"; readonly share: StagedShare; readonly epoch: number }
  | { readonly state: "broken"; readonly fault: string; readonly epoch: number };

/** How many keys a signer takes on. Fewer than it can report: those that are being made may still come on top. */
const MAX_KEYS = 2048;
/** How many keys one report of holdings can carry. */
const MAX_REPORTED = 4096;

/** The keys of this signer: shares opened once at start, usable only together with their n-of-n certificate. */
export class Keyring {
  readonly #self: NodeId;
  readonly #backend: Backend;
  readonly #waits: Waits;
  readonly #trust: Trust;
  /** Node names by public identity in hex. */
  readonly #nodeOf: ReadonlyMap<string, NodeId>;
  readonly #entries = new Map<string, Entry>();

  constructor(network: NetworkFile, self: NodeId, backend: Backend, waits: Waits) {
    this.#self = self;
    this.#backend = backend;
    this.#waits = waits;
    this.#trust = trustOf(network, backend);
    this.#nodeOf = new Map(network.nodes.map((node) => [node.publicKey, node.name]));
  }

  /** Reads everything; a record that cannot be used makes its key `broken` and leaves the others alone. */
  load(then: () => void): void {
    this.#waits.list({ kind: "share", limit: MAX_REPORTED }, (shares) => {
      const keys = shares.map(({ id, epoch }) => ({ kind: "certificate", id, epoch }));
      this.#waits.read(keys, (certificates) => {
        for (const [at, share] of shares.entries()) {
          // A damaged index yields an entry without a name: there is no key to report it under.
          if (!/^[0-9a-f]{64}$/.test(share.id)) continue;
          const certificate = certificates[at];
          this.#entries.set(
            share.id,
            this.#guarded(share, certificate?.state === "present" ? certificate.value : undefined),
          );
        }
        then();
      });
    });
  }

  /** The entry of a key, `undefined` if this signer has never heard of it. */
  find(keyId: Uint8Array): Entry | undefined {
    return this.#entries.get(hex(keyId));
  }

  /** Whether no further key is taken on. */
  get full(): boolean {
    return this.#entries.size >= MAX_KEYS;
  }

  holdings(): readonly Holding[] {
    return [...this.#entries].slice(0, MAX_REPORTED).map(([id, entry]) => ({
      keyId: unhex(id),
      epoch: entry.state === "active" ? entry.key.epoch : entry.epoch,
      state: entry.state,
      fault: entry.state === "broken" ? entry.fault.slice(0, 64) : "",
    }));
  }

  /**
   * The write that stages a new share, and what to do once it is durable; not usable before its certificate.
   *
   * @param record in the codec of `keygen`
   */
  stage(record: Uint8Array): { readonly write: RecordWrite; readonly keep: () => void } {
    const share = decodeShare(record);
    const { epoch } = share;
    const id = hex(share.keyId);
    return {
      write: { kind: "share", id, epoch, value: record, secret: true },
      keep: () => this.#entries.set(id, { state: "staged", share, epoch }),
    };
  }

  /**
   * The write that activates a staged share, and what to do once it is durable.
   *
   * @returns `undefined` if no share is staged for it
   * @throws Error when the certificate does not verify or is not for the staged share
   */
  certify(certificate: Uint8Array): { readonly write: RecordWrite; readonly activate: () => HeldKey } | undefined {
    const { keyId, epoch } = verifyCertificate(certificate, this.#trust);
    const id = hex(keyId);
    const entry = this.#entries.get(id);
    if (entry?.state !== "staged") return undefined;
    const key = this.#held(entry.share, certificate);
    return {
      write: { kind: "certificate", id, epoch, value: certificate },
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
      const staged = decodeShare(record.value);
      record.value.fill(0);
      if (certificate === undefined) return { state: "staged", share: staged, epoch };
      return { state: "active", key: this.#held(staged, certificate) };
    } catch {
      // The message of a failed decoding could quote the record: say only that it is not usable.
      return { state: "broken", fault: "unusable_record", epoch };
    }
  }

  #held(staged: StagedShare, certificate: Uint8Array): HeldKey {
    const key = activate(staged, certificate, this.#trust);
    if (!isSuite(key.suite)) throw new Error(`unknown suite ${key.suite}`);
    const { suite: suiteName, keyId, epoch, identifier, signingShare, chainCode, publicKey } = key;
    const nodes = new Map(key.participants.map((one) => [one.identifier, this.#nodeOf.get(hex(one.publicKey))!]));
    if (nodes.get(identifier) !== this.#self) throw new Error("the share is that of another node");
    const held = {
      keyId,
      epoch,
      identifier,
      nodes,
      chainCode,
      certificate: key,
      path: [],
      encodedPublicKey: publicKey,
    };
    if (isEcdsa(suiteName)) {
      const curve = group(curveOf(suiteName), this.#backend);
      const ecdsa = { group: curve, signingShare, tweak: 0n, publicKey: curve.decodePoint(publicKey) };
      return { ...held, kind: "ecdsa", suiteName, ...ecdsa };
    }
    const frostSuite = suite(suiteName, this.#backend);
    const share = keyShare(parsePublicKeyPackage(frostSuite, key), identifier, signingShare);
    return { ...held, kind: "frost", suiteName, suite: frostSuite, share };
  }
}
