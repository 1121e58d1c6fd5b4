import { decode, encode, H } from "@quorate/curves";
import { derivationPath, hex, type NodeId, type RecordWrite } from "@quorate/orders";
import { bindingRecord, RECORD_KINDS } from "@quorate/vault";
import type { Checker, SigningOrder, Speech } from "./checker.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/** All that a signer's disk ever holds: nothing of it is a nonce or a presignature. */
const KINDS: ReadonlySet<string> = new Set([...Object.values(RECORD_KINDS), "joined"]);

/** A4. When an honest signer sends a share, its disk holds the binding of the authorisation to just that; and never a nonce. */
export class BurnBeforeSpeak implements Checker {
  readonly property: Property = "burn-before-speak";
  readonly #scene: Scene;
  /** The ids of bindings that were durable once, by signer and digest. */
  readonly #bound = new Map<string, string>();

  constructor(scene: Scene) {
    this.#scene = scene;
    for (const node of scene.honestSigners) {
      const { disk } = scene.machine(node);
      for (const key of disk.places(RECORD_KINDS.binding)) {
        const record = disk.read(key);
        if (record.state === "present") this.#note(node, key.id, record.value);
      }
    }
  }

  stored(node: NodeId, { kind, id, value }: RecordWrite): void {
    if (this.#scene.isCoordinator(node)) return;
    if (!KINDS.has(kind)) this.#scene.report(this.property, node, `keeps a record of kind ${kind}`);
    if (kind === RECORD_KINDS.binding && value !== null) this.#note(node, id, value);
  }

  spoke({ node, orders, execution }: Speech): void {
    if (orders.length > 0 && !orders.some((order) => this.#isBound(node, order)))
      this.#scene.report(this.property, node, `sent shares in ${execution} before the authorisation was bound to it`);
  }

  #isBound(node: NodeId, order: SigningOrder): boolean {
    const digest = digestOf(order);
    const id = this.#bound.get(`${node} ${hex(digest)}`);
    if (id === undefined) return false;
    const record = this.#scene.machine(node).disk.read({ kind: RECORD_KINDS.binding, id, epoch: 0 });
    // One that was damaged since then binds to nothing else: signers take it for bound to something unknown.
    if (record.state !== "present") return record.state === "faulty";
    return hex(decode(bindingRecord, record.value).digest) === hex(digest);
  }

  #note(node: NodeId, id: string, value: Uint8Array): void {
    this.#bound.set(`${node} ${hex(decode(bindingRecord, value).digest)}`, id);
  }
}

/** What an authorisation is bound to: key, path and request. 32 bytes. */
export function digestOf({ keyId, path, request }: SigningOrder): Uint8Array {
  return H("signer/v1", "binding", keyId, encode(derivationPath, path), request);
}
