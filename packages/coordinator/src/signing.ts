import { hex, InputError, type Member, type NodeId, type OutcomeOf, type Waits, type World } from "@quorate/orders";
import { type ActiveRequest, currentAttempt, type SigningEnd } from "./active-request.ts";
import { aggregateAttempt, type Fault } from "./aggregation.ts";
import { type Attempt, memberOn, silent } from "./attempt.ts";
import type { CommitmentStore } from "./commitment-store.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";
import { availability, chooseSet } from "./quorum.ts";
import type { Supply } from "./supply.ts";

/** How long too few reachable signers are waited for before the request is refused, milliseconds. */
const SHORTAGE_GRACE_MS = 1000;
/** An attempt is given this, or eight round trips if that is longer, milliseconds. */
const ATTEMPT_TIMEOUT_MS = 1500;
/** Pause before another attempt once this many have failed: a safeguard against turning in circles. */
const HASTY_ATTEMPTS = 8;
const PAUSE_MS = 200;

/** Drives requests: chooses a set, sends orders, gathers shares, blames, tries again with another set until the deadline. */
export class Signing {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #peers: Peers;
  readonly #keyring: Keyring;
  readonly #store: CommitmentStore;
  readonly #supply: Supply;
  readonly #floorMs: (node: NodeId) => number;
  readonly #active = new Map<string, ActiveRequest>();
  readonly #byExecution = new Map<string, ActiveRequest>();

  constructor(parts: {
    world: World;
    waits: Waits;
    link: Link;
    peers: Peers;
    keyring: Keyring;
    store: CommitmentStore;
    supply: Supply;
    floorMs: (node: NodeId) => number;
  }) {
    this.#world = parts.world;
    this.#waits = parts.waits;
    this.#link = parts.link;
    this.#peers = parts.peers;
    this.#keyring = parts.keyring;
    this.#store = parts.store;
    this.#supply = parts.supply;
    this.#floorMs = parts.floorMs;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  start(request: ActiveRequest): void {
    this.#active.set(request.record.id, request);
    this.#waits.after(request.endMs - this.#world.now(), () => {
      if (this.#active.has(request.record.id)) this.#expire(request);
    });
    this.#next(request);
  }

  /** A signer came, went or restarted: attempts that wait for it start over, requests that lacked it go on. */
  peerChanged(node: NodeId, connected: boolean): void {
    for (const request of this.#active.values()) {
      const attempt = currentAttempt(request);
      if (attempt === undefined) this.#next(request);
      else if (!connected && silent(attempt).some((member) => member.node === node)) {
        this.#end(request, attempt, `${node} became unreachable`);
        this.#next(request);
      }
    }
  }

  shares(from: NodeId, outcome: OutcomeOf<"shares">): void {
    const found = this.#find(from, outcome.executionId);
    if (found === undefined) return;
    const { request, attempt, member } = found;
    attempt.answers.set(member.identifier, outcome);
    if (silent(attempt).length === 0) this.#aggregate(request, attempt);
  }

  refused(from: NodeId, outcome: OutcomeOf<"refused">): void {
    const found = this.#find(from, outcome.executionId);
    if (found === undefined) return;
    const { request, attempt, member } = found;
    this.#world.emit({
      type: "order.refused",
      request: request.record.id,
      peer: from,
      code: outcome.code,
      detail: outcome.detail,
    });
    this.#end(request, attempt, `${from} refused: ${outcome.code}`);
    if (outcome.code === "unknown_nonce") this.#store.forget(from, request.key.keyId);
    else if (outcome.code !== "busy") request.excluded.set(member.identifier, `refused (${outcome.code})`);
    this.#next(request);
  }

  /** @returns whether the execution is a signing attempt */
  aborted(from: NodeId, outcome: OutcomeOf<"aborted">): boolean {
    const found = this.#find(from, outcome.executionId);
    if (found === undefined) return this.#byExecution.has(hex(outcome.executionId));
    const { request, attempt } = found;
    for (const waited of outcome.waitingFor) {
      const node = attempt.set.find((member) => member.identifier === waited)?.node;
      if (node !== undefined) this.#peers.suspect(node);
    }
    for (const culprit of outcome.culprits) {
      const member = attempt.set.find((one) => one.identifier === culprit);
      if (member !== undefined && member.node !== from)
        request.excluded.set(culprit, `accused by ${from} (${outcome.code})`);
    }
    this.#end(request, attempt, `${from} stopped: ${outcome.code}`);
    this.#next(request);
    return true;
  }

  verdict(from: NodeId, outcome: OutcomeOf<"verdict">): void {
    const request = this.#byExecution.get(hex(outcome.executionId));
    const attempt = request?.attempts.find((one) => hex(one.executionId) === hex(outcome.executionId));
    const member = attempt?.set.find((one) => one.identifier === outcome.identifier);
    if (request === undefined || attempt === undefined || member === undefined) return;
    this.#world.emit({ type: "verdict", peer: from, accused: member.node, guilty: outcome.guilty });
    if (!outcome.guilty) return;
    const report = attempt.report;
    report.culprits = report.culprits.map((culprit) =>
      culprit.node === member.node && !culprit.verifiedBy.includes(from)
        ? { ...culprit, verifiedBy: [...culprit.verifiedBy, from] }
        : culprit,
    );
    if (!this.#active.has(request.record.id)) request.amend();
  }

  #next(request: ActiveRequest): void {
    if (request.attempts.length < HASTY_ATTEMPTS) return this.#attempt(request);
    this.#waits.after(PAUSE_MS, () => {
      if (this.#active.has(request.record.id) && currentAttempt(request) === undefined) this.#attempt(request);
    });
  }

  #attempt(request: ActiveRequest): void {
    const { key } = request;
    const { usable, missing } = availability(key.members, key.keyId, this.#peers, request.excluded);
    if (usable.length < key.minSigners) return this.#short(request, usable, missing);
    request.shortSinceMs = undefined;
    const count = request.items.length;
    const ready = (member: Member) => this.#store.ready([member.node], key.keyId, count);
    const set = chooseSet(usable, key.minSigners, ready);
    const oneRound = set.every(ready);
    const nodes = set.map((member) => member.node);
    const attempt: Attempt = {
      executionId: this.#world.random(16),
      set,
      commitments: oneRound ? this.#store.take(nodes, key.keyId, count) : null,
      answers: new Map(),
      report: {
        signers: nodes,
        form: oneRound ? "one-round" : "two-round",
        startedMs: this.#world.now() - request.startedMs,
        endedMs: null,
        result: null,
        culprits: [],
      },
      cancelTimer: () => {},
    };
    request.attempts.push(attempt);
    this.#byExecution.set(hex(attempt.executionId), request);
    const patience = Math.max(ATTEMPT_TIMEOUT_MS, 8 * Math.max(...nodes.map((node) => this.#peers.roundTripMs(node))));
    attempt.cancelTimer = this.#waits.after(patience, () => this.#timeout(request, attempt));
    this.#order(request, attempt);
    this.#supply.fill(key, count);
  }

  #order(request: ActiveRequest, attempt: Attempt): void {
    const { key, record } = request;
    const common = {
      requestId: record.id,
      executionId: attempt.executionId,
      keyId: this.#keyring.keyId(key),
      epoch: key.epoch,
      request: request.bodyBytes,
      deadline: record.deadline,
    };
    const signers = attempt.set.map((member) => member.identifier);
    const { commitments } = attempt;
    for (const member of attempt.set) {
      if (commitments === null) this.#link.send(member.node, { kind: "signInteractive", ...common, signers });
      else this.#link.send(member.node, { kind: "sign", ...common, commitments });
    }
  }

  #timeout(request: ActiveRequest, attempt: Attempt): void {
    if (attempt.report.endedMs !== null) return;
    const late = silent(attempt).map((member) => member.node);
    for (const node of late) this.#peers.suspect(node);
    this.#end(request, attempt, `no answer from ${late.join(", ")}`);
    this.#next(request);
  }

  #short(
    request: ActiveRequest,
    usable: readonly Member[],
    missing: readonly { node: NodeId; reason: string }[],
  ): void {
    const now = this.#world.now();
    if (request.shortSinceMs === undefined) {
      request.shortSinceMs = now;
      this.#waits.after(SHORTAGE_GRACE_MS, () => {
        if (this.#active.has(request.record.id) && currentAttempt(request) === undefined) this.#attempt(request);
      });
      return;
    }
    if (now - request.shortSinceMs < SHORTAGE_GRACE_MS) return;
    const { minSigners, members } = request.key;
    const names = missing.map(({ node, reason }) => `${node} (${reason})`).join(", ");
    const message = `${minSigners} of ${members.length} signers must take part, ${usable.length} can; missing: ${names}`;
    const error = new InputError("quorum_unavailable", message, {
      hint: "start the missing signers, or wait for them, and send the request again",
      details: { missing, reachable: usable.map((member) => member.node), minSigners },
    });
    this.#finish(request, { error });
  }

  #expire(request: ActiveRequest): void {
    const attempt = currentAttempt(request);
    if (attempt !== undefined) this.#end(request, attempt, "the request expired");
    const reasons = request.attempts.map((one) => one.report.result ?? "unfinished").slice(-3);
    this.#finish(request, {
      error: new InputError(
        "failed",
        `the request expired after ${request.attempts.length} attempts: ${reasons.join("; ")}`,
      ),
    });
  }

  #aggregate(request: ActiveRequest, attempt: Attempt): void {
    const before = this.#world.now();
    const result = aggregateAttempt(request, attempt, this.#keyring, this.#link);
    const aggregateMs = this.#world.now() - before;
    if ("faults" in result) {
      this.#blame(request, attempt, result.faults);
      this.#end(request, attempt, `wrong share from ${result.faults.map((fault) => fault.member.node).join(", ")}`);
      return this.#next(request);
    }
    this.#end(request, attempt, "signed");
    const networkMs = Math.max(...attempt.set.map((member) => this.#floorMs(member.node)));
    const slowest = Math.max(...[...attempt.answers.values()].map((answer) => answer.computeMicros / 1000));
    const totalMs = this.#world.now() - request.startedMs;
    const cryptoMs = slowest + aggregateMs;
    const timing = { totalMs, networkMs, cryptoMs, restMs: totalMs - networkMs - cryptoMs };
    this.#finish(request, { signatures: result.signatures, timing });
  }

  #blame(request: ActiveRequest, attempt: Attempt, faults: readonly Fault[]): void {
    for (const { member, reason, evidence } of faults) {
      request.excluded.set(member.identifier, reason);
      this.#peers.blame(member.node);
      attempt.report.culprits = [...attempt.report.culprits, { node: member.node, reason, verifiedBy: [] }];
      this.#world.emit({ type: "signer.blamed", request: request.record.id, peer: member.node, reason });
      if (evidence === undefined) continue;
      for (const other of request.key.members) {
        if (other.node === member.node || !this.#peers.connected(other.node)) continue;
        this.#link.send(other.node, { kind: "evidence", executionId: attempt.executionId, evidence });
      }
    }
  }

  #find(
    from: NodeId,
    executionId: Uint8Array,
  ): { request: ActiveRequest; attempt: Attempt; member: Member } | undefined {
    const request = this.#byExecution.get(hex(executionId));
    const attempt = request && currentAttempt(request);
    if (request === undefined || attempt === undefined || hex(attempt.executionId) !== hex(executionId))
      return undefined;
    const member = memberOn(attempt, from);
    if (member === undefined || attempt.answers.has(member.identifier)) return undefined;
    return { request, attempt, member };
  }

  #end(request: ActiveRequest, attempt: Attempt, result: string): void {
    attempt.cancelTimer();
    attempt.report.endedMs = this.#world.now() - request.startedMs;
    attempt.report.result = result;
    const signers = attempt.report.signers;
    this.#world.emit({ type: "attempt.ended", request: request.record.id, signers, form: attempt.report.form, result });
  }

  #finish(request: ActiveRequest, end: SigningEnd): void {
    if (!this.#active.delete(request.record.id)) return;
    // Verdicts on a culprit arrive after the request is done: its executions stay findable for a while.
    this.#waits.after(10_000, () => {
      for (const attempt of request.attempts) this.#byExecution.delete(hex(attempt.executionId));
    });
    request.finish(end);
  }
}
