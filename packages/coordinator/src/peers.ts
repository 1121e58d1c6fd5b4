import { type Holding, hex, type NodeId, type PeerState } from "@quorate/orders";

/** What the coordinator believes of a signer. Beliefs choose routes; nothing about safety depends on them. */
interface Peer {
  state: PeerState;
  /** Of the process that was last connected. */
  instance: string | undefined;
  /** Did not answer in time; forgotten as soon as it says anything. */
  suspect: boolean;
  /** Sent a share that failed its check; last choice until it restarts. */
  guilty: boolean;
  /** How often a set with it made no ECDSA signature, through nobody knows whose fault, since one with it last did. */
  failures: number;
  holdings: ReadonlyMap<string, Holding>;
}

/** Round trip assumed of a peer that has not been measured yet. */
const UNMEASURED_MS = 500;
/** In doubts: more than a request can gather otherwise. */
const GUILT = 1000;

/** The signers as seen from here: reachable, suspect, guilty, and which keys they hold. */
export class Peers {
  readonly #peers = new Map<NodeId, Peer>();

  constructor(nodes: readonly NodeId[]) {
    for (const node of nodes) {
      this.#peers.set(node, {
        state: { connected: false },
        instance: undefined,
        suspect: false,
        guilty: false,
        failures: 0,
        holdings: new Map(),
      });
    }
  }

  /** @returns whether the peer came back as another process than before */
  observe(node: NodeId, state: PeerState): boolean {
    const peer = this.#peers.get(node);
    if (peer === undefined) return false;
    const restarted = state.connected && state.instance !== peer.instance;
    peer.state = state;
    if (state.connected) peer.instance = state.instance;
    if (restarted) {
      peer.suspect = false;
      peer.guilty = false;
      peer.failures = 0;
      peer.holdings = new Map();
    }
    return restarted;
  }

  heard(node: NodeId): void {
    const peer = this.#peers.get(node);
    if (peer !== undefined) peer.suspect = false;
  }

  suspect(node: NodeId): void {
    const peer = this.#peers.get(node);
    if (peer !== undefined) peer.suspect = true;
  }

  blame(node: NodeId): void {
    const peer = this.#peers.get(node);
    if (peer !== undefined) peer.guilty = true;
  }

  /** What these answered together was no signature, and any of them may be why. */
  doubt(nodes: readonly NodeId[]): void {
    for (const node of nodes) this.#peers.get(node)!.failures += 1;
  }

  /** These made a signature together. */
  clear(nodes: readonly NodeId[]): void {
    for (const node of nodes) this.#peers.get(node)!.failures = 0;
  }

  hold(node: NodeId, holdings: readonly Holding[]): void {
    const peer = this.#peers.get(node);
    if (peer === undefined) return;
    const ofKey = new Map<string, Holding>();
    for (const one of holdings) {
      const id = hex(one.keyId); // shares of a later epoch may be staged beside those in use
      if (!ofKey.has(id) || one.state === "active") ofKey.set(id, one);
    }
    peer.holdings = ofKey;
  }

  /** A key that this signer has just made or had certified. */
  holdActive(node: NodeId, keyId: Uint8Array, epoch: number): void {
    const peer = this.#peers.get(node);
    if (peer === undefined) return;
    peer.holdings = new Map(peer.holdings).set(hex(keyId), { keyId, epoch, state: "active", fault: "" });
  }

  connected(node: NodeId): boolean {
    return this.#peers.get(node)?.state.connected ?? false;
  }

  holding(node: NodeId, keyId: string): Holding | undefined {
    return this.#peers.get(node)?.holdings.get(keyId);
  }

  roundTripMs(node: NodeId): number {
    return this.#peers.get(node)?.state.rttMs ?? UNMEASURED_MS;
  }

  /** Lower is tried first: the guilty last, then the suspect, then by round trip. */
  cost(node: NodeId): number {
    const peer = this.#peers.get(node);
    return this.roundTripMs(node) + (peer?.suspect ? 1e6 : 0) + (peer?.guilty ? 1e9 : 0);
  }

  /** How much speaks against working with a signer when others are there: silence, failures in company, and most of all guilt. */
  doubts(node: NodeId): number {
    const peer = this.#peers.get(node);
    if (peer === undefined) return 0;
    return peer.failures + (peer.suspect ? 1 : 0) + (peer.guilty ? GUILT : 0);
  }

  failures(node: NodeId): number {
    return this.#peers.get(node)?.failures ?? 0;
  }

  guilty(node: NodeId): boolean {
    return this.#peers.get(node)?.guilty ?? false;
  }

  /** For people: one line a signer. */
  report(): readonly PeerReport[] {
    return [...this.#peers].map(([node, peer]) => ({
      node,
      connected: peer.state.connected,
      suspect: peer.suspect,
      guilty: peer.guilty,
      rttMs: peer.state.rttMs ?? null,
      brokenKeys: [...peer.holdings]
        .filter(([, one]) => one.state === "broken")
        .map(([keyId, one]) => ({ keyId, fault: one.fault })),
    }));
  }
}

/** The state of one signer, as the API shows it. */
export interface PeerReport {
  readonly node: NodeId;
  readonly connected: boolean;
  readonly suspect: boolean;
  readonly guilty: boolean;
  readonly rttMs: number | null;
  readonly brokenKeys: readonly { readonly keyId: string; readonly fault: string }[];
}
