import { type CommittedRecord, MAX_COMMITTED, type NodeId } from "@quorate/orders";
import type { PeerMessage } from "../peer-message.ts";
import type { Halting } from "./halting.ts";
import type { Logs, LogsParts } from "./logs.ts";

/** What gossip works with. */
export interface GossipParts extends LogsParts {
  readonly self: NodeId;
  readonly logs: Logs;
  readonly halting: Halting;
}

/** How often signers tell one another where their logs end, milliseconds. */
const EVERY_MS = 1000;
/** How long a peer that claims to know more may take to show it. */
const PATIENCE_MS = 2000;
/** The most bytes of records in one message, and how many messages with records a peer gets between two ticks. */
const MAX_RECORDS_BYTES = 1 << 19;
const MAX_ANSWERS = 16;

/** A log that is being followed at a peer. */
interface Fetch {
  readonly from: NodeId;
  /** The height that the peer claims to know. */
  readonly until: number;
  cancel: () => void;
}

/** Heads and records among the signers: what one of them knows, all of them know soon, whatever the coordinator shows to whom. */
export class Gossip {
  readonly #parts: GossipParts;
  readonly #peers: readonly NodeId[];
  /** By organisation. */
  readonly #fetching = new Map<string, Fetch>();
  /** Who claimed to know more and did not show it: is asked still, but nothing waits for it. */
  readonly #doubted = new Set<NodeId>();
  /** Who failed to show it a moment ago: for as long others are asked, or a liar could keep this signer from hearing anybody else. */
  readonly #resting = new Set<NodeId>();
  readonly #answered = new Map<NodeId, number>();

  constructor(parts: GossipParts) {
    this.#parts = parts;
    this.#peers = parts.network.nodes.map((node) => node.name).filter((name) => name !== parts.self);
  }

  start(): void {
    this.#answered.clear();
    this.tell();
    if (this.#parts.halting.isHalted) this.tellHalt();
    this.tellRepairs();
    this.#parts.waits.after(EVERY_MS, () => this.start());
  }

  /** Tells everybody, or one, where the logs end here. */
  tell(peers: readonly NodeId[] = this.#peers): void {
    const heads = this.#parts.logs.heads();
    for (const peer of peers) this.#parts.link.tell(peer, { kind: "heads", heads });
  }

  /** Tells everybody that this signer was halted, or goes on. */
  tellHalt(): void {
    const { halting, link } = this.#parts;
    const { halt, resume } = halting.statements;
    for (const peer of this.#peers) {
      if (halt !== undefined) link.tell(peer, { kind: "halt", ...halt });
      else if (resume !== undefined) link.tell(peer, { kind: "resume", ...resume });
    }
  }

  /** Tells everybody what operators decided about heights that are still to come. */
  tellRepairs(): void {
    const { logs, link } = this.#parts;
    for (const statement of logs.repairs())
      for (const peer of this.#peers) link.tell(peer, { kind: "repair", ...statement });
  }

  /** Whether a peer is believed to know more of a log, and asked for it. */
  catchingUp(organisation: string): boolean {
    const fetch = this.#fetching.get(organisation);
    return fetch !== undefined && !this.#doubted.has(fetch.from);
  }

  heard(from: NodeId, message: Extract<PeerMessage, { kind: "heads" | "fetch" | "records" }>): void {
    switch (message.kind) {
      case "heads":
        return this.#heads(from, message.heads);
      case "fetch":
        return this.#fetch(from, message.organisation, message.from);
      case "records":
        return this.#records(from, message.organisation, message.records);
    }
  }

  #heads(from: NodeId, heads: Extract<PeerMessage, { kind: "heads" }>["heads"]): void {
    const theirs = new Map(heads.map((one) => [one.organisation, one.height]));
    let knowsLess = false;
    for (const { organisation, height } of this.#parts.logs.heights()) {
      const claimed = theirs.get(organisation) ?? -1;
      if (claimed > height) this.#ask(from, organisation, claimed);
      if (claimed < height) knowsLess = true;
    }
    if (knowsLess && this.#mayAnswer(from)) this.tell([from]);
  }

  #ask(from: NodeId, organisation: string, until: number): void {
    const { waits, link, logs } = this.#parts;
    const running = this.#fetching.get(organisation);
    const isBetter = running !== undefined && this.#doubted.has(running.from) && !this.#doubted.has(from);
    if (this.#resting.has(from) || (running !== undefined && !isBetter)) return;
    running?.cancel();
    const cancel = waits.after(PATIENCE_MS, () => {
      this.#fetching.delete(organisation);
      this.#doubt(from, `did not show height ${until} of a log that it claims`);
    });
    this.#fetching.set(organisation, { from, until, cancel });
    const height = logs.find(organisation)!.height;
    link.tell(from, { kind: "fetch", organisation, from: height + 1 });
  }

  #fetch(to: NodeId, organisation: string, from: number): void {
    const { logs, link } = this.#parts;
    const log = logs.find(organisation);
    if (log === undefined || from > log.height || !this.#mayAnswer(to)) return;
    logs.store.read(organisation, from, MAX_COMMITTED, (records) => {
      link.tell(to, { kind: "records", organisation, records: fitting(records) });
    });
  }

  #records(from: NodeId, organisation: string, records: readonly CommittedRecord[]): void {
    const { logs, link } = this.#parts;
    const fetch = this.#fetching.get(organisation);
    if (fetch?.from !== from) return link.refuse(from, "unasked_records", "nobody asked for them");
    fetch.cancel();
    this.#fetching.delete(organisation);
    const before = logs.find(organisation)!.height;
    if (before >= fetch.until) return; // the coordinator was faster
    const isSound = logs.follow(organisation, records, { peer: from });
    const { height } = logs.find(organisation)!;
    if (!isSound || height <= before) return this.#doubt(from, "showed no record that follows");
    this.#doubted.delete(from);
    if (height < fetch.until) this.#ask(from, organisation, fetch.until);
  }

  /** A claim costs a peer nothing; so only one that was made good before, or not yet broken, makes orders wait. */
  #doubt(peer: NodeId, why: string): void {
    this.#doubted.add(peer);
    this.#resting.add(peer);
    this.#parts.waits.after(PATIENCE_MS, () => this.#resting.delete(peer));
    this.#parts.link.refuse(peer, "empty_claim", why);
  }

  #mayAnswer(peer: NodeId): boolean {
    const answered = this.#answered.get(peer) ?? 0;
    this.#answered.set(peer, answered + 1);
    return answered < MAX_ANSWERS;
  }
}

function fitting(records: readonly CommittedRecord[]): readonly CommittedRecord[] {
  let room = MAX_RECORDS_BYTES;
  const after = records.findIndex(({ record, signatures }) => {
    room -= record.length + 200 * (signatures.length + 1);
    return room < 0;
  });
  return after < 0 ? records : records.slice(0, after);
}
