import type { GroupKey } from "@quorate/keygen";
import { hex, type NodeId, type RecordWrite } from "@quorate/orders";
import { RECORD_KINDS } from "@quorate/vault";
import type { Answer, Checker, Speech } from "./checker.ts";
import type { Keys } from "./keys.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/**
 * A7. Honest holders of a key have one public key and one set of holders, in all epochs, and one certificate for each of them; none
 * signs with an epoch that it has left, and none two epochs in one execution. In the end those that are healed have the same epoch.
 */
export class Agreement implements Checker {
  readonly property: Property = "agreement";
  readonly #scene: Scene;
  readonly #keys: Keys;
  /** What the first certificate of a key says for ever, and what that of an epoch says. */
  readonly #first = new Map<string, string>();
  /** The epoch that an execution signs with. */
  readonly #epochs = new Map<string, number>();

  constructor(scene: Scene, keys: Keys) {
    this.#scene = scene;
    this.#keys = keys;
  }

  stored(node: NodeId, { kind, id, epoch, value }: RecordWrite): void {
    if (kind !== RECORD_KINDS.certificate || value === null) return;
    const key = this.#scene.keyOf(value);
    if (key === undefined) return this.#report(node, `keeps a certificate of ${id} that does not verify`);
    if (hex(key.keyId) !== id || key.epoch !== epoch)
      this.#report(node, `keeps the certificate of ${hex(key.keyId)}, epoch ${key.epoch}, as that of ${id}, ${epoch}`);
    this.#same(node, id, identityOf(key));
    this.#same(node, `${id} ${epoch}`, sharesOf(key));
  }

  spoke({ node, orders, execution }: Speech): void {
    const [order] = orders;
    if (order === undefined || orders.length > 1) return;
    const active = this.#keys.activeAt(node, order.keyId);
    if (active !== undefined && order.epoch < active)
      this.#report(node, `signs with epoch ${order.epoch} of ${hex(order.keyId)}, and had epoch ${active}`);
    const other = this.#epochs.get(execution) ?? order.epoch;
    this.#epochs.set(execution, other);
    if (other !== order.epoch && this.#scene.isLed)
      this.#report(node, `signs with epoch ${order.epoch} in ${execution}, others with ${other}`);
  }

  answered({ asking: { key } }: Answer): void {
    if (key.derivedFrom !== null) return;
    const known = this.#first.get(key.keyId)?.split(" ")[0];
    if (known !== undefined && known !== key.publicKey)
      this.#report("client", `${key.id} is shown as ${key.publicKey}, its holders have ${known}`);
  }

  finish(healed: ReadonlySet<NodeId>): void {
    const signers = this.#scene.honestSigners.filter((node) => healed.has(node));
    for (const keyId of this.#keys.ids()) {
      const held = signers.flatMap((node) => {
        const epoch = this.#keys.activeAt(node, keyId);
        return epoch === undefined ? [] : [{ node, epoch }];
      });
      const latest = Math.max(...held.map((one) => one.epoch));
      for (const { node, epoch } of held) {
        if (epoch < latest) this.#report(node, `is at epoch ${epoch} of ${hex(keyId)}, others at ${latest}`);
      }
    }
  }

  #same(node: NodeId, name: string, says: string): void {
    const first = this.#first.get(name) ?? says;
    this.#first.set(name, first);
    if (first !== says) this.#report(node, `keeps a certificate of ${name} that says ${says}, others ${first}`);
  }

  #report(node: NodeId, text: string): void {
    this.#scene.report(this.property, node, text);
  }
}

function identityOf({ publicKey, participants, minSigners, suite }: GroupKey): string {
  const holders = participants.map((one) => `${one.identifier}:${hex(one.publicKey)}`);
  return `${hex(publicKey)} ${suite} ${minSigners} ${holders.join()}`;
}

function sharesOf({ groupCommitment, chainHash }: GroupKey): string {
  return `${groupCommitment.map(hex).join()} ${hex(chainHash)}`;
}
