import { refreshConfig } from "@quorate/keygen/aggregate";
import {
  type Holding,
  hex,
  InputError,
  isEcdsa,
  type NodeId,
  type OrderCause,
  type OutcomeOf,
  unhex,
  type Waits,
  type World,
} from "@quorate/orders";
import type { CommitmentStore } from "./commitment-store.ts";
import type { KeyRuns } from "./key-runs.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";
import type { Presignatures } from "./presignatures.ts";
import { encodeRecord, type KeyRecord } from "./records.ts";
import type { Reply } from "./reply.ts";
import type { Supply } from "./supply.ts";

/** What new shares for keys are made with. */
export interface RefreshingParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly peers: Peers;
  readonly keyring: Keyring;
  readonly store: CommitmentStore;
  readonly supply: Supply;
  readonly presignatures: Presignatures;
  readonly runs: KeyRuns;
}

/** New shares for keys: same key, same holders, next epoch. What one certificate says, all signers are told. */
export class Refreshing {
  readonly #parts: RefreshingParts;
  /** The highest epoch that anybody was heard of, by the signers' id of the key. */
  readonly #seen = new Map<string, number>();
  readonly #running = new Set<string>();

  constructor(parts: RefreshingParts) {
    this.#parts = parts;
  }

  /** @param cause the record of the log @throws InputError for what can be refused at once */
  start(key: KeyRecord, cause: OrderCause, reply: Reply<KeyRecord>): void {
    const { keyring, world, runs } = this.#parts;
    const { keyId, epoch } = key;
    checkRoot(key);
    if (key.dateExported !== null)
      throw new InputError("conflict", `key ${key.id} was exported, and signs no more`, { field: "keyId" });
    if (this.#running.has(keyId)) {
      throw new InputError("conflict", `key ${key.id} is getting new shares already`, { hint: "wait for them" });
    }
    const fault = keyring.fault(key);
    if (fault !== undefined) throw fault;
    const { members } = key;
    runs.check(members.map(({ node }) => node));
    const executionId = world.random(16);
    const newEpoch = Math.max(epoch, this.#seen.get(keyId) ?? 0) + 1;
    this.#see(keyId, newEpoch);
    const config = refreshConfig(keyring.certified(key), keyring.group(key.suite), executionId, newEpoch);
    this.#running.add(keyId);
    world.emit({ type: "refresh.started", execution: hex(executionId), key: key.id, epoch, newEpoch });
    runs.start({
      ...{ what: "refresh", executionId, members, config },
      orderTo: () => ({ kind: "refresh", executionId, keyId: unhex(keyId), epoch, newEpoch, cause }),
      check: (certificate) => {
        if (this.#epochOf(certificate, key) !== newEpoch) throw new Error("it is that of another run");
      },
      certified: (certificate) => this.#adopt(certificate, key),
      ended: (end) => {
        this.#running.delete(keyId);
        if ("error" in end) reply(end);
        else this.#finish(key, end.certificate, end.done, reply);
      },
    });
  }

  /** What a signer holds of a key: it and the coordinator tell one another who has the later certificate. */
  heldBy(from: NodeId, holdings: readonly Holding[]): void {
    for (const { keyId, epoch, state } of holdings) {
      const key = this.#parts.keyring.byKeyId(hex(keyId));
      if (key === undefined || state === "broken") continue;
      this.#see(key.keyId, epoch);
      if ((state === "staged") === (epoch === key.epoch)) this.#tell(from, key);
    }
  }

  /** A signer refuses an order for another epoch than its own. */
  mismatch(from: NodeId, key: KeyRecord): void {
    const current = this.#parts.keyring.byKeyId(key.keyId);
    if (current !== undefined) this.#tell(from, current);
  }

  /** A signer has the certificate of a later epoch than this coordinator. */
  certified(from: NodeId, { certificate }: OutcomeOf<"certified">): void {
    const { keyring, link } = this.#parts;
    try {
      const key = keyring.byKeyId(hex(keyring.verified(certificate).keyId));
      if (key !== undefined && this.#epochOf(certificate, key) > key.epoch) this.#adopt(certificate, key);
    } catch (error) {
      link.refuse(from, "bad_certificate", (error as Error).message);
    }
  }

  /** Another coordinator stored a key, and its children, with new shares. */
  renewed(records: readonly KeyRecord[]): void {
    for (const { keyId, epoch } of records) this.#see(keyId, epoch);
    if (records.length > 0) this.#switch(records);
  }

  /** Stores it and then signs with the new shares: those of the old epoch are gone at whoever has it. */
  #adopt(certificate: Uint8Array, key: KeyRecord, then: (failure?: InputError) => void = () => {}): void {
    const { waits, keyring, world } = this.#parts;
    const epoch = this.#epochOf(certificate, key);
    this.#see(key.keyId, epoch);
    const renewed = keyring.family(key.keyId).filter((one) => one.epoch < epoch);
    if (renewed.length === 0) return then();
    const records = renewed.map((one) => ({ ...one, epoch, certificate: hex(certificate) }));
    const writes = records.map((one) => ({ kind: "key", id: one.id, epoch, value: encodeRecord(one) }));
    const erasures = renewed.map((one) => ({ kind: "key", id: one.id, epoch: one.epoch, value: null }));
    waits.write([...writes, ...erasures], (result) => {
      if (result !== "ok") {
        world.emit({ type: "key.not_stored", key: key.id, result });
        return then(new InputError("failed", `the key could not be stored (${result})`, { hint: "see the disk" }));
      }
      if (keyring.byKeyId(key.keyId)!.epoch < epoch) this.#switch(records);
      then();
    });
  }

  #switch(records: readonly KeyRecord[]): void {
    const { keyring, store, supply, presignatures, world, link, peers } = this.#parts;
    for (const record of records) keyring.add(record);
    const root = keyring.byKeyId(records[0]!.keyId)!;
    store.forgetKey(root.keyId);
    presignatures.renewed(records);
    world.emit({ type: "key.refreshed", key: root.id, epoch: root.epoch });
    for (const { node } of root.members) {
      if (peers.connected(node)) link.send(node, { kind: "certify", certificate: unhex(root.certificate) });
    }
    if (!isEcdsa(root.suite)) supply.renewed(root);
  }

  #finish(key: KeyRecord, certificate: Uint8Array, done: ReadonlySet<NodeId>, reply: Reply<KeyRecord>): void {
    const { keyring, peers } = this.#parts;
    this.#adopt(certificate, key, (failure) => {
      if (failure !== undefined) return reply({ error: failure });
      const record = keyring.byKeyId(key.keyId)!;
      for (const node of done) peers.holdActive(node, keyring.keyId(record), record.epoch);
      if (!isEcdsa(record.suite)) this.#parts.supply.renewed(record);
      reply({ ok: record });
    });
  }

  #tell(node: NodeId, { certificate }: KeyRecord): void {
    this.#parts.link.send(node, { kind: "certify", certificate: unhex(certificate) });
  }

  #see(keyId: string, epoch: number): void {
    if (Number.isSafeInteger(epoch)) this.#seen.set(keyId, Math.max(epoch, this.#seen.get(keyId) ?? 0));
  }

  /** @throws Error unless it is a certificate of this key, with the same holders */
  #epochOf(certificate: Uint8Array, key: KeyRecord): number {
    const { keyring } = this.#parts;
    const verified = keyring.verified(certificate);
    const known = keyring.certified(key);
    const holders = (of: typeof verified) => of.participants.map((one) => `${one.identifier} ${hex(one.publicKey)}`);
    const same =
      hex(verified.keyId) === key.keyId &&
      verified.suite === known.suite &&
      verified.minSigners === known.minSigners &&
      hex(verified.publicKey) === hex(known.publicKey) &&
      holders(verified).join() === holders(known).join();
    if (!same) throw new Error("it is for another key");
    return verified.epoch;
  }
}

/** A child has no shares of its own. @throws InputError */
export function checkRoot({ id, derivedFrom }: KeyRecord): void {
  if (derivedFrom === null) return;
  throw new InputError("invalid_input", `key ${id} is a child of key ${derivedFrom.keyId}`, {
    field: "keyId",
    hint: `ask it of key ${derivedFrom.keyId}`,
  });
}
