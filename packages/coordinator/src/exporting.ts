import { hex, InputError, type NodeId, type OrderCause, type OutcomeOf, type Waits, type World } from "@quorate/orders";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import { Obstacles } from "./obstacles.ts";
import type { Peers } from "./peers.ts";
import type { Presignatures } from "./presignatures.ts";
import { availability } from "./quorum.ts";
import { encodeRecord, type KeyRecord } from "./records.ts";
import { checkRoot } from "./refreshing.ts";
import type { Reply } from "./reply.ts";
import { tooFew } from "./shortage.ts";

/** A share as it leaves: only whoever has the secret of the encryption key can open it. */
export interface SealedShare {
  readonly node: NodeId;
  /** Where on the polynomial it lies. */
  readonly index: number;
  readonly sealedShare: Uint8Array;
}

/** What an export gives: as many shares as it takes, no more, since a client interpolates all that it gets. */
export interface Export {
  readonly key: KeyRecord;
  readonly shares: readonly SealedShare[];
}

/** What exports work with. */
export interface ExportingParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly peers: Peers;
  readonly keyring: Keyring;
  readonly presignatures: Presignatures;
}

interface Gathering {
  readonly executionId: Uint8Array;
  readonly key: KeyRecord;
  readonly asked: readonly NodeId[];
  readonly shares: SealedShare[];
  readonly refusals: Map<NodeId, OutcomeOf<"refused">>;
  readonly reply: Reply<Export>;
  cancelTimer: () => void;
}

/** How long the holders may take, milliseconds. */
const TIMEOUT_MS = 10_000;
/** Exports at once. */
const MAX_EXPORTS = 16;

/** Gathers what signers seal to whoever a key goes to. The coordinator can open none of it. */
export class Exporting {
  readonly #parts: ExportingParts;
  readonly #running = new Map<string, Gathering>();

  constructor(parts: ExportingParts) {
    this.#parts = parts;
  }

  /** @param encryptionKey 34 bytes @param cause the record of the log @throws InputError for what can be refused at once */
  start(key: KeyRecord, encryptionKey: Uint8Array, cause: OrderCause, reply: Reply<Export>): void {
    const { world, waits, link, peers, keyring } = this.#parts;
    checkRoot(key);
    if (encryptionKey.length !== 34) {
      const field = "encryptionKey";
      throw new InputError("invalid_input", `${field}: 34 bytes, of which the first is 1`, { field });
    }
    if (this.#running.size >= MAX_EXPORTS)
      throw new InputError("overloaded", `${MAX_EXPORTS} keys are being exported`, { hint: "try again shortly" });
    const available = availability(key.members, key.keyId, peers, new Obstacles());
    if (available.usable.length < key.minSigners) throw tooFew(key, available);
    const executionId = world.random(16);
    const asked = available.usable.map(({ node }) => node);
    const running: Gathering = {
      ...{ executionId, key, asked, shares: [], refusals: new Map(), reply },
      cancelTimer: waits.after(TIMEOUT_MS, () => this.#conclude(running)),
    };
    this.#running.set(hex(executionId), running);
    world.emit({ type: "export.started", execution: hex(executionId), key: key.id });
    const order = {
      kind: "export",
      executionId,
      keyId: keyring.keyId(key),
      epoch: key.epoch,
      encryptionKey,
      cause,
    } as const;
    for (const node of asked) link.send(node, order);
  }

  exported(from: NodeId, { executionId, index, sealedShare }: OutcomeOf<"exported">): void {
    const running = this.#find(from, executionId);
    if (running === undefined) return;
    const member = running.key.members.find((one) => one.node === from)!;
    if (member.identifier !== index)
      return this.#parts.link.refuse(
        from,
        "bad_share",
        `a share at ${index}, but it is participant ${member.identifier}`,
      );
    running.shares.push({ node: from, index, sealedShare: sealedShare.slice() });
    this.#look(running);
  }

  /** @returns whether the execution is an export */
  refused(from: NodeId, outcome: OutcomeOf<"refused">): boolean {
    if (!this.#running.has(hex(outcome.executionId))) return false;
    const running = this.#find(from, outcome.executionId);
    if (running === undefined) return true;
    running.refusals.set(from, outcome);
    this.#look(running);
    return true;
  }

  #find(from: NodeId, executionId: Uint8Array): Gathering | undefined {
    const running = this.#running.get(hex(executionId));
    if (running === undefined || !running.asked.includes(from) || running.refusals.has(from)) return undefined;
    return running.shares.some((one) => one.node === from) ? undefined : running;
  }

  /** All have answered. Until then the others are waited for: each that hears of it signs no more. */
  #look(running: Gathering): void {
    if (running.shares.length + running.refusals.size === running.asked.length) this.#conclude(running);
  }

  #conclude(running: Gathering): void {
    running.cancelTimer();
    if (!this.#running.delete(hex(running.executionId))) return;
    const { key, shares, refusals, asked, reply } = running;
    if (shares.length >= key.minSigners) return this.#finish(running);
    const silent = asked.filter((node) => !refusals.has(node) && !shares.some((one) => one.node === node));
    const said = [...refusals].map(([node, { code, detail }]) => `${node} refused (${code}): ${detail}`);
    if (silent.length > 0) said.push(`no answer from ${silent.join(", ")}`);
    const message = `the key was not exported: ${key.minSigners} signers must give their shares; ${said.join("; ")}`;
    const refused = Object.fromEntries([...refusals].map(([node, { code }]) => [node, code]));
    const details = { abort: Object.values(refused)[0] ?? "timeout", silent, refused };
    reply({ error: new InputError("failed", message, { hint: "signers that gave theirs sign no more", details }) });
  }

  #finish({ key, shares, reply }: Gathering): void {
    const { waits, world, keyring, presignatures } = this.#parts;
    const enough = shares.toSorted((a, b) => a.index - b.index).slice(0, key.minSigners);
    const dateExported = key.dateExported ?? world.wallNow();
    const records = keyring.family(key.keyId).map((one) => ({ ...one, dateExported }));
    const writes = records.map((one) => ({ kind: "key", id: one.id, epoch: one.epoch, value: encodeRecord(one) }));
    waits.write(writes, (result) => {
      if (result !== "ok") {
        const message = `the export could not be stored (${result})`;
        return reply({ error: new InputError("failed", message, { hint: "see the disk" }) });
      }
      for (const record of records) {
        keyring.add(record);
        presignatures.drop(record);
      }
      const root = keyring.get(key.id)!;
      world.emit({ type: "key.exported", key: key.id });
      reply({ ok: { key: root, shares: enough } });
    });
  }
}
