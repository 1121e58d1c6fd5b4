import type { GroupKey } from "@quorate/keygen";
import { hex, type NodeId, type RecordWrite, unhex } from "@quorate/orders";
import { RECORD_KINDS } from "@quorate/vault";
import type { Scene } from "./scene.ts";

/** The keys of a network as the certificates on the disks of honest signers show them. */
export class Keys {
  readonly #scene: Scene;
  /** By key id in hex, then epoch. */
  readonly #keys = new Map<string, Map<number, GroupKey>>();
  /** The epoch that each honest signer last activated, by node and key id. */
  readonly #active = new Map<string, number>();

  constructor(scene: Scene) {
    this.#scene = scene;
    for (const node of scene.honestSigners) {
      const { disk } = scene.machine(node);
      for (const key of disk.places(RECORD_KINDS.certificate)) {
        const record = disk.read(key);
        if (record.state === "present") this.stored(node, { ...key, value: record.value });
      }
    }
  }

  stored(node: NodeId, { kind, id, epoch, value }: RecordWrite): void {
    if (kind !== RECORD_KINDS.certificate || value === null) return;
    const key = this.#scene.keyOf(value);
    if (key === undefined) return;
    const epochs = this.#keys.get(id) ?? new Map<number, GroupKey>();
    epochs.set(epoch, key);
    this.#keys.set(id, epochs);
    const place = `${node} ${id}`;
    this.#active.set(place, Math.max(epoch, this.#active.get(place) ?? 0));
  }

  find(keyId: Uint8Array, epoch: number): GroupKey | undefined {
    return this.#keys.get(hex(keyId))?.get(epoch);
  }

  /** All key ids. */
  ids(): readonly Uint8Array[] {
    return [...this.#keys.keys()].map(unhex);
  }

  /** The latest epoch of a key that a signer has activated. */
  activeAt(node: NodeId, keyId: Uint8Array): number | undefined {
    return this.#active.get(`${node} ${hex(keyId)}`);
  }
}
