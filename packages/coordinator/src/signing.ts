import { hex, type InputError, isEcdsa, type NodeId, type OutcomeOf, type Waits, type World } from "@quorate/orders";
import { type ActiveRequest, currentAttempt, type SigningEnd } from "./active-request.ts";
import { aggregateAttempt, prepare, vouch } from "./aggregation.ts";
import { type Attempt, answer, attemptOf, memberOn, orderOf, type Shares, silent } from "./attempt.ts";
import type { Logs } from "./authority/logs.ts";
import type { CommitmentStore } from "./commitment-store.ts";
import { aggregateEcdsa } from "./ecdsa-aggregation.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Pairs } from "./pairs.ts";
import type { Peers } from "./peers.ts";
import { plan } from "./planning.ts";
import type { Presignatures } from "./presignatures.ts";
import { type Availability, availability } from "./quorum.ts";
import { type KeyRecord, pathOf } from "./records.ts";
import { heed } from "./refusals.ts";
import { remind } from "./reminder.ts";
import { exhausted, shortage } from "./shortage.ts";
import type { Supply } from "./supply.ts";
import { patienceOf, reminderMs, timingOf } from "./time.ts";
import { Unreported } from "./unreported.ts";
import type { Verdicts } from "./verdicts.ts";

/** Attempts made without a pause; before each further one it doubles from the first of these to the second, milliseconds. */
const HASTY_ATTEMPTS = 8;
const PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
/** The most attempts at one request. */
const MAX_ATTEMPTS = 100;

/** What signing works with. */
export interface SigningParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly peers: Peers;
  readonly pairs: Pairs;
  readonly keyring: Keyring;
  readonly store: CommitmentStore;
  readonly supply: Supply;
  readonly presignatures: Presignatures;
  readonly verdicts: Verdicts;
  /** A signer holds another epoch of a key than this coordinator. */
  readonly mismatch: (node: NodeId, key: KeyRecord) => void;
  readonly logs: Pick<Logs, "carry" | "refresh">;
  /** The least round trip to a signer that the network allows, milliseconds. */
  readonly floorMs: (node: NodeId) => number;
}

/** Drives requests: chooses a set, sends orders, gathers shares, tries again with another set until the deadline. */
export class Signing {
  readonly #parts: SigningParts;
  readonly #unreported: Unreported;
  readonly #active = new Map<string, ActiveRequest>();
  /** The attempts under way, by execution id. */
  readonly #attempts = new Map<string, { readonly request: ActiveRequest; readonly attempt: Attempt }>();

  constructor(parts: SigningParts) {
    this.#parts = parts;
    this.#unreported = new Unreported(parts);
  }

  get activeCount(): number {
    return this.#active.size;
  }

  /** Attempts under way. */
  get attempting(): number {
    return this.#attempts.size;
  }

  start(request: ActiveRequest): void {
    this.#active.set(request.record.id, request);
    this.#parts.waits.after(request.endMs - this.#parts.world.now(), () => {
      if (this.#active.has(request.record.id)) this.#giveUp(request, exhausted(request, "expired"));
    });
    if (request.presignable) this.#parts.presignatures.wanted(request.key, request.items.length);
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

  shares(from: NodeId, shares: Shares): void {
    const found = this.#find(from, shares.executionId);
    if (found === undefined) return;
    const { request, attempt, member } = found;
    if (answer(attempt, member, shares)) {
      if (silent(attempt).length === 0) this.#aggregate(request, attempt);
      else if (attempt.family === "frost") vouch(attempt, member, this.#parts.link);
      return;
    }
    request.obstacles.exclude(member.identifier, "answered with shares of another kind");
    this.#again(request, attempt, `${from} answered with shares of another kind`);
  }

  refused(from: NodeId, outcome: OutcomeOf<"refused">): void {
    const found = this.#find(from, outcome.executionId);
    if (found === undefined) return;
    const { request, attempt, member } = found;
    const error = heed(this.#parts, { request, attempt, member }, outcome);
    if (error === undefined) this.#again(request, attempt, `${from} refused: ${outcome.code}`);
    else this.#giveUp(request, error);
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
    const { world, waits, peers, pairs, keyring, store, supply, presignatures } = this.#parts;
    const key = keyring.get(request.key.id) ?? request.key; // its holders may have new shares since the last attempt
    request.key = key;
    const available = availability(key.members, key.keyId, peers, request.obstacles);
    const planned = plan({ peers, pairs, store, presignatures: presignatures.store }, request, available.usable);
    if (planned === undefined) return this.#short(request, available);
    request.shortSinceMs = undefined;
    const attempt = attemptOf(planned, world.random(16), world.now() - request.startedMs);
    request.attempts.push(attempt);
    this.#attempts.set(hex(attempt.executionId), { request, attempt });
    const patienceMs = patienceOf(planned, (node) => peers.roundTripMs(node));
    const endWaiting = waits.after(patienceMs, () => this.#timeout(request, attempt));
    const endReminding = this.#order(request, attempt, reminderMs(patienceMs));
    if (attempt.family === "frost") prepare(request, attempt, keyring);
    attempt.cancelTimer = () => {
      endWaiting();
      endReminding();
    };
    if (isEcdsa(key.suite)) presignatures.tend();
    else supply.fill(key, request.items.length);
  }

  /** @returns a function that ends what repeats the order */
  #order(request: ActiveRequest, attempt: Attempt, repeatMs: number): () => void {
    const { waits, link, peers } = this.#parts;
    const { key, record } = request;
    const order = orderOf(attempt, {
      requestId: record.id,
      executionId: attempt.executionId,
      keyId: this.#parts.keyring.keyId(key),
      epoch: key.epoch,
      path: pathOf(key),
      request: request.bodyBytes,
      deadline: record.deadline,
      authority: request.authority(),
    });
    // The farthest first: the signature waits for it.
    const far = attempt.set.toSorted((a, b) => peers.roundTripMs(b.node) - peers.roundTripMs(a.node));
    for (const { node } of far) link.send(node, order);
    return remind(waits, repeatMs, () => {
      for (const { node } of silent(attempt)) link.send(node, order);
    });
  }

  #timeout(request: ActiveRequest, attempt: Attempt): void {
    const late = silent(attempt);
    for (const { node, identifier } of late) {
      this.#parts.peers.suspect(node);
      request.obstacles.strike(identifier);
    }
    this.#again(request, attempt, `no answer from ${late.map((member) => member.node).join(", ")}`);
  }

  /** Waits for signers or for pairs, whichever is in the way, as long as that can help. */
  #short(request: ActiveRequest, available: Availability): void {
    const { world, waits, pairs } = this.#parts;
    const { error, patienceMs } = shortage(request, available, pairs);
    this.#unreported.ask(request.key);
    request.shortSinceMs ??= world.now();
    const leftMs = request.shortSinceMs + patienceMs - world.now();
    if (leftMs <= 0) return this.#finish(request, { error });
    request.cancelWait();
    request.cancelWait = waits.after(leftMs, () => {
      if (this.#active.has(request.record.id) && currentAttempt(request) === undefined) this.#attempt(request);
    });
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
    const { keyring, link, verdicts } = this.#parts;
    const result =
      attempt.family === "frost"
        ? aggregateAttempt(request, attempt, keyring, link)
        : aggregateEcdsa(request, attempt, keyring);
    const aggregateMs = this.#parts.world.now() - before;
    if ("faults" in result) {
      verdicts.accuse(request, attempt, result.faults);
      const said = result.faults.map((fault) => `${fault.reason} from ${fault.member.node}`);
      return this.#again(request, attempt, said.join(", "));
    }
    if ("disputes" in result) {
      for (const [one, other] of result.disputes) request.obstacles.part(one.identifier, other.identifier);
      const said = result.disputes.map(([one, other]) => `${one.node} and ${other.node}`);
      return this.#again(request, attempt, `different commitments shown by ${said.join(", ")}`);
    }
    if ("nobody" in result) return this.#spoilt(request, attempt, result.nobody);
    this.#end(request, attempt, "signed");
    if (attempt.family === "ecdsa") this.#parts.peers.clear(attempt.report.signers);
    const totalMs = this.#parts.world.now() - request.startedMs;
    const timing = timingOf(attempt, totalMs, aggregateMs, this.#parts.floorMs);
    this.#finish(request, { signatures: result.signatures, timing });
  }

  /** A set made no signature, and nobody can be named: it is not asked together again, and each of it later than others. */
  #spoilt(request: ActiveRequest, attempt: Attempt, reason: string): void {
    request.obstacles.fail(attempt.set.map((member) => member.identifier));
    this.#parts.peers.doubt(attempt.report.signers);
    this.#again(request, attempt, reason);
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
    const spent = attempt.family === "ecdsa" ? attempt.presignatures : null;
    if (spent !== null) this.#parts.presignatures.spent(spent, result === "signed");
    else this.#parts.presignatures.tend();
    const signers = attempt.report.signers;
    this.#parts.world.emit({
      type: "attempt.ended",
      request: request.record.id,
      execution: hex(attempt.executionId),
      tookMs: attempt.report.endedMs - attempt.report.startedMs,
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
