import {
  AuthorityError,
  admittedAuthorisation,
  commitQuorum,
  countersignStatement,
  decodeLogRecord,
  type Head,
  type LogRecord,
  proposalStatement,
  recordHash,
} from "@quorate/authority";
import { type Identity, verifyIdentity } from "@quorate/curves";
import type { NodeId, OrderOf, RecordWrite } from "@quorate/orders";
import type { Bindings } from "../bindings.ts";
import { shortened } from "../link.ts";
import type { Lives } from "../presence/lives.ts";
import { headBytes, type Log, type Proposal } from "./log.ts";
import { equivocationWrite, MAX_PENDING, pendingWrite, takenWrite } from "./log-store.ts";
import type { Logs, LogsParts } from "./logs.ts";

/** What countersigning works with. */
export interface CountersigningParts extends LogsParts {
  readonly logs: Logs;
  readonly identity: Identity;
  readonly bindings: Pick<Bindings, "isBound">;
  readonly lives: Pick<Lives, "mayHaveActedOn">;
}

/** A record that is not countersigned: why, in a word and in a sentence. */
interface Objection {
  readonly code: string;
  readonly message: string;
}

/** Answers proposals: this signer takes one record at each height of a log, for ever, and says so only once that is durable. */
export class Countersigning {
  readonly #parts: CountersigningParts;

  constructor(parts: CountersigningParts) {
    this.#parts = parts;
  }

  propose(order: OrderOf<"propose">, from: NodeId): void {
    const { organisation } = order;
    const head = { height: 0, hash: recordHash(order.record) };
    this.#guarded(organisation, head, from, () => {
      const record = decodeLogRecord(order.record);
      head.height = record.height;
      // Copies: what comes from a message is a view of it.
      const proposal = { head, record: order.record.slice(), signature: order.signature.slice() };
      const log = this.#log(organisation, proposal, from);
      const authorisation = admittedAuthorisation(record);
      if (authorisation === undefined) return this.#consider(log, proposal, record, from);
      this.#parts.bindings.isBound(authorisation, (isBound) => {
        if (isBound === "busy")
          return this.#refuse(organisation, head, { code: "no_space", message: "too many requests at once" }, from);
        this.#guarded(organisation, head, from, () => this.#consider(log, proposal, record, from, isBound));
      });
    });
  }

  #guarded(organisation: string, head: Head, from: NodeId, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof AuthorityError)) throw error;
      this.#refuse(organisation, head, error, from);
    }
  }

  #log(organisation: string, { head, signature }: Proposal, from: NodeId): Log {
    const { logs, link } = this.#parts;
    const log = logs.find(organisation);
    if (log === undefined)
      throw new AuthorityError("unknown_organisation", "the network file names no such organisation");
    const coordinator = link.identityOf(from)!;
    if (!verifyIdentity(coordinator, proposalStatement(link.networkHash, organisation, head), signature)) {
      throw new AuthorityError("bad_signature", "the proposal is not signed by the coordinator that sent it");
    }
    return log;
  }

  /** @param isBound whether this signer answered the request that the record puts into the log, without it */
  #consider(log: Log, proposal: Proposal, record: LogRecord, from: NodeId, isBound = false): void {
    const { logs, world, lives } = this.#parts;
    const { height } = proposal.head;
    if (height <= log.height)
      throw new AuthorityError("stale_head", `height ${height} is decided, the log is at ${log.height}`);
    if (height > log.height + 1) {
      logs.lacking(log.id);
      throw new AuthorityError("behind", `height ${height} does not follow ${log.height} here`);
    }
    const { taken } = log;
    if (taken !== undefined && taken !== "unreadable" && taken.head.hash === proposal.head.hash)
      return this.#answer(log, taken, [], from);
    if (log.forked) throw new AuthorityError("bad_record", "the log of this signer is not what its records come to");
    const { decided } = log;
    const { takesAway } = log.judge(record, decided === proposal.head.hash ? null : world.wallNow());
    if (isBound && decided !== proposal.head.hash)
      throw new AuthorityError("already_used", "this signer has answered under this authorisation without the log");
    const writes = takesAway && log.pending.length < MAX_PENDING ? [pendingWrite(log, proposal)] : [];
    if (writes.length > 0) log.bind(proposal);
    if (decided !== undefined) return this.#decided(log, proposal, writes, from);
    if (taken !== undefined || log.damaged) return this.#conflict(log, proposal, writes, from);
    if (this.#isDecisive && lives.mayHaveActedOn(log.organisation?.time ?? 0))
      return this.#abstain(log, proposal, writes, from);
    log.taken = proposal;
    this.#answer(log, proposal, writes, from);
  }

  /**
   * Whether two records could be committed at one height if this signer alone forgot the first: of any two quorums at least 2q - n signers
   * are in both, t - 1 of them malicious. If so, q of the others can go on without it.
   */
  get #isDecisive(): boolean {
    const { network } = this.#parts;
    return 2 * commitQuorum(network) - network.nodes.length - (network.defaults.minSigners - 1) < 2;
  }

  #abstain(log: Log, { head }: Proposal, writes: readonly RecordWrite[], from: NodeId): void {
    const message = "another record may have been countersigned at this height before this signer lost records";
    const refuse = () => this.#refuse(log.id, head, { code: "rolled_back", message }, from);
    if (writes.length === 0) return refuse();
    this.#parts.audit.write(writes, undefined, refuse);
  }

  /** What operators decided on is taken, whatever else was; the two together are evidence against the coordinator. */
  #decided(log: Log, proposal: Proposal, writes: readonly RecordWrite[], from: NodeId): void {
    const { released } = log;
    if (log.decided !== proposal.head.hash) return this.#conflict(log, proposal, writes, from);
    log.taken = proposal;
    this.#answer(
      log,
      proposal,
      released === undefined ? writes : [...writes, equivocationWrite(log, released, proposal)],
      from,
    );
  }

  /** Written again when it is asked again: the answer may have been refused because the disk was full. */
  #answer(log: Log, proposal: Proposal, writes: readonly RecordWrite[], from: NodeId): void {
    const { audit, link, identity, world } = this.#parts;
    const { head } = proposal;
    const action = { kind: "countersigned", organisation: log.id, ...headBytes(head) } as const;
    audit.write([takenWrite(log, proposal), ...writes], action, (result) => {
      if (result !== "ok")
        return this.#refuse(log.id, head, { code: "no_space", message: `cannot be stored here (${result})` }, from);
      const signature = identity.sign(countersignStatement(link.networkHash, log.id, head));
      world.emit({ type: "authority.countersigned", organisation: log.id, height: head.height, hash: head.hash });
      link.report(from, { kind: "countersigned", organisation: log.id, ...headBytes(head), signature });
    });
  }

  #conflict(log: Log, proposal: Proposal, writes: readonly RecordWrite[], from: NodeId): void {
    const { audit, world } = this.#parts;
    const { head } = proposal;
    const { taken } = log;
    const known = taken === undefined || taken === "unreadable" ? undefined : taken;
    const evidence = known === undefined ? [] : [equivocationWrite(log, known, proposal)];
    const refuse = () => {
      const why = log.decided === undefined ? "was countersigned" : "is what operators decided on";
      const message = `another record ${why} at height ${head.height} here`;
      this.#refuse(log.id, head, { code: "conflict", message }, from);
    };
    if (known !== undefined) {
      const { height, hash } = head;
      world.emit({ type: "authority.equivocation", organisation: log.id, height, hashes: [known.head.hash, hash] });
      const other = headBytes(known.head).hash;
      audit.note({ kind: "equivocation", organisation: log.id, ...headBytes(head), other });
    }
    if (evidence.length + writes.length === 0) return refuse();
    audit.write([...evidence, ...writes], undefined, refuse);
  }

  #refuse(
    organisation: string,
    head: { height: number; hash: string },
    { code, message }: Objection,
    from: NodeId,
  ): void {
    const { link, world, audit } = this.#parts;
    const detail = shortened(message);
    audit.note({ kind: "recordRefused", organisation, ...headBytes(head), code });
    world.emit({ type: "authority.refused", organisation, height: head.height, hash: head.hash, code, detail });
    link.report(from, { kind: "recordRefused", organisation, ...headBytes(head), code, detail });
  }
}
