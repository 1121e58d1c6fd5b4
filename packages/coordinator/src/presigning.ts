import { hex, type NodeId, type OutcomeOf, type Waits, type World } from "@quorate/orders";
import { memberOn } from "./attempt.ts";
import { discard } from "./discard.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import { type PoolPlace, poolName } from "./presignature-store.ts";
import { pathOf } from "./records.ts";
import { remind } from "./reminder.ts";

/** A presignature is given this, milliseconds: more than the signers give themselves, so that their own word ends it. */
const PRESIGN_TIMEOUT_MS = 15_000;
/** How soon the order is given again to those who have not answered, milliseconds. */
const REMIND_MS = 2000;

/** A presignature that all of its set hold. */
export interface Made {
  readonly place: PoolPlace;
  readonly presignId: Uint8Array;
  readonly bigR: Uint8Array;
  /** The slowest signer's time, microseconds, as it says. */
  readonly tookMicros: number;
}

/** One that will not be. */
export interface Unmade {
  readonly place: PoolPlace;
  readonly reason: string;
  /** One of each two says that the other broke the protocol or did not answer. */
  readonly apart: readonly (readonly [NodeId, NodeId])[];
}

interface Run {
  readonly presignId: Uint8Array;
  readonly place: PoolPlace;
  readonly done: Map<NodeId, OutcomeOf<"presigned">>;
  cancelTimer: () => void;
}

/** The presignatures that are being made: one order to each of a set, and each one's word that it holds its part. */
export class Presigning {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #keyring: Keyring;
  readonly #made: (made: Made) => void;
  readonly #unmade: (unmade: Unmade) => void;
  readonly #runs = new Map<string, Run>();

  constructor(parts: {
    world: World;
    waits: Waits;
    link: Link;
    keyring: Keyring;
    made: (made: Made) => void;
    unmade: (unmade: Unmade) => void;
  }) {
    this.#world = parts.world;
    this.#waits = parts.waits;
    this.#link = parts.link;
    this.#keyring = parts.keyring;
    this.#made = parts.made;
    this.#unmade = parts.unmade;
  }

  start(place: PoolPlace): void {
    const { key, set } = place;
    const presignId = this.#world.random(16);
    const run: Run = { presignId, place, done: new Map(), cancelTimer: () => {} };
    this.#runs.set(hex(presignId), run);
    const silent = () => set.map(({ node }) => node).filter((node) => !run.done.has(node));
    const signers = set.map((member) => member.identifier);
    const keyId = this.#keyring.keyId(key);
    const { epoch } = key;
    const tell = () => {
      for (const node of silent())
        this.#link.send(node, { kind: "presign", executionId: presignId, keyId, epoch, path: pathOf(key), signers });
    };
    const endReminding = remind(this.#waits, REMIND_MS, tell);
    const endWaiting = this.#waits.after(PRESIGN_TIMEOUT_MS, () => {
      this.#fail(run, `no answer from ${silent().join(", ")}`);
    });
    run.cancelTimer = () => {
      endReminding();
      endWaiting();
    };
    tell();
  }

  /** Whether this one is being made. */
  has(presignId: Uint8Array): boolean {
    return this.#runs.has(hex(presignId));
  }

  /** How many are being made for a pool. */
  making(place: PoolPlace): number {
    return this.#count((run) => poolName(run.place) === poolName(place));
  }

  /** How many a signer takes part in. */
  load(node: NodeId): number {
    return this.#count((run) => memberOn(run.place, node) !== undefined);
  }

  /** @returns whether this is about one that is being made */
  presigned(from: NodeId, outcome: OutcomeOf<"presigned">): boolean {
    const run = this.#find(from, outcome.executionId);
    if (run === undefined) return false;
    run.done.set(from, outcome);
    const { presignId, place, done } = run;
    if (done.size < place.set.length) return true;
    const points = new Set([...done.values()].map((one) => hex(one.bigR)));
    if (points.size > 1) this.#fail(run, "its signers show different nonce points");
    else {
      this.#end(run);
      const tookMicros = Math.max(...[...done.values()].map((one) => one.tookMicros));
      this.#made({ place, presignId, bigR: outcome.bigR, tookMicros });
    }
    return true;
  }

  /** @returns whether this is about one that is being made */
  refused(from: NodeId, outcome: OutcomeOf<"refused">): boolean {
    const run = this.#find(from, outcome.executionId);
    if (run !== undefined) this.#fail(run, `${from} refused: ${outcome.code} (${outcome.detail})`);
    return run !== undefined;
  }

  /** One word proves nothing: whom it names is only not put together with its sender for a while. @returns as `refused` */
  aborted(from: NodeId, { executionId, code, culprits, waitingFor }: OutcomeOf<"aborted">): boolean {
    const run = this.#find(from, executionId);
    if (run === undefined) return false;
    const named = run.place.set.filter(({ identifier, node }) => {
      return node !== from && (culprits.includes(identifier) || waitingFor.includes(identifier));
    });
    const names = named.map(({ node }) => node);
    const because = names.length === 0 ? "" : `, because of ${names.join(", ")}`;
    this.#fail(
      run,
      `${from} stopped: ${code}${because}`,
      names.map((name) => [from, name] as const),
    );
    return true;
  }

  /** A signer went: what it takes part in comes to nothing. */
  lost(node: NodeId): void {
    this.stop(({ set }) => set.some((member) => member.node === node), `${node} became unreachable`);
  }

  /** Gives up what is being made for these pools. */
  stop(of: (place: PoolPlace) => boolean, reason: string): void {
    for (const run of [...this.#runs.values()].filter(({ place }) => of(place))) this.#fail(run, reason);
  }

  #count(of: (run: Run) => boolean): number {
    return [...this.#runs.values()].filter(of).length;
  }

  #find(from: NodeId, executionId: Uint8Array): Run | undefined {
    const run = this.#runs.get(hex(executionId));
    return run !== undefined && memberOn(run.place, from) !== undefined ? run : undefined;
  }

  #end(run: Run): void {
    run.cancelTimer();
    this.#runs.delete(hex(run.presignId));
  }

  /** Whoever holds a part already, or still comes to hold one, is told to erase it. */
  #fail(run: Run, reason: string, apart: Unmade["apart"] = []): void {
    this.#end(run);
    const { place, presignId } = run;
    discard(
      this.#link,
      place.set.map(({ node }) => node),
      [presignId],
    );
    this.#unmade({ place, reason, apart });
  }
}
