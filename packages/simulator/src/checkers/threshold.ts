import type { GroupKey } from "@quorate/keygen";
import { hex, type NodeId } from "@quorate/orders";
import type { Passing } from "../observer.ts";
import type { Answer, Checker, SigningOrder, Speech } from "./checker.ts";
import type { Keys } from "./keys.ts";
import type { Said } from "./reading.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/** A8. No honest signer helps a set that is smaller than the key's quorum, and no signature comes from fewer. */
export class Threshold implements Checker {
  readonly property: Property = "threshold";
  readonly #scene: Scene;
  readonly #keys: Keys;
  /** The sets that a signer was told to make a presignature with, by signer and execution: a coordinator may tell several, of which it follows one. */
  readonly #sets = new Map<string, (readonly number[])[]>();
  /** The request of each execution, and by request and execution who sent shares. */
  readonly #requests = new Map<string, string>();
  readonly #sharers = new Map<string, Map<string, Set<NodeId>>>();

  constructor(scene: Scene, keys: Keys) {
    this.#scene = scene;
    this.#keys = keys;
  }

  sent({ from }: Passing, said: Said): void {
    if (said.type === "order") {
      const { order } = said;
      if ("requestId" in order) this.#requests.set(hex(order.executionId), order.requestId);
    } else if (said.type === "outcome") {
      const { outcome } = said;
      if (outcome.kind === "shares" || outcome.kind === "ecdsaShares") this.#shared(from, hex(outcome.executionId));
    }
  }

  delivered({ to }: Passing, said: Said): void {
    if (said.type !== "order" || said.order.kind !== "presign") return;
    const { executionId, signers } = said.order;
    const place = placeOf(to, executionId);
    this.#sets.set(place, [...(this.#sets.get(place) ?? []), signers]);
  }

  spoke({ node, orders, execution }: Speech): void {
    const problems = orders.map((order) => this.#problem(node, order));
    if (problems.length > 0 && problems.every((one) => one !== undefined))
      this.#scene.report(this.property, node, `sent shares in ${execution} to ${problems[0]}`);
  }

  answered({ asking, result }: Answer): void {
    if (!("ok" in result) || result.ok.status !== "Signed") return;
    const executions = this.#sharers.get(result.ok.id);
    const most = Math.max(0, ...[...(executions?.values() ?? [])].map((nodes) => nodes.size));
    if (most >= asking.key.minSigners) return;
    const text = `${result.ok.id}: signed by ${most} of ${asking.key.minSigners} that it takes`;
    this.#scene.report(this.property, "client", text);
  }

  #shared(node: NodeId, execution: string): void {
    const request = this.#requests.get(execution);
    if (request === undefined) return;
    const executions = this.#sharers.get(request) ?? new Map<string, Set<NodeId>>();
    this.#sharers.set(request, executions);
    executions.set(execution, (executions.get(execution) ?? new Set()).add(node));
  }

  /** What is wrong with the signing sets of an order. */
  #problem(node: NodeId, order: SigningOrder): string | undefined {
    const key = this.#keys.find(order.keyId, order.epoch);
    if (key === undefined) return "holders of a key that has no certificate";
    for (const sets of this.#setsOf(node, order)) {
      const problems = sets.map((set) => problemOf(set, key));
      if (problems.length > 0 && problems.every((one) => one !== undefined)) return problems[0];
    }
    return undefined;
  }

  /** One for each message; or several of which it is one. */
  #setsOf(node: NodeId, order: SigningOrder): readonly (readonly (readonly number[])[])[] {
    if (order.kind === "signInteractive") return [[order.signers]];
    if (order.kind === "sign") return order.commitments.map((list) => [list.map((one) => one.identifier)]);
    return order.presignatures.map((id) => this.#sets.get(placeOf(node, id)) ?? []);
  }
}

function problemOf(set: readonly number[], { minSigners, participants }: GroupKey): string | undefined {
  const holders = new Set(participants.map((one) => one.identifier));
  if (set.length < minSigners) return `a set of ${set.length}, it takes ${minSigners}`;
  if (new Set(set).size !== set.length) return `a set in which somebody is twice: ${set.join()}`;
  return set.every((one) => holders.has(one)) ? undefined : `a set with strangers: ${set.join()}`;
}

function placeOf(node: NodeId, executionId: Uint8Array): string {
  return `${node} ${hex(executionId)}`;
}
