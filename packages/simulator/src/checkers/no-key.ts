import { lagrange } from "@quorate/curves";
import { decodeShare } from "@quorate/keygen";
import { type Event, hex, isSuite, type NodeId, type RecordWrite } from "@quorate/orders";
import { RECORD_KINDS } from "@quorate/vault";
import type { Passing } from "../observer.ts";
import type { Answer, Checker } from "./checker.ts";
import type { Keys } from "./keys.ts";
import type { Scene } from "./scene.ts";
import { SecretFinder } from "./secret-finder.ts";
import type { Property } from "./violation.ts";

/** The shares of a key at one epoch, by identifier. */
interface Shares {
  readonly suite: string;
  readonly keyId: Uint8Array;
  readonly epoch: number;
  readonly scalars: Map<number, bigint>;
  isWhole: boolean;
}

/**
 * A2. Neither a key, which is put together here from shares on the disks, nor any share of one is in what honest nodes send, write
 * where thieves can read it, tell or answer. Nonces are not looked for: nothing outside their signer ever sees one.
 */
export class NoKey implements Checker {
  readonly property: Property = "no-key";
  readonly #scene: Scene;
  readonly #keys: Keys;
  readonly #finder = new SecretFinder();
  readonly #shares = new Map<string, Shares>();

  constructor(scene: Scene, keys: Keys) {
    this.#scene = scene;
    this.#keys = keys;
    for (const node of scene.honestSigners) {
      const { disk } = scene.machine(node);
      for (const key of disk.places(RECORD_KINDS.share)) {
        const record = disk.read(key);
        if (record.state === "present") this.#learn(record.value);
      }
    }
  }

  stored(node: NodeId, { kind, id, value, secret = false }: RecordWrite): void {
    if (value === null) return;
    if (!secret) this.#scan(node, value, `its record ${kind} ${id}`);
    if (kind === RECORD_KINDS.share && !this.#scene.isCoordinator(node)) this.#learn(value);
    // Enough shares may have been there before anybody knew of how many it takes.
    if (kind === RECORD_KINDS.certificate) for (const one of this.#shares.values()) this.#complete(one);
  }

  sent({ from, to, bytes }: Passing): void {
    if (this.#scene.isHonest(from)) this.#scan(from, bytes, `a message to ${to}`);
  }

  event(node: NodeId, event: Event): void {
    if (this.#scene.isHonest(node)) this.#scan(node, text(event), `an event ${event.type}`);
  }

  answered({ result }: Answer): void {
    this.#scan("client", text("ok" in result ? result.ok : { ...result.error }), "an answer");
  }

  finish(): void {
    for (const { name, disk } of this.#scene.simulation.machines.values()) {
      if (!this.#scene.isHonest(name)) continue;
      for (const bytes of disk.readable()) this.#scan(name, bytes, "its disk");
    }
  }

  #scan(node: NodeId, bytes: Uint8Array, where: string): void {
    const found = this.#finder.find(bytes);
    if (found !== undefined) this.#scene.report(this.property, node, `${found} is in ${where}`);
  }

  #learn(record: Uint8Array): void {
    const { suite, keyId, epoch, identifier, signingShare } = decodeShare(record);
    if (!isSuite(suite)) return;
    const name = `${hex(keyId)} ${epoch}`;
    const shares = this.#shares.get(name) ?? { suite, keyId, epoch, scalars: new Map(), isWhole: false };
    this.#shares.set(name, shares);
    if (shares.scalars.has(identifier)) return;
    shares.scalars.set(identifier, this.#scene.groupOf(suite).decodeScalar(signingShare.expose()));
    this.#finder.add(`the share ${identifier} of ${name}`, signingShare.expose());
    this.#complete(shares);
  }

  #complete(shares: Shares): void {
    const { suite, keyId, epoch, scalars } = shares;
    const minSigners = this.#keys.find(keyId, epoch)?.minSigners;
    if (shares.isWhole || minSigners === undefined || scalars.size < minSigners || !isSuite(suite)) return;
    const group = this.#scene.groupOf(suite);
    const set = [...scalars.keys()].slice(0, minSigners);
    const terms = set.map((one) => group.mod(lagrange(group, set, one) * scalars.get(one)!));
    const key = group.mod(terms.reduce((sum, one) => sum + one, 0n));
    this.#finder.add(`the key ${hex(keyId)}`, group.encodeScalar(key));
    shares.isWhole = true;
  }
}

function text(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
