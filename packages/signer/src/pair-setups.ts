import type { Backend, Identity } from "@quorate/curves";
import { pairContext } from "@quorate/dkls23";
import { hex, type NetworkFile, type NodeId, type Waits, type World } from "@quorate/orders";
import { Abort } from "@quorate/protocol";
import type { Executions } from "./executions.ts";
import type { Link } from "./link.ts";
import { type Holding, type Peer, sameSetup } from "./pair.ts";
import type { Sessions } from "./sessions.ts";
import type { VerdictStore } from "./verdict-store.ts";
import { PAIR_CLASS, type PairPlan } from "./workshop/job.ts";
import { WorkshopDriver } from "./workshop-driver.ts";

/** What the setups of pairs work with. */
export interface PairSetupsParts {
  readonly world: World;
  readonly waits: Waits;
  readonly network: NetworkFile;
  readonly identity: Identity;
  readonly backend: Backend;
  readonly link: Link;
  readonly sessions: Sessions;
  readonly executions: Executions;
  readonly verdicts: VerdictStore;
  /** The setup is made, stored and in use. */
  readonly established: (peer: Peer, held: Holding) => void;
  /** The setup was stopped so late that disk and workshop may hold it and may not: it counts as none. */
  readonly unsettled: (peer: Peer, epoch: number) => void;
  readonly changed: () => void;
}

/** How long a setup may take, milliseconds: its rounds, behind those of all other pairs in one thread. */
const TIMEOUT_MS = 60_000;
/** Setups that fail by what the peer did are tried this often: each gives a malicious one a guess at secrets for free. */
const MAX_FAILURES = 2;
/** The pause before a setup is begun again: doubles from the first of these to the second, milliseconds. */
const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 60_000;
/** Setups that the first of a pair begins are joined at most this often, milliseconds: each takes a session and a record. */
const JOIN_PAUSE_MS = 5000;

interface Progress {
  executionId: Uint8Array | undefined;
  /** Begun since the two last agreed. */
  attempts: number;
  /** By what the peer did. */
  failures: number;
  pausing: boolean;
  /** What the peer began during the pause, the latest only. */
  asked: (() => void) | undefined;
}

/** Makes the setups of pairs, in the background: once for each pair of nodes, whatever keys they hold. */
export class PairSetups {
  readonly #parts: PairSetupsParts;
  readonly #networkId: Uint8Array;
  readonly #progress = new Map<NodeId, Progress>();

  constructor(parts: PairSetupsParts) {
    this.#parts = parts;
    this.#networkId = new TextEncoder().encode(parts.network.networkId);
  }

  isMaking(peer: Peer): boolean {
    return this.#of(peer).executionId !== undefined;
  }

  /** Not tried again until somebody readmits the peer. */
  hasFailed(peer: Peer): boolean {
    return this.#of(peer).failures >= MAX_FAILURES;
  }

  forgive(peer: Peer): void {
    this.#progress.delete(peer.node);
  }

  /** Begins a setup if the pair lacks one and this node is the first of the two; the other waits to be asked. */
  consider(peer: Peer): void {
    const progress = this.#of(peer);
    const { held, theirs } = peer;
    if (sameSetup(held, theirs)) progress.attempts = 0;
    if (theirs === undefined || !peer.connected || peer.banned || theirs.banned || sameSetup(held, theirs)) return;
    if (progress.executionId !== undefined || progress.pausing || this.hasFailed(peer) || this.#rank(peer) !== 1)
      return;
    if (progress.attempts === 0) return this.#begin(peer);
    progress.pausing = true;
    this.#parts.waits.after(Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** progress.attempts), () => {
      progress.pausing = false;
      if (this.#progress.get(peer.node) === progress) this.#again(peer);
    });
  }

  /**
   * The first of the pair begins a setup: joined once, ever, and never for an epoch that has passed.
   *
   * @returns whether it is joined
   */
  join(peer: Peer, executionId: Uint8Array, epoch: number): boolean {
    if (this.#rank(peer) !== 2 || epoch <= peer.held.epoch || this.hasFailed(peer)) {
      this.#parts.link.refuse(peer.node, "unexpected_setup", `of pair epoch ${epoch}`);
      return false;
    }
    const { executionId: running } = this.#of(peer);
    if (running !== undefined && hex(running) === hex(executionId)) return true;
    this.abandon(peer);
    this.#paced(peer, () => this.#run(peer, executionId, epoch));
    return true;
  }

  /** Stops the setup that is under way. */
  abandon(peer: Peer): void {
    const progress = this.#of(peer);
    progress.asked = undefined;
    if (progress.executionId === undefined) return;
    this.#parts.sessions.stop(progress.executionId, new Abort("stopped"));
    progress.executionId = undefined;
  }

  /** Joins now, or after the pause what was asked last: its frames wait meanwhile. */
  #paced(peer: Peer, join: () => void): void {
    const progress = this.#of(peer);
    if (progress.pausing) {
      progress.asked = join;
      return;
    }
    progress.pausing = true;
    join();
    this.#parts.waits.after(JOIN_PAUSE_MS, () => {
      const { asked } = progress;
      progress.pausing = false;
      progress.asked = undefined;
      if (asked !== undefined && this.#progress.get(peer.node) === progress) this.#paced(peer, asked);
    });
  }

  #again(peer: Peer): void {
    const progress = this.#of(peer);
    const { theirs } = peer;
    const wanted = theirs !== undefined && peer.connected && !peer.banned && !theirs.banned;
    if (wanted && progress.executionId === undefined && !sameSetup(peer.held, theirs)) this.#begin(peer);
  }

  #begin(peer: Peer): void {
    const { life } = peer;
    if (life === undefined) return;
    const epoch = Math.max(peer.held.epoch, peer.theirs?.epoch ?? 0) + 1;
    const executionId = this.#parts.world.random(16);
    this.#run(peer, executionId, epoch, () =>
      this.#parts.link.tell(peer.node, { kind: "pairBegin", executionId, epoch, life }),
    );
  }

  #run(peer: Peer, executionId: Uint8Array, epoch: number, tell: () => void = () => {}): void {
    const progress = this.#of(peer);
    progress.executionId = executionId;
    progress.attempts += 1;
    this.#parts.executions.join(executionId, (result) => {
      if (progress.executionId !== executionId) return;
      if (result !== "joined") return this.#ended(peer, progress);
      tell();
      this.#start(peer, progress, { executionId, epoch, tell });
    });
  }

  #start(
    peer: Peer,
    progress: Progress,
    { executionId, epoch, tell }: { executionId: Uint8Array; epoch: number; tell: () => void },
  ): void {
    const { waits, sessions, identity, established, world, verdicts } = this.#parts;
    const rank = this.#rank(peer);
    const [own, theirs] = [identity.publicKey, peer.publicKey];
    const identities = rank === 1 ? ([own, theirs] as const) : ([theirs, own] as const);
    const plan: PairPlan = {
      what: "pair",
      executionId,
      peer: peer.node,
      networkId: this.#networkId,
      epoch,
      identities,
      rank,
    };
    const startedMs = world.now();
    let isStored = false;
    this.#parts.changed();
    const context = pairContext({
      ...{ networkId: this.#networkId, pairClass: PAIR_CLASS, epoch, identities },
      backend: this.#parts.backend,
    });
    sessions.start<Uint8Array>({
      setup: {
        executionId,
        context,
        participants: identities.map((publicKey, at) => ({ identifier: at + 1, publicKey })),
      },
      driver: new WorkshopDriver(waits, plan, false),
      nodes: new Map([[3 - rank, peer.node]]),
      timeoutMs: TIMEOUT_MS,
      stands: tell,
      checkpoint: (value, saved) => {
        isStored = true;
        this.#store(peer, value, saved);
      },
      done: (setupId) => {
        progress.executionId = undefined;
        progress.failures = 0;
        world.emit({ type: "pair.ready", peer: peer.node, epoch, tookMs: Math.round(world.now() - startedMs) });
        established(peer, { epoch, setupId });
      },
      aborted: (abort) => {
        if (abort.code === "warm_up_failed" || abort.culprits.length > 0) progress.failures += 1;
        world.emit({ type: "pair.failed", peer: peer.node, epoch, code: abort.code });
        if (isStored) this.#parts.unsettled(peer, epoch);
        if (progress.executionId === executionId) this.#ended(peer, progress);
      },
      convicted: (abort) => {
        const named = [hex(identities[0]), hex(identities[1])] as [string, string];
        verdicts.convicted(abort, { kind: "pair", scope: { pairClass: PAIR_CLASS, epoch, identities: named } });
      },
      judge: () => false,
    });
  }

  /** Replaces what was stored of the pair, which is gone then. */
  #store(peer: Peer, value: Uint8Array, saved: (failure?: Abort) => void): void {
    const id = Buffer.from(peer.publicKey).toString("hex");
    this.#parts.waits.write([{ kind: "pair", id, epoch: 0, value, secret: true }], (result) => {
      value.fill(0);
      saved(result === "ok" ? undefined : new Abort("stopped"));
    });
  }

  #ended(peer: Peer, progress: Progress): void {
    progress.executionId = undefined;
    this.#parts.changed();
    this.consider(peer);
  }

  #rank(peer: Peer): 1 | 2 {
    return Buffer.compare(this.#parts.identity.publicKey, peer.publicKey) < 0 ? 1 : 2;
  }

  #of(peer: Peer): Progress {
    const known = this.#progress.get(peer.node);
    if (known !== undefined) return known;
    const made: Progress = { executionId: undefined, attempts: 0, failures: 0, pausing: false, asked: undefined };
    this.#progress.set(peer.node, made);
    return made;
  }
}
