import type { Group } from "@quorate/curves";
import { type DerivationPath, formatPath, parsePath } from "@quorate/keygen/aggregate";
import { hex, InputError, MAX_PATH_LENGTH, type NodeId, type OutcomeOf, type Waits, type World } from "@quorate/orders";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import { Obstacles } from "./obstacles.ts";
import type { Peers } from "./peers.ts";
import { availability } from "./quorum.ts";
import { encodeRecord, type KeyRecord, pathOf } from "./records.ts";
import type { Reply } from "./reply.ts";
import { tooFew } from "./shortage.ts";

/** A child as a log names it. */
export interface NewChild {
  readonly id: string;
  readonly name: string | null;
  /** Public id of the key that was made, and the way down from it, such as `m/0`. */
  readonly derivedFrom: { readonly keyId: string; readonly path: string };
}

interface Deriving {
  readonly id: string;
  readonly executionId: Uint8Array;
  /** The key that was made. */
  readonly root: KeyRecord;
  readonly path: DerivationPath;
  readonly name: string | null;
  /** Whom the order went to. */
  readonly asked: readonly NodeId[];
  /** What they say, hex; or why they say nothing. */
  readonly keys: Map<NodeId, string>;
  readonly refusals: Map<NodeId, string>;
  readonly reply: Reply<KeyRecord>;
  /** Enough agree: it is being stored, and nobody is asked any more. */
  agreed: boolean;
  cancelTimer: () => void;
}

/** How long the holders may take, milliseconds. */
const DERIVE_TIMEOUT_MS = 5000;
/** The most children of all keys together. */
const MAX_CHILDREN = 2048;
/** Children derived at once. */
const MAX_DERIVINGS = 64;

/** What children are made with. */
export interface ChildrenParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly peers: Peers;
  readonly keyring: Keyring;
}

/**
 * Children of keys. Only the holders can derive, since the chain code is theirs; the coordinator believes the public key that as
 * many of them as it takes to sign agree on. So few cannot all be malicious.
 */
export class Children {
  readonly #parts: ChildrenParts;
  readonly #derivings = new Map<string, Deriving>();

  constructor(parts: ChildrenParts) {
    this.#parts = parts;
  }

  /** @throws InputError for what can be refused at once */
  start({ id, name, derivedFrom }: NewChild, reply: Reply<KeyRecord>): void {
    const { keyring, peers, world, waits, link } = this.#parts;
    if (this.#derivings.size >= MAX_DERIVINGS) {
      throw new InputError("overloaded", `${MAX_DERIVINGS} children are being derived`, { hint: "try again shortly" });
    }
    const children = keyring.all().filter((key) => key.derivedFrom !== null).length;
    if (children >= MAX_CHILDREN) {
      throw new InputError("impossible", `there are ${MAX_CHILDREN} children, the most that this network holds`);
    }
    const root = keyring.get(derivedFrom.keyId);
    if (root === undefined)
      throw new InputError("not_found", `no key ${derivedFrom.keyId}`, { field: "deriveFrom.keyId" });
    const path = below(derivedFrom.path);
    this.#checkFree(root, path);
    const available = availability(root.members, root.keyId, peers, new Obstacles());
    if (available.usable.length < root.minSigners) throw tooFew(root, available);
    const executionId = world.random(16);
    const deriving: Deriving = {
      ...{ id, executionId, root, path, name, reply, agreed: false },
      asked: available.usable.map((member) => member.node),
      keys: new Map(),
      refusals: new Map(),
      cancelTimer: waits.after(DERIVE_TIMEOUT_MS, () => this.#fail(deriving)),
    };
    this.#derivings.set(hex(executionId), deriving);
    const keyId = keyring.keyId(root);
    for (const node of deriving.asked) link.send(node, { kind: "derive", executionId, keyId, epoch: root.epoch, path });
  }

  /** The child of a key at a path that was derived before. @throws InputError `not_found`, `invalid_input` */
  at(parent: KeyRecord, path: string): KeyRecord {
    const below = parsed(path, "path");
    const known = this.#parts.keyring.byKeyId(parent.keyId, [...pathOf(parent), ...below]);
    if (known !== undefined) return known;
    throw new InputError("not_found", `no key was derived from key ${parent.id} at ${formatPath(below)}`, {
      field: "path",
      hint: "derive it first: make a key with deriveFrom",
    });
  }

  derived(from: NodeId, { executionId, publicKey }: OutcomeOf<"derived">): void {
    const deriving = this.#find(from, executionId);
    if (deriving === undefined) return;
    if (!isPoint(this.#parts.keyring.group(deriving.root.suite), publicKey))
      return this.#without(deriving, from, "said what is no public key");
    deriving.keys.set(from, hex(publicKey));
    const said = [...deriving.keys];
    const other = said.find(([, key]) => key !== said[0]![1]);
    if (other !== undefined) return this.#dispute(deriving, said[0]!, other);
    if (said.length === deriving.root.minSigners) this.#store(deriving, said[0]![1]);
  }

  /** @returns whether the execution is a derivation */
  refused(from: NodeId, { executionId, code, detail }: OutcomeOf<"refused">): boolean {
    const deriving = this.#find(from, executionId);
    if (deriving !== undefined) this.#without(deriving, from, `refused (${code}): ${detail}`);
    return deriving !== undefined;
  }

  #checkFree(root: KeyRecord, path: DerivationPath): void {
    const known = this.#parts.keyring.byKeyId(root.keyId, path);
    if (known === undefined && !this.#taken(root.keyId, path)) return;
    const what = known === undefined ? "is being derived" : `is key ${known.id}`;
    throw new InputError("conflict", `${formatPath(path)} below key ${root.id} ${what}`, {
      field: "deriveFrom.path",
      hint: "use that key, or make one at another path",
      ...(known === undefined ? {} : { details: { id: known.id } }),
    });
  }

  #taken(keyId: string, path: DerivationPath): boolean {
    if (this.#parts.keyring.byKeyId(keyId, path) !== undefined) return true;
    return [...this.#derivings.values()].some((one) => one.root.keyId === keyId && one.path.join() === path.join());
  }

  #find(from: NodeId, executionId: Uint8Array): Deriving | undefined {
    const deriving = this.#derivings.get(hex(executionId));
    return deriving?.agreed === false && deriving.asked.includes(from) ? deriving : undefined;
  }

  #without(deriving: Deriving, node: NodeId, reason: string): void {
    deriving.refusals.set(node, reason);
    if (deriving.asked.length - deriving.refusals.size < deriving.root.minSigners) this.#fail(deriving);
  }

  #end(deriving: Deriving): void {
    deriving.cancelTimer();
    this.#derivings.delete(hex(deriving.executionId));
  }

  #fail(deriving: Deriving): void {
    this.#end(deriving);
    const { root, keys, refusals, asked, reply } = deriving;
    const silent = asked.filter((node) => !keys.has(node) && !refusals.has(node));
    const reasons = [...refusals].map(([node, reason]) => `${node} ${reason}`);
    const said = [...reasons, ...(silent.length === 0 ? [] : [`no answer from ${silent.join(", ")}`])].join("; ");
    const error = new InputError("failed", `the child was not derived: ${root.minSigners} must agree on it; ${said}`, {
      hint: "nothing is left of the attempt; ask again",
      details: { silent, refused: Object.fromEntries(refusals) },
    });
    reply({ error });
  }

  #dispute(deriving: Deriving, one: readonly [NodeId, string], other: readonly [NodeId, string]): void {
    this.#end(deriving);
    const names = `${one[0]} and ${other[0]}`;
    this.#parts.world.emit({ type: "child.disputed", key: deriving.root.id, between: [one[0], other[0]] });
    const error = new InputError("failed", `${names} say different things of the child, and one of them is wrong`, {
      hint: "find out which: whoever derives wrongly cannot sign for the child either",
      details: { said: { [one[0]]: one[1], [other[0]]: other[1] } },
    });
    deriving.reply({ error });
  }

  #store(deriving: Deriving, publicKey: string): void {
    const { waits, world, keyring } = this.#parts;
    const { root, path, name, reply } = deriving;
    deriving.agreed = true;
    deriving.cancelTimer();
    const record: KeyRecord = {
      ...root,
      id: deriving.id,
      publicKey,
      name,
      derivedFrom: { keyId: root.id, path: formatPath(path) },
      dateCreated: world.wallNow(),
    };
    const place = { kind: "key", id: record.id, epoch: record.epoch };
    waits.write([{ ...place, value: encodeRecord(record), ifAbsent: true }], (result) => {
      this.#end(deriving); // until here the path is taken
      if (result === "conflict") return keyring.adopt(waits, place, reply);
      if (result !== "ok") {
        const message = `the key could not be stored (${result})`;
        return reply({ error: new InputError("failed", message, { hint: "see the disk" }) });
      }
      keyring.add(record);
      const { scheme, derivedFrom } = record;
      world.emit({ type: "key.derived", key: record.id, scheme, publicKey, from: root.id, path: derivedFrom!.path });
      reply({ ok: record });
    });
  }
}

function below(path: string): DerivationPath {
  const field = "deriveFrom.path";
  const levels = parsed(path, field);
  if (levels.length > 0 && levels.length <= MAX_PATH_LENGTH) return levels;
  throw new InputError("invalid_input", `${field}: 1 to ${MAX_PATH_LENGTH} levels below the key that was made`, {
    field,
  });
}

function parsed(path: string, field: string): DerivationPath {
  try {
    return parsePath(path);
  } catch (error) {
    throw new InputError("invalid_input", `${field}: ${(error as Error).message}`, { field });
  }
}

function isPoint(group: Group, bytes: Uint8Array): boolean {
  try {
    group.decodePoint(bytes);
    return true;
  } catch {
    return false;
  }
}
