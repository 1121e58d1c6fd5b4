import { decode } from "@quorate/curves";
import { type Event, hex, type NodeId, type RecordWrite } from "@quorate/orders";
import { RECORD_KINDS, verdictRecord } from "@quorate/vault";
import type { Passing } from "../observer.ts";
import type { Answer, Checker, SigningOrder } from "./checker.ts";
import type { Keys } from "./keys.ts";
import type { Said } from "./reading.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/** A5. No verdict, ban or accusation of an honest node names another, whatever the network did; that it did not answer is none. */
export class HonestNeverBlamed implements Checker {
  readonly property: Property = "honest-never-blamed";
  readonly #scene: Scene;
  readonly #keys: Keys;
  /** Who takes part in an execution, by identifier. */
  readonly #parties = new Map<string, ReadonlyMap<number, NodeId>>();

  constructor(scene: Scene, keys: Keys) {
    this.#scene = scene;
    this.#keys = keys;
  }

  sent(_: Passing, said: Said): void {
    if (said.type !== "order") return;
    const { order } = said;
    if ("members" in order) {
      const members = order.members.map(({ identifier, node }) => [identifier, node] as const);
      this.#parties.set(hex(order.executionId), new Map(members));
    } else if ("executionId" in order && "keyId" in order && "epoch" in order) this.#join(order);
  }

  stored(node: NodeId, { kind, id, value }: RecordWrite): void {
    if (value === null) return;
    if (kind === RECORD_KINDS.ban) return this.#accused(node, this.#scene.nodeOf(id), "banned");
    if (kind !== RECORD_KINDS.verdict) return;
    const { accused, code } = decode(verdictRecord, value);
    this.#accused(node, accused, `found guilty of ${code}`);
  }

  event(node: NodeId, event: Event): void {
    if (!this.#scene.isHonest(node)) return;
    const { type, peer, code, reason, accused } = event;
    if (type === "peer.banned") this.#accused(node, String(peer), `banned for ${code}`);
    else if (type === "signer.blamed") this.#accused(node, String(peer), `blamed for: ${reason}`);
    else if (type === "verdict" && event.guilty === true && this.#scene.isHonest(String(peer)))
      this.#accused(node, String(accused), `called guilty by ${peer}`);
    else if (type === "session.aborted") this.#aborted(node, event);
    else if (type === "attempt.ended") this.#judged();
  }

  answered({ result }: Answer): void {
    if (!("ok" in result) || !this.#scene.isLed) return;
    for (const { culprits } of result.ok.attempts)
      for (const one of culprits) this.#accused("client", one.node, `named in ${result.ok.id} for: ${one.reason}`);
  }

  /** Whom coordinators hold for guilty they say in no verdict, but ask last. */
  #judged(): void {
    if (!this.#scene.isLed) return;
    for (const coordinator of this.#scene.simulation.coordinators)
      for (const { node, guilty } of coordinator.peers())
        if (guilty) this.#accused("coordinator", node, "held for guilty");
  }

  #join({ executionId, keyId, epoch }: Pick<SigningOrder, "executionId" | "keyId" | "epoch">): void {
    const key = this.#keys.find(keyId, epoch);
    if (key === undefined) return;
    const holders = key.participants.map((one) => [one.identifier, this.#scene.nodeOf(hex(one.publicKey))!] as const);
    this.#parties.set(hex(executionId), new Map(holders));
  }

  #aborted(node: NodeId, { execution, code, culprits }: Event): void {
    const parties = this.#parties.get(String(execution));
    for (const one of culprits as readonly number[])
      this.#accused(node, parties?.get(one), `named in ${execution} for ${code}`);
  }

  #accused(by: NodeId, whom: NodeId | undefined, how: string): void {
    if (whom === undefined || !this.#scene.isHonest(whom)) return;
    this.#scene.report(this.property, by, `${whom}, who is honest, is ${how}`);
  }
}
