import type { Presignature } from "@quorate/dkls23";
import { hex, MAX_NAMED_PRESIGNATURES, type NodeId, type PresignatureName } from "@quorate/orders";
import type { EcdsaKey } from "./held-key.ts";
import { Refused } from "./refused.ts";

/** A presignature that nobody has used, with all that it may be used for. */
interface Unused {
  readonly name: PresignatureName;
  /** The other members of its signing set. */
  readonly nodes: readonly NodeId[];
  readonly presignature: Presignature;
  /** The coordinator that ordered it: no other reckons with it. */
  readonly owner: NodeId;
  readonly bornMs: number;
}

/** The most for one key and its children: a large store of known nonce points lowers the security of ECDSA. */
export const MAX_PER_KEY = 400;
/** The most in all: as many as one message can name. */
export const MAX_PRESIGNATURES = MAX_NAMED_PRESIGNATURES;
/** How long one may lie, milliseconds. */
export const MAX_AGE_MS = 24 * 3600_000;

/**
 * Presignatures in memory, and nowhere else: never stored, never copied, each taken at most once. A restart loses them all, so
 * nothing that is restored can bring one back.
 */
export class PresignaturePool {
  readonly #unused = new Map<string, Unused>();

  /** Whether no further one of the key is taken in. */
  isFull(key: Pick<EcdsaKey, "keyId">): boolean {
    const keyId = hex(key.keyId);
    const ofKey = this.names().filter((one) => hex(one.keyId) === keyId);
    return ofKey.length >= MAX_PER_KEY || this.#unused.size >= MAX_PRESIGNATURES;
  }

  /** @returns whether it is taken in: when too many were begun at once the rest is erased */
  add(
    name: PresignatureName,
    { nodes, owner, bornMs }: Pick<Unused, "nodes" | "owner" | "bornMs">,
    presignature: Presignature,
  ): boolean {
    if (this.isFull(name)) {
      presignature[Symbol.dispose]();
      return false;
    }
    this.#unused.set(hex(name.presignId), { name, nodes, presignature, owner, bornMs });
    return true;
  }

  /** Of all, or of those that a coordinator ordered. */
  names(owner?: NodeId): readonly PresignatureName[] {
    const all = [...this.#unused.values()];
    return all.filter((one) => owner === undefined || one.owner === owner).map((one) => one.name);
  }

  /** Looks without taking, so that an order that is refused consumes nothing. @throws Refused unless all are there, distinct, and made for this key, epoch and path */
  check(key: EcdsaKey, presignIds: readonly Uint8Array[]): void {
    const ids = presignIds.map(hex);
    if (new Set(ids).size !== ids.length) throw new Refused("invalid_order", "one presignature for two digests");
    const wanted = `${hex(key.keyId)} ${key.epoch} ${key.path.join("/")}`;
    for (const id of ids) {
      const found = this.#unused.get(id);
      if (found === undefined) throw new Refused("unknown_presignature", "no such unused presignature here");
      const { keyId, epoch, path } = found.name;
      if (`${hex(keyId)} ${epoch} ${path.join("/")}` !== wanted)
        throw new Refused("invalid_order", "a presignature of another key, epoch or path");
    }
  }

  /** Removes all of them, or none if one is gone: whoever takes one is the only one who ever will. @throws Refused as `check` does */
  take(key: EcdsaKey, presignIds: readonly Uint8Array[]): readonly Presignature[] {
    this.check(key, presignIds);
    return presignIds.map((presignId) => {
      const { presignature } = this.#unused.get(hex(presignId))!;
      this.#unused.delete(hex(presignId));
      return presignature;
    });
  }

  /** Erases those of them that a coordinator ordered. */
  discard(presignIds: readonly Uint8Array[], owner: NodeId): void {
    for (const id of presignIds.map(hex)) if (this.#unused.get(id)?.owner === owner) this.#drop(id);
  }

  /** Erases what was made together with a node. @returns whether there was any */
  discardWith(node: NodeId): boolean {
    return this.#dropWhere((one) => one.nodes.includes(node));
  }

  /** Erases what was made for a key and its children. @returns whether there was any */
  discardOf(keyId: Uint8Array): boolean {
    const wanted = hex(keyId);
    return this.#dropWhere((one) => hex(one.name.keyId) === wanted);
  }

  /** Erases what has lain too long. */
  expire(nowMs: number): void {
    this.#dropWhere((one) => nowMs - one.bornMs > MAX_AGE_MS);
  }

  #dropWhere(condition: (one: Unused) => boolean): boolean {
    const gone = [...this.#unused].filter(([, one]) => condition(one));
    for (const [id] of gone) this.#drop(id);
    return gone.length > 0;
  }

  #drop(id: string): void {
    this.#unused.get(id)?.presignature[Symbol.dispose]();
    this.#unused.delete(id);
  }
}
