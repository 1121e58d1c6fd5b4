import { judgeEncoded, type KeygenConfig } from "@quorate/keygen/aggregate";
import {
  hex,
  InputError,
  type Member,
  type NodeId,
  type Order,
  type OutcomeOf,
  type Waits,
  type World,
} from "@quorate/orders";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";
import { remind } from "./reminder.ts";

/** A run of all holders of a key that ends with a certificate. */
export interface KeyRun {
  readonly what: "keygen" | "refresh" | "import";
  readonly executionId: Uint8Array;
  readonly members: readonly Member[];
  /** What evidence against a holder is judged by; absent where only the holders know it. */
  readonly config?: KeygenConfig;
  orderTo(member: Member): Order;
  /** @throws Error unless it is what this run can end with */
  check(certificate: Uint8Array): void;
  /** The first certificate that passed the check has come; others may still be on their way. */
  certified?(certificate: Uint8Array): void;
  ended(end: KeyRunEnd): void;
}

/** `done`: who says that it holds its share. */
export type KeyRunEnd =
  | { readonly certificate: Uint8Array; readonly done: ReadonlySet<NodeId> }
  | { readonly error: InputError };

interface Running {
  readonly run: KeyRun;
  readonly done: Set<NodeId>;
  readonly aborts: Map<NodeId, OutcomeOf<"aborted">>;
  /** Who runs anew since it got the order: it has joined already, and may have forgotten that. */
  readonly anew: Set<NodeId>;
  certificate: Uint8Array | undefined;
  cancelTimer: () => void;
  readonly endReminding: () => void;
}

/** How long the holders may take, milliseconds. */
const TIMEOUT_MS = 30_000;
/** How soon the order is given again to those who have not answered, milliseconds. */
const REMIND_MS = 2000;
/** Runs at once. */
const MAX_RUNS = 16;
/** After the first abort, how long to wait for the others' so that the culprit is named by more than one. */
const ABORT_GRACE_MS = 3000;
const FAILURES = {
  keygen: "the key was not made",
  refresh: "the key got no new shares",
  import: "the key was not imported",
} as const;

/** Runs of the holders as the coordinator sees them: one order to each, the certificate back. It learns no secret. */
export class KeyRuns {
  readonly #parts: { readonly world: World; readonly waits: Waits; readonly link: Link; readonly peers: Peers };
  readonly #running = new Map<string, Running>();

  constructor(parts: { world: World; waits: Waits; link: Link; peers: Peers }) {
    this.#parts = parts;
  }

  /** @throws InputError when no more runs can begin, or a node is missing: every one has to take part */
  check(nodes: readonly NodeId[]): void {
    if (this.#running.size >= MAX_RUNS) {
      throw new InputError("overloaded", `${MAX_RUNS} keys are being made`, { hint: "try again shortly" });
    }
    const missing = nodes.filter((name) => !this.#parts.peers.connected(name));
    if (missing.length === 0) return;
    const message = `all ${nodes.length} holders must take part; missing: ${missing.join(", ")}`;
    const hint = "start the missing signers and try again";
    throw new InputError("quorum_unavailable", message, { hint, details: { missing } });
  }

  start(run: KeyRun): void {
    const { waits, link } = this.#parts;
    const done = new Set<NodeId>();
    const aborts: Running["aborts"] = new Map();
    const orders = run.members.map((member) => ({ node: member.node, order: run.orderTo(member) }));
    const anew = new Set<NodeId>();
    const endReminding = remind(waits, REMIND_MS, () => {
      const silent = orders.filter(({ node }) => !done.has(node) && !aborts.has(node) && !anew.has(node));
      for (const { node, order } of silent) link.send(node, order);
    });
    const cancelTimer = waits.after(TIMEOUT_MS, () => this.#conclude(running));
    const running: Running = { run, done, aborts, anew, certificate: undefined, cancelTimer, endReminding };
    this.#running.set(hex(run.executionId), running);
    for (const { node, order } of orders) link.send(node, order);
  }

  /** A signer runs anew: it gets no order again. */
  restarted(node: NodeId): void {
    for (const { anew } of this.#running.values()) anew.add(node);
  }

  done(from: NodeId, { executionId, certificate }: OutcomeOf<"keygenDone">): void {
    const running = this.#running.get(hex(executionId));
    if (running === undefined || !isHolder(running, from)) return;
    const isFirst = running.certificate === undefined;
    if (isFirst || hex(running.certificate!) !== hex(certificate)) {
      try {
        running.run.check(certificate);
      } catch (error) {
        return this.#parts.link.refuse(from, "bad_certificate", (error as Error).message);
      }
      running.certificate ??= certificate.slice();
    }
    running.done.add(from);
    if (isFirst) running.run.certified?.(running.certificate!);
    if (running.done.size === running.run.members.length) this.#conclude(running);
  }

  /** @returns whether the execution is one of these */
  aborted(from: NodeId, outcome: OutcomeOf<"aborted">): boolean {
    const running = this.#running.get(hex(outcome.executionId));
    if (running === undefined) return false;
    if (!isHolder(running, from)) return true;
    const { aborts, done, run } = running;
    const first = aborts.size === 0;
    aborts.set(from, outcome);
    if (aborts.size + done.size === run.members.length) this.#conclude(running);
    else if (first) {
      running.cancelTimer();
      running.cancelTimer = this.#parts.waits.after(ABORT_GRACE_MS, () => this.#conclude(running));
    }
    return true;
  }

  /** A holder does not take part: it fails. @returns whether the execution is one of these */
  refused(from: NodeId, outcome: OutcomeOf<"refused">): boolean {
    const running = this.#running.get(hex(outcome.executionId));
    if (running === undefined) return false;
    if (!isHolder(running, from) || running.certificate !== undefined) return true;
    running.cancelTimer();
    running.endReminding();
    this.#running.delete(hex(outcome.executionId));
    const { code, detail } = outcome;
    const message = `${FAILURES[running.run.what]}: ${from} refused (${code}): ${detail}`;
    const hint = "nothing is left of the attempt; ask again";
    // Of an import, what a holder cannot read is what its user sent.
    const whose = running.run.what === "import" && code === "invalid_order" ? "impossible" : "failed";
    running.run.ended({
      error: new InputError(whose, message, { hint, details: { abort: code, refusedBy: from } }),
    });
    return true;
  }

  #conclude(running: Running): void {
    running.cancelTimer();
    running.endReminding();
    const { run, certificate, done } = running;
    if (!this.#running.delete(hex(run.executionId))) return;
    run.ended(certificate === undefined ? { error: this.#failure(running) } : { certificate, done });
  }

  #failure({ run, aborts: words, done }: Running): InputError {
    const nameOf = (identifier: number) => run.members.find((one) => one.identifier === identifier)?.node ?? "?";
    const aborts = [...words].map(([node, abort]) => ({
      node,
      code: abort.code,
      culprits: abort.culprits.map(nameOf),
      waitingFor: abort.waitingFor.map(nameOf),
    }));
    const culprits = proven(run, words).map(nameOf);
    const silent = run.members.map((one) => one.node).filter((node) => !words.has(node) && !done.has(node));
    // Who stopped because another did knows no reason of its own.
    const telling = aborts.filter((abort) => abort.code !== "stopped");
    const code = (aborts.find((abort) => abort.culprits.length > 0) ?? telling[0] ?? aborts[0])?.code ?? "timeout";
    const execution = hex(run.executionId);
    this.#parts.world.emit({ type: `${run.what}.failed`, execution, code, culprits, silent, aborts });
    const accusations = aborts
      .filter((abort) => abort.culprits.length > 0)
      .map((abort) => `${abort.node} accuses ${abort.culprits.join(", ")}`);
    const accused = accusations.length > 0 ? `: ${accusations.join("; ")}, without proof` : "";
    const blamed = culprits.length > 0 ? `: ${culprits.join(", ")} broke the protocol` : accused;
    const waited = blamed === "" && silent.length > 0 ? `: no answer from ${silent.join(", ")}` : "";
    if (run.what === "import" && code === "request_mismatch") {
      return new InputError("impossible", `${FAILURES.import}: its shares do not belong together${blamed}`, {
        field: "encryptedKeyShares",
        hint: "split the key anew, a share to each signer that GET /signers lists now",
        details: { abort: code, culprits, silent, aborts },
      });
    }
    return new InputError("failed", `${FAILURES[run.what]} (${code})${blamed}${waited}`, {
      hint: "nothing is left of the attempt; ask again",
      details: { abort: code, culprits, silent, aborts },
    });
  }
}

function isHolder({ run }: Running, node: NodeId): boolean {
  return run.members.some((member) => member.node === node);
}

/** Those against whom somebody brought evidence that holds: nobody is named on a word. */
function proven({ config }: KeyRun, aborts: ReadonlyMap<NodeId, OutcomeOf<"aborted">>): readonly number[] {
  if (config === undefined) return [];
  const holding = [...aborts.values()].filter((abort) => judgeEncoded(abort.evidence, abort.culprits, config));
  return [...new Set(holding.flatMap((abort) => abort.culprits))].toSorted((a, b) => a - b);
}
