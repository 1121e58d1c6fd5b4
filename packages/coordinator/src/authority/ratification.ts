import { proposalStatement } from "@quorate/authority";
import type { Identity } from "@quorate/curves";
import {
  type CommittedRecord,
  hex,
  type NetworkFile,
  type NodeId,
  type OutcomeOf,
  type Waits,
  type World,
} from "@quorate/orders";
import type { Link } from "../link.ts";
import type { Peers } from "../peers.ts";
import type { LogStore } from "./log-store.ts";
import type { Proposal } from "./proposal.ts";

/** What a record is brought to the signers with. */
export interface RatificationParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly peers: Peers;
  readonly network: NetworkFile;
  readonly identity: Identity;
  readonly store: LogStore;
  /** How many must countersign. */
  readonly quorum: number;
  /** It is committed, and stored so. */
  readonly committed: (proposal: Proposal) => void;
  /** Nobody took it, and it is not proposed any more. */
  readonly dropped: (proposal: Proposal) => void;
  /** It cannot be committed as things are, nor dropped. */
  readonly stuck: (proposal: Proposal) => void;
}

/** Signers that have not answered are asked again after this; a disk that refused, too. Milliseconds. */
const AGAIN_MS = 2000;
const DISK_AGAIN_MS = 1000;

/**
 * Has the signers countersign one record. A record that somebody took, or may have taken, is asked for until it is committed: another at
 * its height would make two versions of the log. Only one that everybody who was asked refused is dropped.
 */
export class Ratification {
  readonly proposal: Proposal;
  readonly #parts: RatificationParts;
  #over = false;

  constructor(parts: RatificationParts, proposal: Proposal) {
    this.#parts = parts;
    this.proposal = proposal;
  }

  /** Asks everybody who can be reached and has not answered, now and again until all have. */
  ask(): void {
    const { network, peers, waits } = this.#parts;
    const { proposal } = this;
    if (this.#over || proposal.committing) return;
    const silent = network.nodes
      .map((one) => one.name)
      .filter((one) => peers.connected(one) && !proposal.countersigned.has(one) && !proposal.refused.has(one));
    for (const node of silent) this.#propose(node);
    if (silent.length > 0) waits.after(AGAIN_MS, () => this.ask());
  }

  /** A signer is where the log ends: it can take the record now, whatever it said before. */
  welcome(node: NodeId): void {
    if (this.#over || this.proposal.committing || this.proposal.countersigned.has(node)) return;
    this.proposal.refused.delete(node);
    this.#propose(node);
  }

  /** Nothing more is asked for it: its end is being stored, or came from elsewhere. */
  get over(): boolean {
    return this.#over || this.proposal.committing;
  }

  /** Another process brought it to its end. */
  abandon(): void {
    this.#over = true;
  }

  countersigned(from: NodeId, { height, hash, signature }: OutcomeOf<"countersigned">): void {
    const { link, quorum } = this.#parts;
    const { proposal } = this;
    if (this.#over || !proposal.is({ height, hash: hex(hash) })) return;
    if (!proposal.countersign(from, signature, link.identityOf(from)!, link.networkHash)) {
      return link.refuse(from, "bad_signature", "a countersignature that does not verify");
    }
    if (proposal.countersigned.size >= quorum && !proposal.committing) this.#commit();
    this.#consider();
  }

  refused(from: NodeId, { height, hash, code, detail }: OutcomeOf<"recordRefused">): void {
    const { proposal } = this;
    if (this.#over || proposal.committing || !proposal.is({ height, hash: hex(hash) })) return;
    proposal.refuse(from, { code, detail });
    this.#consider();
  }

  /** Whether so many refuse the record that it is dropped, or stands in the way because somebody took it or may have. */
  #consider(): void {
    const { proposal } = this;
    if (proposal.committing || !proposal.hopeless(this.#parts.network.nodes.length, this.#parts.quorum)) return;
    if (proposal.untaken) return this.#drop();
    if (proposal.stuck || proposal.countersigned.size === 0) return;
    proposal.stuck = true;
    this.#parts.stuck(proposal);
  }

  #propose(node: NodeId): void {
    const { link, identity } = this.#parts;
    const { proposal } = this;
    const { organisation } = proposal.record;
    const signature = identity.sign(proposalStatement(link.networkHash, organisation, proposal.head));
    proposal.asked.add(node);
    link.send(node, { kind: "propose", organisation, record: proposal.bytes, signature });
  }

  #commit(): void {
    const { store, quorum, world, waits } = this.#parts;
    const { proposal } = this;
    proposal.committing = true;
    const certified = proposal.certified(quorum);
    store.commit(proposal.head.height, certified, (result) => {
      if (this.#over) return;
      // `conflict`: another coordinator stored it first. No other record can be committed at this height.
      if (result === "ok" || result === "conflict") return this.#done(certified);
      world.emit({ type: "record.not_stored", organisation: proposal.record.organisation, result });
      waits.after(DISK_AGAIN_MS, () => this.#commit());
    });
  }

  #done(certified: CommittedRecord): void {
    const { network, peers, link, committed } = this.#parts;
    const { organisation } = this.proposal.record;
    this.#over = true;
    committed(this.proposal);
    for (const { name } of network.nodes) {
      if (peers.connected(name)) link.send(name, { kind: "commit", organisation, records: [certified] });
    }
  }

  #drop(): void {
    const { store, waits, dropped } = this.#parts;
    this.#over = true;
    const { height } = this.proposal.head;
    const withdraw = () =>
      store.withdraw(height, (result) => {
        if (result === "ok") dropped(this.proposal);
        else waits.after(DISK_AGAIN_MS, withdraw);
      });
    withdraw();
  }
}
