import { hex, type NodeId, type OutcomeOf, type Waits, type World } from "@quorate/orders";
import type { ActiveRequest } from "./active-request.ts";
import type { Fault } from "./aggregation.ts";
import type { Attempt } from "./attempt.ts";
import type { Link } from "./link.ts";
import type { Peers } from "./peers.ts";

/** How long the signers' own verdicts are awaited, milliseconds. */
const VERDICTS_MS = 10_000;

/** Tells the signers who is at fault, and gathers what each of them finds by itself. */
export class Verdicts {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #peers: Peers;
  /** By execution id: the attempts about which verdicts may still come. */
  readonly #open = new Map<string, { readonly request: ActiveRequest; readonly attempt: Attempt }>();

  constructor(parts: { world: World; waits: Waits; link: Link; peers: Peers }) {
    this.#world = parts.world;
    this.#waits = parts.waits;
    this.#link = parts.link;
    this.#peers = parts.peers;
  }

  /** The request goes on without those at fault; where there is evidence, every other signer gets it. */
  accuse(request: ActiveRequest, attempt: Attempt, faults: readonly Fault[]): void {
    const name = hex(attempt.executionId);
    this.#open.set(name, { request, attempt });
    this.#waits.after(VERDICTS_MS, () => this.#open.delete(name));
    attempt.report.culprits = faults.map(({ member, reason }) => ({ node: member.node, reason, verifiedBy: [] }));
    for (const { member, reason, evidence } of faults) {
      request.obstacles.exclude(member.identifier, reason);
      this.#peers.blame(member.node);
      this.#world.emit({ type: "signer.blamed", request: request.record.id, peer: member.node, reason });
      if (evidence === undefined) continue;
      for (const other of request.key.members) {
        if (other.node === member.node || !this.#peers.connected(other.node)) continue;
        this.#link.send(other.node, { kind: "evidence", executionId: attempt.executionId, evidence });
      }
    }
  }

  take(from: NodeId, outcome: OutcomeOf<"verdict">): void {
    const found = this.#open.get(hex(outcome.executionId));
    const accused = found?.attempt.set.find((one) => one.identifier === outcome.identifier)?.node;
    const culprit = found?.attempt.report.culprits.find((one) => one.node === accused);
    if (found === undefined || culprit === undefined || from === culprit.node) return;
    if (!found.request.key.members.some((one) => one.node === from) || culprit.verifiedBy.includes(from)) return;
    this.#world.emit({ type: "verdict", peer: from, accused: culprit.node, guilty: outcome.guilty });
    if (!outcome.guilty) return;
    const { report } = found.attempt;
    const verified = { ...culprit, verifiedBy: [...culprit.verifiedBy, from] };
    report.culprits = report.culprits.map((one) => (one === culprit ? verified : one));
    found.request.amend();
  }
}
