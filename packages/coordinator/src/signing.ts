import {
  hex,
  InputError,
  type Member,
  type NodeId,
  type OutcomeOf,
  type Refusal,
  type Waits,
  type World,
} from "@quorate/orders";
import { type ActiveRequest, currentAttempt, type SigningEnd } from "./active-request.ts";
import { aggregateAttempt } from "./aggregation.ts";
import { type Attempt, memberOn, silent } from "./attempt.ts";
import type { CommitmentStore } from "./commitment-store.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";
import { availability, chooseSet } from "./quorum.ts";
import type { Supply } from "./supply.ts";
import type { Verdicts } from "./verdicts.ts";

/** An attempt is given this, or eight round trips if that is longer, milliseconds. */
const ATTEMPT_TIMEOUT_MS = 1500;
/** The two-round form is given this on top, so that the signers' own time limit ends it: they know who did not answer whom. */
const EXCHANGE_MS = 2000;
/** Attempts made without a pause; before each further one it doubles from the first of these to the second, milliseconds. */
const HASTY_ATTEMPTS = 8;
const PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
/** The most attempts at one request. */
const MAX_ATTEMPTS = 100;
/** Refusals that may be otherwise at the next attempt. */
const PASSING: ReadonlySet<Refusal> = new Set(["busy", "unknown_nonce", "peer_unreachable"]);

/** What signing works with. */
export interface SigningParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly peers: Peers;
  readonly keyring: Keyring;
  readonly store: CommitmentStore;
  readonly supply: Supply;
  readonly verdicts: Verdicts;
  /** The least round trip to a signer that the network allows, milliseconds. */
  readonly floorMs: (node: NodeId) => number;
}

/** Drives requests: chooses a set, sends orders, gathers shares, tries again with another set until the deadline. */
export class Signing {
  readonly #parts: SigningParts;
  readonly #active = new Map<string, ActiveRequest>();
  /** The attempts under way, by execution id. */
  readonly #attempts = new Map<string, { readonly request: ActiveRequest; readonly attempt: Attempt }>();

  constructor(parts: SigningParts) {
    this.#parts = parts;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  start(request: ActiveRequest): void {
    this.#active.set(request.record.id, request);
    this.#parts.waits.after(request.endMs - this.#parts.world.now(), () => {
      if (this.#active.has(request.record.id)) this.#giveUp(request, exhausted(request, "expired"));
    });
    this.#next(request);
  }

  /** A signer can be reached now: requests that lacked it go on. */
  arrived(): void {
    for (const request of this.#active.values()) {
      if (currentAttempt(request) === undefined) this.#next(request);
    }
  }

  /** A signer went, or runs anew and knows of no order: attempts that wait for it start over. */
  lost(node: NodeId): void {
    for (const { request, attempt } of [...this.#attempts.values()]) {
      if (silent(attempt).some((member) => member.node === node))
        this.#again(request, attempt, `${node} became unreachable`);
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
    this.#parts.world.emit({
      type: "order.refused",
      request: request.record.id,
      peer: from,
      code: outcome.code,
      detail: outcome.detail,
    });
    const { code } = outcome;
    if (code === "unknown_nonce") this.#parts.store.forget(from, request.key.keyId);
    if (PASSING.has(code)) request.obstacles.strike(member.identifier);
    else request.obstacles.exclude(member.identifier, `refused (${code})`);
    this.#again(request, attempt, `${from} refused: ${code}`);
  }

  /**
   * The signers' exchange stopped. One word proves nothing, so nobody is excluded on it: who is said to have broken the
   * protocol, or not to have answered, is only not put together again with the one who says so.
   */
  aborted(from: NodeId, outcome: OutcomeOf<"aborted">): void {
    const found = this.#find(from, outcome.executionId);
    if (found === undefined) return;
    const { request, attempt, member } = found;
    const named = attempt.set.filter((one) => {
      return (
        one !== member && (outcome.culprits.includes(one.identifier) || outcome.waitingFor.includes(one.identifier))
      );
    });
    for (const one of named) request.obstacles.part(member.identifier, one.identifier);
    if (named.length === 0) request.obstacles.strike(member.identifier);
    const names = named.map((one) => one.node).join(", ");
    this.#again(request, attempt, `${from} stopped: ${outcome.code}${names && `, because of ${names}`}`);
  }

  /** Ends an attempt that failed and makes another. */
  #again(request: ActiveRequest, attempt: Attempt, result: string): void {
    this.#end(request, attempt, result);
    this.#next(request);
  }

  #next(request: ActiveRequest): void {
    const many = request.attempts.length - HASTY_ATTEMPTS;
    if (many < 0) return this.#attempt(request);
    if (request.attempts.length >= MAX_ATTEMPTS) return this.#giveUp(request, exhausted(request, "failed"));
    if (request.pausing) return;
    request.pausing = true;
    this.#parts.waits.after(Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** many), () => {
      request.pausing = false;
      if (this.#active.has(request.record.id) && currentAttempt(request) === undefined) this.#attempt(request);
    });
  }

  #attempt(request: ActiveRequest): void {
    const { key } = request;
    const { usable, missing } = availability(key.members, key.keyId, this.#parts.peers, request.obstacles);
    if (usable.length < key.minSigners) return this.#short(request, usable, missing);
    request.shortSinceMs = undefined;
    const count = request.items.length;
    const ready = (member: Member) => this.#parts.store.level(member.node, key.keyId) >= count;
    const set = chooseSet(usable, key.minSigners, request.obstacles, ready);
    const oneRound = set.every(ready);
    const nodes = set.map((member) => member.node);
    const attempt: Attempt = {
      executionId: this.#parts.world.random(16),
      set,
      commitments: oneRound ? this.#parts.store.take(nodes, key.keyId, count) : null,
      answers: new Map(),
      report: {
        signers: nodes,
        form: oneRound ? "one-round" : "two-round",
        startedMs: this.#parts.world.now() - request.startedMs,
        endedMs: null,
        result: null,
        culprits: [],
      },
      cancelTimer: () => {},
    };
    request.attempts.push(attempt);
    this.#attempts.set(hex(attempt.executionId), { request, attempt });
    const farthestMs = Math.max(...nodes.map((node) => this.#parts.peers.roundTripMs(node)));
    const patienceMs = Math.max(ATTEMPT_TIMEOUT_MS, 8 * farthestMs) + (oneRound ? 0 : EXCHANGE_MS);
    attempt.cancelTimer = this.#parts.waits.after(patienceMs, () => this.#timeout(request, attempt));
    this.#order(request, attempt);
    this.#parts.supply.fill(key, count);
  }

  #order(request: ActiveRequest, attempt: Attempt): void {
    const { key, record } = request;
    const common = {
      requestId: record.id,
      executionId: attempt.executionId,
      keyId: this.#parts.keyring.keyId(key),
      epoch: key.epoch,
      path: [],
      request: request.bodyBytes,
      deadline: record.deadline,
    };
    const signers = attempt.set.map((member) => member.identifier);
    const commitments = attempt.commitments?.map((list) => list.map((one) => one.encoded));
    for (const member of attempt.set) {
      if (commitments === undefined)
        this.#parts.link.send(member.node, { kind: "signInteractive", ...common, signers });
      else this.#parts.link.send(member.node, { kind: "sign", ...common, commitments });
    }
  }

  #timeout(request: ActiveRequest, attempt: Attempt): void {
    const late = silent(attempt);
    for (const { node, identifier } of late) {
      this.#parts.peers.suspect(node);
      request.obstacles.strike(identifier);
    }
    this.#again(request, attempt, `no answer from ${late.map((member) => member.node).join(", ")}`);
  }

  #short(
    request: ActiveRequest,
    usable: readonly Member[],
    missing: readonly { node: NodeId; reason: string }[],
  ): void {
    const now = this.#parts.world.now();
    if (request.shortSinceMs === undefined) {
      request.shortSinceMs = now;
      this.#parts.waits.after(request.patienceMs, () => {
        if (this.#active.has(request.record.id) && currentAttempt(request) === undefined) this.#attempt(request);
      });
      return;
    }
    if (now - request.shortSinceMs < request.patienceMs) return;
    const { minSigners, members } = request.key;
    const names = missing.map(({ node, reason }) => `${node} (${reason})`).join(", ");
    const message = `${minSigners} of ${members.length} signers must take part, ${usable.length} can; missing: ${names}`;
    const error = new InputError("quorum_unavailable", message, {
      hint: "start the missing signers, or wait for them, and send the request again",
      details: { missing, reachable: usable.map((member) => member.node), minSigners },
    });
    this.#finish(request, { error });
  }

  /** Ends the request, and the attempt that is under way. */
  #giveUp(request: ActiveRequest, error: InputError): void {
    const attempt = currentAttempt(request);
    if (attempt !== undefined) this.#end(request, attempt, error.message);
    this.#finish(request, { error });
  }

  #aggregate(request: ActiveRequest, attempt: Attempt): void {
    const fault = this.#parts.keyring.fault(request.key);
    if (fault !== undefined) return this.#giveUp(request, fault);
    const before = this.#parts.world.now();
    const result = aggregateAttempt(request, attempt, this.#parts.keyring, this.#parts.link);
    const aggregateMs = this.#parts.world.now() - before;
    if ("faults" in result) {
      this.#parts.verdicts.accuse(request, attempt, result.faults);
      const said = result.faults.map((fault) => `${fault.reason} from ${fault.member.node}`);
      return this.#again(request, attempt, said.join(", "));
    }
    if ("disputes" in result) {
      for (const [one, other] of result.disputes) request.obstacles.part(one.identifier, other.identifier);
      const said = result.disputes.map(([one, other]) => `${one.node} and ${other.node}`);
      return this.#again(request, attempt, `different commitments shown by ${said.join(", ")}`);
    }
    this.#end(request, attempt, "signed");
    const networkMs = Math.max(...attempt.set.map((member) => this.#parts.floorMs(member.node)));
    const slowest = Math.max(...[...attempt.answers.values()].map((answer) => answer.computeMicros / 1000));
    const totalMs = this.#parts.world.now() - request.startedMs;
    const cryptoMs = Math.min(slowest + aggregateMs, Math.max(0, totalMs - networkMs)); // what signers say may be wrong
    const timing = { totalMs, networkMs, cryptoMs, restMs: totalMs - networkMs - cryptoMs };
    this.#finish(request, { signatures: result.signatures, timing });
  }

  /** The attempt under way that an outcome of `from` is about, unless `from` has answered it. */
  #find(from: NodeId, executionId: Uint8Array) {
    const found = this.#attempts.get(hex(executionId));
    const member = found && memberOn(found.attempt, from);
    if (found === undefined || member === undefined || found.attempt.answers.has(member.identifier)) return undefined;
    return { ...found, member };
  }

  #end(request: ActiveRequest, attempt: Attempt, result: string): void {
    attempt.cancelTimer();
    this.#attempts.delete(hex(attempt.executionId));
    attempt.report.endedMs = this.#parts.world.now() - request.startedMs;
    attempt.report.result = result;
    const signers = attempt.report.signers;
    this.#parts.world.emit({
      type: "attempt.ended",
      request: request.record.id,
      signers,
      form: attempt.report.form,
      result,
    });
  }

  #finish(request: ActiveRequest, end: SigningEnd): void {
    if (!this.#active.delete(request.record.id)) return;
    request.finish(end);
  }
}

function exhausted({ attempts }: ActiveRequest, how: "expired" | "failed"): InputError {
  const reasons = attempts.map((one) => one.report.result ?? "unfinished").slice(-3);
  return new InputError("failed", `the request ${how} after ${attempts.length} attempts: ${reasons.join("; ")}`);
}
