import { encode } from "@quorate/curves";
import {
  type AuditAction,
  hex,
  type NetworkFile,
  type NodeId,
  type PairStanding,
  type PairState,
  type RecordListed,
  type RecordWrite,
  unhex,
  type Waits,
  type World,
} from "@quorate/orders";
import { Abort } from "@quorate/protocol";
import { banRecord } from "@quorate/vault";
import type { Audit } from "./audit.ts";
import type { Link } from "./link.ts";
import type { Outlet } from "./outlet.ts";
import { type Holding, NONE, type Peer, sameSetup } from "./pair.ts";
import type { PairSetups } from "./pair-setups.ts";
import type { PeerMessage } from "./peer-message.ts";
import { Refused } from "./refused.ts";
import type { Sessions } from "./sessions.ts";
import type { Installed, WorkshopJob } from "./workshop/job.ts";

/** What the pairs work with. */
export interface PairsParts {
  readonly world: World;
  readonly waits: Waits;
  readonly network: NetworkFile;
  readonly self: NodeId;
  readonly link: Link;
  readonly outlet: Outlet;
  readonly sessions: Sessions;
  readonly setups: PairSetups;
  readonly audit: Audit;
  /** A standing changed. `dropped`: nothing that was made together with that node may be used any more. */
  readonly changed: (dropped: NodeId | undefined) => void;
  /** Whom this signer bans is another matter than before, durably. */
  readonly judged: () => void;
}

/** How long after a write that failed a ban is written again, milliseconds. */
const REWRITE_MS = 500;
/** How often a pair that is not ready is spoken of again, milliseconds. */
const GREETING_MS = 10_000;
/** No honest peer is this many setups ahead; who says so would soon leave no epoch that can be counted. */
const MAX_LEAD = 2 ** 32;
/** More than a network can have. */
const MAX_RECORDS = 64;

/**
 * How this signer stands with each other: which setup the two hold, and whether they work together at all. A setup is `ready`
 * only when both ends say that they hold the same one.
 */
export class Pairs {
  readonly #parts: PairsParts;
  readonly #peers: ReadonlyMap<NodeId, Peer>;
  /** 16 bytes of this process. A setup is begun with one life and joined by no other: one whose disk was put back forgot what it joined. */
  readonly #life: Uint8Array;
  #loaded = false;

  constructor(parts: PairsParts) {
    this.#parts = parts;
    this.#life = parts.world.random(16);
    const others = parts.network.nodes.filter((one) => one.name !== parts.self);
    const peer = (node: NodeId, publicKey: string): Peer => {
      const unheard = { held: NONE, theirs: undefined, life: undefined };
      return { node, publicKey: unhex(publicKey), ...unheard, banned: false, connected: false };
    };
    this.#peers = new Map(others.map(({ name, publicKey }) => [name, peer(name, publicKey)]));
  }

  /** Reads bans. One whose record is damaged is a ban. */
  load(then: () => void): void {
    this.#parts.waits.list({ kind: "ban", limit: MAX_RECORDS }, (bans) => {
      for (const { id } of bans) {
        const peer = this.#byIdentity(id);
        if (peer !== undefined) peer.banned = true;
      }
      then();
    });
  }

  /** Reads setups, which go to the workshop. Nobody waits for them: the workshop has yet to begin, and FROST does without. */
  start(): void {
    this.#parts.waits.list({ kind: "pair", limit: MAX_RECORDS }, (setups) => this.#install(setups));
  }

  /** Whom this signer bans. */
  banned(): readonly NodeId[] {
    return [...this.#peers.values()].flatMap(({ node, banned }) => (banned ? [node] : []));
  }

  /**
   * Works with none of the setups any more, and with none of these nodes at all.
   *
   * @returns what makes that durable
   */
  renounce(banned: readonly NodeId[]): readonly RecordWrite[] {
    return [...this.#peers.values()].flatMap((peer) => {
      if (peer.held.setupId !== null) this.unsettled(peer, peer.held.epoch);
      const id = hex(peer.publicKey);
      const gone: RecordWrite = { kind: "pair", id, epoch: 0, value: null };
      if (peer.banned || !banned.includes(peer.node)) return [gone];
      peer.banned = true;
      return [gone, this.#banOf(peer, "remembered_ban")];
    });
  }

  standing(): readonly PairStanding[] {
    return [...this.#peers.values()].map((peer) => ({ node: peer.node, state: this.#state(peer) }));
  }

  state(node: NodeId): PairState {
    const peer = this.#peers.get(node);
    return peer === undefined ? "failed" : this.#state(peer);
  }

  /** @throws Refused if this signer has banned one of the nodes: no session runs with it, whatever the key */
  checkNotBanned(nodes: readonly NodeId[]): void {
    const banned = nodes.filter((node) => this.#peers.get(node)?.banned === true);
    if (banned.length > 0)
      throw new Refused("pair_banned", `not worked with until somebody readmits: ${banned.join(", ")}`);
  }

  connected(node: NodeId, connected: boolean): void {
    const peer = this.#peers.get(node);
    if (peer === undefined) return;
    peer.connected = connected;
    if (connected) this.#greet(peer);
    this.#parts.setups.consider(peer);
  }

  /** What another signer says of the pair: believed only as far as it goes against working together, or agrees with ours. */
  heard(from: NodeId, message: Extract<PeerMessage, { kind: "pairStatus" | "pairBegin" }>): void {
    const peer = this.#peers.get(from);
    if (peer === undefined || !this.#loaded) return;
    if (message.epoch - peer.held.epoch > MAX_LEAD)
      return this.#parts.link.refuse(from, "unexpected_setup", `of pair epoch ${message.epoch}`);
    if (message.kind === "pairBegin") {
      const { executionId, epoch, life } = message;
      const isForThis = Buffer.compare(life, this.#life) === 0;
      if (!isForThis) this.#parts.link.refuse(from, "unexpected_setup", "begun with an earlier process of this signer");
      if (!isForThis || peer.banned || !this.#parts.setups.join(peer, executionId.slice(), epoch)) this.#greet(peer); // it does not know what is held here
      return this.#parts.changed(undefined);
    }
    const { epoch, setupId, banned, asks, life } = message;
    if (peer.life !== undefined && Buffer.compare(peer.life, life) !== 0) this.#parts.setups.abandon(peer);
    peer.life = life.slice();
    peer.theirs = { epoch, setupId: setupId?.slice() ?? null, banned };
    if (asks) this.#greet(peer);
    this.#parts.setups.consider(peer);
    this.#parts.changed(sameSetup(peer.held, peer.theirs) ? undefined : from);
  }

  /** The two ends hold different setups, as a session found: both say what they have. */
  disagree(node: NodeId): void {
    const peer = this.#peers.get(node);
    if (peer === undefined) return;
    peer.theirs = undefined;
    this.#greet(peer, true);
  }

  /** A setup was made and is in use; what it replaces is gone. */
  established(peer: Peer, held: Holding): void {
    peer.held = held;
    peer.theirs = { ...held, banned: false };
    this.#greet(peer);
    this.#parts.changed(peer.node);
  }

  /** Nobody can tell which setup is held: none is, until another is made. */
  unsettled(peer: Peer, epoch: number): void {
    peer.held = { epoch, setupId: null };
    const job: WorkshopJob = { kind: "forget", peer: peer.node, urgent: true };
    this.#parts.waits.compute(job, () => {});
    this.#greet(peer);
    this.#parts.changed(peer.node);
  }

  /**
   * Burns the pair with a node whose check failed: everything is stopped at once, and nothing is said to anybody before the ban
   * is durable. While the disk takes nothing this signer stays silent.
   */
  ban(node: NodeId, code: string, then: () => void): void {
    const { outlet, sessions, waits, setups, world, changed, judged } = this.#parts;
    const peer = this.#peers.get(node);
    if (peer === undefined || peer.banned) return then();
    peer.banned = true;
    peer.held = NONE;
    outlet.hold();
    const job: WorkshopJob = { kind: "forget", peer: node, urgent: true };
    waits.compute(job, () => {});
    setups.abandon(peer);
    sessions.stopWith(node, new Abort("pair_burned"));
    changed(node);
    const id = hex(peer.publicKey);
    const writes: readonly RecordWrite[] = [this.#banOf(peer, code), { kind: "pair", id, epoch: 0, value: null }];
    this.#durably(writes, { kind: "banned", node, code }, () => {
      try {
        world.emit({ type: "peer.banned", peer: node, code });
        judged();
        this.#greet(peer);
        then();
      } finally {
        outlet.release(); // a defect on the way must not silence this signer
      }
    });
  }

  /** A person decides that the node may be worked with again: with a fresh setup. `then` once durable. */
  readmit(node: NodeId, then: (done: boolean) => void): void {
    const peer = this.#peers.get(node);
    if (peer === undefined) return then(false);
    const end = () => {
      this.#parts.setups.forgive(peer);
      this.#parts.world.emit({ type: "peer.readmitted", peer: node });
      this.#greet(peer);
      this.#parts.setups.consider(peer);
      this.#parts.changed(undefined);
      then(true);
    };
    // Where there is no ban nothing is written: one that comes meanwhile must not be taken back.
    if (!peer.banned) return end();
    this.#durably(
      [{ kind: "ban", id: hex(peer.publicKey), epoch: 0, value: null }],
      { kind: "readmitted", node },
      () => {
        peer.banned = false;
        this.#parts.judged();
        end();
      },
    );
  }

  #state(peer: Peer): PairState {
    const { held, theirs, banned } = peer;
    if (banned || theirs?.banned === true) return "banned";
    if (this.#parts.setups.isMaking(peer)) return "making";
    if (sameSetup(held, theirs)) return "ready";
    return this.#parts.setups.hasFailed(peer) ? "failed" : "waiting";
  }

  #byIdentity(id: string): Peer | undefined {
    return [...this.#peers.values()].find((peer) => hex(peer.publicKey) === id);
  }

  #install(setups: readonly RecordListed[]): void {
    const known = setups.flatMap(({ id, record }) => {
      const peer = this.#byIdentity(id);
      return peer === undefined || peer.banned || record.state !== "present" ? [] : [{ peer, stored: record.value }];
    });
    let open = known.length;
    const end = () => {
      this.#loaded = true;
      this.#greetUnready();
      this.#parts.changed(undefined);
    };
    if (open === 0) return end();
    for (const { peer, stored } of known) {
      const job: WorkshopJob = { kind: "install", peer: peer.node, setup: stored.slice(), urgent: true };
      stored.fill(0);
      this.#parts.waits.compute<Installed>(job, (installed) => {
        if (installed !== undefined && !peer.banned) peer.held = installed;
        open -= 1;
        if (open === 0) end();
      });
    }
  }

  /** Now and then, for as long as a pair is not ready: what was said of it may have been lost. */
  #greetUnready(): void {
    for (const peer of this.#peers.values()) {
      const state = this.#state(peer);
      if (state === "waiting") this.#greet(peer, true);
    }
    this.#parts.waits.after(GREETING_MS, () => this.#greetUnready());
  }

  #greet(peer: Peer, asks = false): void {
    if (!this.#loaded || !peer.connected) return;
    const { node, held, banned } = peer;
    this.#parts.link.tell(node, { kind: "pairStatus", ...held, banned, asks, life: this.#life });
  }

  #banOf({ publicKey }: Peer, code: string): RecordWrite {
    const value = encode(banRecord, { publicKey, code, at: this.#parts.world.wallNow() });
    return { kind: "ban", id: hex(publicKey), epoch: 0, value };
  }

  #durably(writes: readonly RecordWrite[], action: AuditAction | undefined, then: () => void): void {
    this.#parts.audit.write(writes, action, (result) => {
      if (result === "ok") then();
      else this.#parts.waits.after(REWRITE_MS, () => this.#durably(writes, undefined, then));
    });
  }
}
