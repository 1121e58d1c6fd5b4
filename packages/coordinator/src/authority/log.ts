import {
  AuthorityError,
  commitQuorum,
  decodeLogRecord,
  encodeLogRecord,
  found,
  type Head,
  judge,
  type LoggedAction,
  type LogRecord,
  type Organisation,
} from "@quorate/authority";
import type { Identity } from "@quorate/curves";
import type { NetworkFile, NodeId, OutcomeOf, Waits, World } from "@quorate/orders";
import type { Link } from "../link.ts";
import type { Peers } from "../peers.ts";
import type { Reply } from "../reply.ts";
import { Followers } from "./followers.ts";
import { LogStore, UnreadableLog } from "./log-store.ts";
import { Proposal } from "./proposal.ts";
import { type Committed, Queue, type Queued } from "./queue.ts";
import { Ratification } from "./ratification.ts";
import { inputError } from "./refusal.ts";
import { type LogReport, logReport } from "./report.ts";
import { refusalOf, unanswered, unstored } from "./waiting.ts";

/** What logs work with. */
export interface LogParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly peers: Peers;
  readonly network: NetworkFile;
  readonly identity: Identity;
  /** A record was committed; the organisation is as it says. */
  readonly changed: (organisation: Organisation) => void;
}

/** A disk that could not be read is asked again after this, milliseconds. */
const DISK_AGAIN_MS = 1000;
/** What is no refusal of the record: the signer is asked again when it has the records below, or room. */
const PASSING: ReadonlySet<string> = new Set(["behind", "stale_head", "no_space"]);

/**
 * One organisation's log as the coordinator drives it: one record at a time is proposed, on disk before anybody hears of it, and
 * committed once enough signers countersigned. After a restart the very same record is proposed again.
 */
export class Log {
  readonly state: Organisation;
  readonly #parts: LogParts;
  readonly #store: LogStore;
  readonly #followers: Followers;
  readonly #queue: Queue;
  readonly #quorum: number;
  #ratification: Ratification | undefined;
  /** Whose action is proposed; nobody of this process when it comes from disk. */
  #current: Queued | undefined;
  /** Something is read or written that decides on the next height. */
  #busy = true;

  constructor(parts: LogParts, genesis: LogRecord) {
    this.#parts = parts;
    this.state = found(genesis);
    const { id } = this.state;
    this.#store = new LogStore(parts.waits, id);
    this.#quorum = commitQuorum(parts.network);
    this.#queue = new Queue(parts.waits, (queued) => unanswered(this.#standing(), queued === this.#current));
    this.#followers = new Followers({
      ...{ world: parts.world, store: this.#store, organisation: id },
      genesis: { record: encodeLogRecord(genesis), signatures: [] },
      send: (to, order) => parts.link.send(to, order),
    });
  }

  /** Reads what is stored, and takes up what a crash left proposed. @param then once the state is as the records say */
  start(then: () => void): void {
    this.#refresh(() => {
      then();
      this.#turn();
    });
  }

  /** Puts an action in line. @throws InputError when the line is full */
  act(action: LoggedAction, reply: Reply<Committed>): void {
    this.#queue.add(action, reply);
    this.#turn();
  }

  countersigned(from: NodeId, outcome: OutcomeOf<"countersigned">): void {
    this.#ratification?.countersigned(from, outcome);
  }

  refused(from: NodeId, outcome: OutcomeOf<"recordRefused">): void {
    const { height, code, detail } = outcome;
    this.#parts.world.emit({ type: "record.refused", organisation: this.state.id, height, peer: from, code, detail });
    if (code === "behind") this.carry(from);
    if (code === "stale_head") this.refresh();
    if (!PASSING.has(code)) this.#ratification?.refused(from, outcome);
  }

  /** A signer says where the log ends there; `undefined` where it has not begun. */
  head(from: NodeId, head: Head | undefined): void {
    this.#followers.said(from, head);
    const { head: own, id: organisation } = this.state;
    const height = head?.height ?? -1;
    if (height < own.height) return this.carry(from);
    if (height > own.height) {
      this.#parts.world.emit({ type: "authority.overtaken", organisation, peer: from, height });
      return this.refresh();
    }
    if (head?.hash === own.hash) return this.#ratification?.welcome(from);
    this.#parts.world.emit({ type: "authority.forked", organisation, peer: from, height, hash: head?.hash ?? "" });
  }

  /** Gives a signer whose log is older the next records that it lacks. */
  carry(node: NodeId): void {
    this.#followers.carry(node, this.state.head.height);
  }

  /**
   * Somebody has more records than this process: another coordinator on this database wrote them.
   *
   * @param adopt whether to take up what that one proposed as well
   */
  refresh(adopt = true): void {
    if (!this.#busy) this.#refresh(() => this.#turn(), adopt);
  }

  lost(node: NodeId): void {
    this.#followers.lost(node);
  }

  report(): LogReport {
    return logReport(this.#standing(), this.state, (node) => this.#followers.at(node));
  }

  /** The next in line, unless something is proposed. */
  #turn(): void {
    while (!this.#busy && this.#ratification === undefined) {
      const queued = this.#queue.next();
      if (queued === undefined) return;
      const proposal = this.#judged(queued);
      if (proposal !== undefined) this.#keep(proposal, queued);
    }
  }

  #judged(queued: Queued): Proposal | undefined {
    const { id, head, time } = this.state;
    const now = this.#parts.world.wallNow();
    const place = { format: 1, organisation: id, height: head.height + 1, previous: head.hash } as const;
    try {
      // As whoever reads it will have it: what does not come back the same would be refused by all, for ever.
      const record = decodeLogRecord(encodeLogRecord({ ...place, time: Math.max(now, time), action: queued.action }));
      return new Proposal(record, judge(this.state, record, { network: this.#parts.network.networkId, now }), []);
    } catch (error) {
      if (!(error instanceof AuthorityError)) throw error;
      queued.end({ error: inputError(error) });
      return undefined;
    }
  }

  #keep(proposal: Proposal, queued: Queued): void {
    this.#busy = true;
    this.#current = queued;
    this.#store.propose(proposal.head.height, proposal.bytes, (result) => {
      this.#busy = false;
      if (result === "ok") return this.#begin(proposal);
      this.#current = undefined;
      if (result === "conflict") this.#queue.putBack(queued);
      else queued.end({ error: unstored(result) });
      this.refresh();
    });
  }

  #begin(proposal: Proposal): void {
    const ifStill = (then: (proposal: Proposal) => void) => () => {
      if (this.#ratification === ratification) then(proposal);
    };
    const ratification: Ratification = new Ratification(
      {
        ...{ ...this.#parts, store: this.#store, quorum: this.#quorum },
        committed: ifStill((one) => this.#committed(one)),
        dropped: ifStill((one) => this.#dropped(one)),
        stuck: ifStill((one) => this.#stuck(one)),
      },
      proposal,
    );
    this.#ratification = ratification;
    const { organisation, height, action } = proposal.record;
    const { method, path } = action;
    this.#parts.world.emit({ type: "record.proposed", organisation, height, hash: proposal.head.hash, method, path });
    ratification.ask();
  }

  /** The state changes, and who asked for it is told. */
  #committed({ apply, record, head: { height, hash } }: Proposal): void {
    this.#ratification = undefined;
    const queued = this.#current;
    this.#current = undefined;
    this.#apply(apply, record, hash);
    queued?.end({ ok: { hash, height, time: record.time } });
    this.#turn();
  }

  #apply(apply: () => void, { organisation, height, action: { method, path } }: LogRecord, hash: string): void {
    apply();
    this.#parts.world.emit({ type: "record.committed", organisation, height, hash, method, path });
    this.#parts.changed(this.state);
  }

  #dropped(proposal: Proposal): void {
    this.#ratification = undefined;
    const { organisation, height } = proposal.record;
    this.#parts.world.emit({ type: "record.dropped", organisation, height, hash: proposal.head.hash });
    this.#current?.end({ error: refusalOf(proposal) });
    this.#current = undefined;
    this.#turn();
  }

  #stuck({ countersigned, refused, head: { height, hash } }: Proposal): void {
    const codes = Object.fromEntries([...refused].map(([node, { code }]) => [node, code]));
    const took = [...countersigned.keys()];
    const where = { organisation: this.state.id, height, hash };
    this.#parts.world.emit({ type: "authority.stuck", ...where, countersigned: took, refused: codes });
    this.#current?.end({ error: unanswered(this.#standing(), true) });
  }

  /** Follows what the database has beyond this process, and takes up what is proposed there. */
  #refresh(then: () => void, adopt = true): void {
    this.#busy = true;
    const failed = (error: UnreadableLog) => {
      this.#parts.world.emit({ type: "log.unreadable", detail: error.message });
      this.#parts.waits.after(DISK_AGAIN_MS, () => this.#refresh(then, adopt));
    };
    this.#store.from(this.state.head.height + 1, (records) => {
      if (records instanceof UnreadableLog) return failed(records);
      for (const { record } of records) this.#replay(decodeLogRecord(record));
      this.#store.proposed(this.state.head.height + 1, (bytes) => {
        if (bytes instanceof UnreadableLog) return failed(bytes);
        if (bytes === "decided") return this.#refresh(then, adopt);
        this.#busy = false;
        this.#compare(bytes);
        if (bytes !== undefined && adopt) this.#resume(decodeLogRecord(bytes));
        then();
      });
    });
  }

  /** What is proposed here but stands in the slot of its height no more was dropped by another coordinator. */
  #compare(bytes: Uint8Array | undefined): void {
    const ratification = this.#ratification;
    if (ratification === undefined || ratification.over) return;
    if (bytes !== undefined && Buffer.compare(bytes, ratification.proposal.bytes) === 0) return;
    this.#giveUp(ratification);
  }

  /** Another coordinator decided about the height: who asked here is next again. */
  #giveUp(ratification: Ratification): void {
    ratification.abandon();
    this.#ratification = undefined;
    if (this.#current !== undefined) this.#queue.putBack(this.#current);
    this.#current = undefined;
  }

  /** Takes up what an earlier process, or another one, proposed: anybody may have been asked for it. */
  #resume(record: LogRecord): void {
    if (this.#ratification !== undefined || record.height !== this.state.head.height + 1) return;
    const everybody = this.#parts.network.nodes.map((one) => one.name);
    this.#begin(new Proposal(record, this.#past(record), everybody));
  }

  /** A record that was committed elsewhere, or before: if it is what is proposed here, that is done. */
  #replay(record: LogRecord): void {
    if (record.height !== this.state.head.height + 1) return; // it was committed here meanwhile
    const ratification = this.#ratification;
    const { hash, apply } = this.#past(record);
    if (ratification?.proposal.is({ height: record.height, hash }) === true) {
      ratification.abandon();
      return this.#committed(ratification.proposal);
    }
    if (ratification !== undefined) this.#giveUp(ratification);
    this.#apply(apply, record, hash);
  }

  #past(record: LogRecord) {
    return judge(this.state, record, { network: this.#parts.network.networkId, now: null });
  }

  #standing() {
    const { network, peers } = this.#parts;
    const nodes = network.nodes.map((one) => one.name);
    const proposal = this.#ratification?.proposal;
    return { organisation: this.state.id, nodes, peers, quorum: this.#quorum, proposal };
  }
}
