import { type Backend, encode, group } from "@quorate/curves";
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
import { exportedRecord, type OriginRecord, RECORD_KINDS } from "@quorate/vault";
import type { HeldKey } from "./held-key.ts";
import { Origins } from "./origins.ts";
import { Refused } from "./refused.ts";

/** What this signer has of a key. */
type Entry =
  | {
      readonly state: "active";
      readonly key: HeldKey;
      readonly certificate: Uint8Array;
      /** This signer has given its share away, and signs no more. */
      readonly exported?: true;
    }
  | { readonly state: "staged"; readonly share: StagedShare; readonly epoch: number }
  | { readonly state: "broken"; readonly fault: string; readonly epoch: number };

/** How many keys a signer takes on. Fewer than it can report: those that are being made may still come on top. */
const MAX_KEYS = 2048;
/** How many keys one report of holdings can carry. */
const MAX_REPORTED = 4096;
/** How many new shares of a key wait for their certificates; more would be those of runs that nobody finished. */
const MAX_NEXT = 8;

/** A key that has become usable, and the key with the shares of an earlier epoch that it stands for now. */
interface Activated {
  readonly key: HeldKey;
  readonly replaced: HeldKey | undefined;
}

/** The keys of this signer: shares opened once at start, usable only together with their n-of-n certificate. */
export class Keyring {
  readonly #self: NodeId;
  readonly #backend: Backend;
  readonly #waits: Waits;
  readonly #trust: Trust;
  /** Node names by public identity in hex. */
  readonly #nodeOf: ReadonlyMap<string, NodeId>;
  readonly #entries = new Map<string, Entry>();
  /** Shares of later epochs, not certified yet, by key and epoch. */
  readonly #next = new Map<string, Map<number, StagedShare>>();
  /** The highest epoch that a run was begun for, by key. */
  readonly #claimed = new Map<string, number>();
  readonly #origins = new Origins();

  constructor(network: NetworkFile, self: NodeId, backend: Backend, waits: Waits) {
    this.#self = self;
    this.#backend = backend;
    this.#waits = waits;
    this.#trust = trustOf(network, backend);
    this.#nodeOf = new Map(network.nodes.map((node) => [node.publicKey, node.name]));
  }

  /** Reads everything; a record that cannot be used makes its key `broken` and leaves the others alone. */
  load(then: () => void): void {
    this.#waits.list({ kind: "share", limit: MAX_REPORTED * (1 + MAX_NEXT) }, (listed) => {
      // A damaged index yields an entry without a name: there is no key to report it under.
      const shares = listed.filter(({ id }) => /^[0-9a-f]{64}$/.test(id)).toSorted((a, b) => a.epoch - b.epoch);
      const keys = shares.map(({ id, epoch }) => ({ kind: "certificate", id, epoch }));
      this.#waits.read(keys, (certificates) => {
        const certificateOf = (at: number) => {
          const found = certificates[at];
          return found?.state === "present" ? found.value : undefined;
        };
        for (const [at, share] of shares.entries()) this.#load(share, certificateOf(at));
        this.#waits.list({ kind: "exported", limit: MAX_REPORTED }, (exported) => {
          for (const { id } of exported) this.#markExported(id);
          this.#origins.load(this.#waits, [...this.#entries.keys()], then);
        });
      });
    });
  }

  /** Ascending by epoch: what is certified takes the place of what came before, what is not waits beside it. */
  #load(share: RecordListed, certificate: Uint8Array | undefined): void {
    const found = this.#guarded(share, certificate);
    const { id, epoch } = share;
    if (!this.#entries.has(id) || certificate !== undefined) {
      this.#entries.set(id, found);
      this.#next.delete(id);
    } else if (found.state === "staged") this.#keepNext(id, found.share);
    this.#claimed.set(id, epoch);
  }

  #keepNext(id: string, share: StagedShare): void {
    this.#next.set(id, new Map(this.#next.get(id)).set(share.epoch, share));
  }

  #markExported(id: string): void {
    const entry = this.#entries.get(id);
    if (entry?.state === "active") this.#entries.set(id, { ...entry, exported: true });
  }

  /** The write that says for ever that this signer gave its share of a key away, and what to do once it is durable. */
  exporting(keyId: Uint8Array, executionId: Uint8Array, atMs: number) {
    const id = hex(keyId);
    const value = encode(exportedRecord, { executionId, at: atMs });
    const write: RecordWrite = { kind: RECORD_KINDS.exported, id, epoch: 0, value };
    return { write, keep: () => this.#markExported(id) };
  }

  /**
   * Takes an epoch for new shares of a key. No two runs ever have the same, so that no share stands in for another; where two of
   * them end with a certificate, all holders have the shares of both, and the higher one counts.
   *
   * @throws Refused unless it is higher than any that was seen here
   */
  claimEpoch(keyId: Uint8Array, epoch: number): void {
    const id = hex(keyId);
    const seen = this.#claimed.get(id) ?? 0;
    if (epoch <= seen) throw new Refused("epoch_mismatch", `epoch ${epoch} asked, ${seen} was begun here already`);
    if ((this.#next.get(id)?.size ?? 0) >= MAX_NEXT)
      throw new Refused("no_space", `${MAX_NEXT} runs for new shares of this key have not ended`);
    this.#claimed.set(id, epoch);
  }

  /** For which key of which organisation a share was made; `undefined` where nobody knows any more. */
  originOf(keyId: Uint8Array): OriginRecord | undefined {
    return this.#origins.of(keyId);
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
    const held = [...this.#entries].map(([id, entry]) => ({
      keyId: unhex(id),
      epoch: entry.state === "active" ? entry.key.epoch : entry.epoch,
      state: entry.state,
      fault: entry.state === "broken" ? entry.fault.slice(0, 64) : "",
    }));
    const next = [...this.#next.values()].flatMap((shares) =>
      [...shares.values()].map(({ keyId, epoch }) => ({ keyId, epoch, state: "staged" as const, fault: "" })),
    );
    return [...held, ...next].slice(0, MAX_REPORTED);
  }

  /**
   * The writes that stage a new share, and what to do once they are durable; not usable before its certificate. The share of an
   * earlier epoch stays beside it and is used until then.
   *
   * @param record in the codec of `keygen`
   * @param origin for which key of the log it is made
   */
  stage(
    record: Uint8Array,
    origin: OriginRecord | null,
  ): { readonly writes: readonly RecordWrite[]; readonly keep: () => void } {
    const share = decodeShare(record);
    const { epoch } = share;
    const id = hex(share.keyId);
    return {
      writes: [{ kind: "share", id, epoch, value: record, secret: true }, ...Origins.writes(id, origin)],
      keep: () => {
        if (origin !== null) this.#origins.keep(id, origin);
        if (this.#entries.has(id)) this.#keepNext(id, share);
        else this.#entries.set(id, { state: "staged", share, epoch });
      },
    };
  }

  /**
   * The writes that activate a staged share and erase those of earlier epochs, all at once, and what to do once they are durable.
   *
   * @returns `undefined` if no share is staged for it, `in use` if that is used already; the certificate held here if that is of a later epoch
   * @throws Error when the certificate does not verify or is not for the staged share
   */
  certify(
    certificate: Uint8Array,
  ):
    | { readonly writes: readonly RecordWrite[]; readonly activate: () => Activated }
    | { later: Uint8Array }
    | "in use"
    | undefined {
    const { keyId, epoch } = verifyCertificate(certificate, this.#trust);
    const id = hex(keyId);
    const entry = this.#entries.get(id);
    if (entry?.state === "active" && entry.key.epoch > epoch) return { later: entry.certificate };
    if (entry?.state === "active" && entry.key.epoch === epoch) return "in use";
    const staged = entry?.state === "staged" && entry.epoch === epoch ? entry.share : this.#next.get(id)?.get(epoch);
    if (staged === undefined) return undefined;
    const key = this.#held(staged, certificate);
    return {
      writes: [{ kind: "certificate", id, epoch, value: certificate }, ...this.#erasures(id, epoch)],
      activate: () => this.#activate(id, key, certificate),
    };
  }

  #erasures(id: string, before: number): readonly RecordWrite[] {
    const entry = this.#entries.get(id);
    const held = entry === undefined ? [] : [entry.state === "active" ? entry.key.epoch : entry.epoch];
    const earlier = [...held, ...(this.#next.get(id)?.keys() ?? [])].filter((epoch) => epoch < before);
    return earlier.flatMap((epoch) =>
      ["share", "certificate"].map((kind) => ({ kind, id, epoch, value: null, secret: kind === "share" })),
    );
  }

  #activate(id: string, key: HeldKey, certificate: Uint8Array): Activated {
    const entry = this.#entries.get(id);
    const before = entry?.state === "active" ? entry.key : undefined;
    if (before !== undefined && before.epoch >= key.epoch) return { key: before, replaced: undefined };
    this.#entries.set(id, { state: "active", key, certificate: certificate.slice() });
    const later = [...(this.#next.get(id) ?? [])].filter(([epoch]) => epoch > key.epoch);
    if (later.length > 0) this.#next.set(id, new Map(later));
    else this.#next.delete(id);
    return { key, replaced: before };
  }

  #guarded(share: RecordListed, certificate: Uint8Array | undefined): Entry {
    const { record, epoch } = share;
    try {
      if (record.state === "faulty") return { state: "broken", fault: record.fault, epoch };
      if (record.state === "absent") return { state: "broken", fault: "absent", epoch };
      const staged = decodeShare(record.value);
      record.value.fill(0);
      if (certificate === undefined) return { state: "staged", share: staged, epoch };
      return { state: "active", key: this.#held(staged, certificate), certificate };
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
