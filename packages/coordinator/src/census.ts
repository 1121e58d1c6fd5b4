import { hex, type NodeId, type OutcomeOf, type PresignatureName } from "@quorate/orders";
import { memberOn } from "./attempt.ts";
import { discard } from "./discard.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { PoolPlace, PresignatureStore } from "./presignature-store.ts";
import type { Presigning } from "./presigning.ts";
import { ascending } from "./quorum.ts";
import type { Tally } from "./tally.ts";

/** What the census works with. */
export interface CensusParts {
  readonly link: Link;
  readonly keyring: Keyring;
  readonly store: PresignatureStore;
  readonly presigning: Presigning;
  readonly tally: Tally;
  readonly now: () => number;
}

/**
 * Compares what the signers say that they hold with one another and with the store. A presignature is worth something while all
 * of its set hold their parts; a part whose counterpart is gone would lie in a signer's memory for a day, so its holders are told
 * to erase it. One that all hold and this coordinator does not know, since it started anew, comes to the store without its R.
 */
export class Census {
  readonly #parts: CensusParts;
  /** Of the signers that are connected and have reported since: what they hold and the store does not know, by id. */
  readonly #unsettled = new Map<NodeId, Map<string, PresignatureName>>();

  constructor(parts: CensusParts) {
    this.#parts = parts;
  }

  /** A signer says all that it holds. */
  report(from: NodeId, { held }: OutcomeOf<"presignatures">): void {
    const { link, store, presigning } = this.#parts;
    const ids = new Set(held.map(({ presignId }) => hex(presignId)));
    this.#forfeit(from, (presignId) => !ids.has(hex(presignId)));
    const unsettled = new Map<string, PresignatureName>();
    const refused: Uint8Array[] = [];
    for (const name of held) {
      const { presignId } = name;
      if (presigning.has(presignId) || store.lent(presignId)) continue;
      const place = this.#placeOf(name);
      if (place === undefined || memberOn(place, from) === undefined || store.gone(presignId)) refused.push(presignId);
      else if (!store.holds(place, presignId)) unsettled.set(hex(presignId), name);
    }
    discard(link, [from], refused);
    this.#unsettled.set(from, unsettled);
    const names = [...this.#unsettled.values()].flatMap((theirs) => [...theirs.values()]);
    for (const name of new Map(names.map((one) => [hex(one.presignId), one])).values()) this.#settle(name);
  }

  /** A signer is not connected: what it holds it will say when it is back. */
  lost(node: NodeId): void {
    this.#unsettled.delete(node);
  }

  /** A signer runs anew and holds nothing. */
  restarted(node: NodeId): void {
    this.lost(node);
    this.#forfeit(node, () => true);
  }

  /** What lies in the store of pools with `node` and it does not hold: the others erase their parts. */
  #forfeit(node: NodeId, lacks: (presignId: Uint8Array) => boolean): void {
    const { link, store, tally } = this.#parts;
    const gone = store.remove(
      (pool) => memberOn(pool, node) !== undefined,
      (one) => lacks(one.presignId),
    );
    for (const pool of gone) {
      const others = pool.set.map((member) => member.node).filter((other) => other !== node);
      discard(
        link,
        others,
        pool.ready.map((one) => one.presignId),
      );
      tally.count("orphaned", pool, pool.ready.length);
    }
  }

  /** Taken in once all of its set hold it; an orphan once one of them says that it does not. */
  #settle(name: PresignatureName): void {
    const { link, store, tally, now } = this.#parts;
    const id = hex(name.presignId);
    const place = this.#placeOf(name)!;
    const heard = place.set.filter(({ node }) => this.#unsettled.has(node));
    const holders = heard.filter(({ node }) => {
      const theirs = this.#unsettled.get(node)!.get(id);
      return theirs !== undefined && sameUse(theirs, name);
    });
    if (holders.length === heard.length && heard.length < place.set.length) return; // some have yet to say
    for (const theirs of this.#unsettled.values()) theirs.delete(id);
    const isWhole = holders.length === place.set.length;
    if (isWhole && store.add(place, { presignId: name.presignId.slice(), bigR: undefined, bornMs: now() })) {
      tally.level(place);
      return;
    }
    discard(
      link,
      heard.map(({ node }) => node),
      [name.presignId],
    );
    tally.count("orphaned", place, 1);
  }

  /** Which key and set it is for; undefined when there are none such. */
  #placeOf({ keyId, epoch, path, signers }: PresignatureName): PoolPlace | undefined {
    const key = this.#parts.keyring.byKeyId(hex(keyId), path);
    if (key === undefined || key.epoch !== epoch) return undefined;
    const set = ascending(key.members.filter((member) => signers.includes(member.identifier)));
    const exact = set.length === key.minSigners && set.map((member) => member.identifier).join() === signers.join();
    return exact ? { key, set } : undefined;
  }
}

function sameUse(one: PresignatureName, other: PresignatureName): boolean {
  const use = ({ keyId, epoch, path, signers }: PresignatureName) => `${hex(keyId)} ${epoch} ${path} ${signers}`;
  return use(one) === use(other);
}
