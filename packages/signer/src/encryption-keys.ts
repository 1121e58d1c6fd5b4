import { type Backend, group, type Identity, integerToBytes, randomScalar, Secret } from "@quorate/curves";
import { encryptionKeyOf, openShare } from "@quorate/keygen/transfer";
import { type EncryptionKey, type NodeId, signEncryptionKey, type Waits, type World } from "@quorate/orders";
import { RECORD_KINDS } from "@quorate/vault";
import { Refused } from "./refused.ts";

/** What the encryption key of a signer works with. */
export interface EncryptionKeysParts {
  readonly world: World;
  readonly waits: Waits;
  readonly self: NodeId;
  readonly identity: Identity;
  readonly networkHash: Uint8Array;
  readonly backend: Backend;
}

/** The key to which shares for this signer are sealed: made once, at its first start, and kept sealed. */
export class EncryptionKeys {
  readonly #parts: EncryptionKeysParts;
  #secret: Secret | undefined;

  constructor(parts: EncryptionKeysParts) {
    this.#parts = parts;
  }

  /** `then` in any case: without the key, all but importing goes on. */
  load(then: () => void): void {
    const { waits, world, self, backend } = this.#parts;
    const place = { kind: RECORD_KINDS.encryption, id: self, epoch: 0 };
    waits.read([place], ([record]) => {
      if (record?.state === "present") {
        this.#keep(record.value);
        return then();
      }
      if (record?.state !== "absent") {
        world.emit({ type: "encryption_key.unusable", fault: record?.fault ?? "absent" });
        return then();
      }
      const value = integerToBytes(
        randomScalar(group("secp256k1", backend), (length) => world.random(length)),
        32,
      );
      waits.write([{ ...place, value, secret: true }], (result) => {
        if (result === "ok") this.#keep(value);
        else world.emit({ type: "encryption_key.unusable", fault: result });
        then();
      });
    });
  }

  /** The public half, signed; `undefined` if there is none that could be used. */
  shown(): EncryptionKey | undefined {
    const { identity, networkHash } = this.#parts;
    if (this.#secret === undefined) return undefined;
    return signEncryptionKey(identity, networkHash, encryptionKeyOf(this.#group, this.#scalar()));
  }

  /** Opens what was sealed to this signer. @throws Refused, TransferError */
  open(sealed: Uint8Array): Secret {
    if (this.#secret === undefined)
      throw new Refused("unusable_share", "this signer has no encryption key that it can use");
    return openShare(this.#group, this.#scalar(), sealed, (length) => this.#parts.world.random(length));
  }

  get #group() {
    return group("secp256k1", this.#parts.backend);
  }

  #scalar(): bigint {
    return this.#group.decodeScalar(this.#secret!.expose());
  }

  #keep(value: Uint8Array): void {
    try {
      if (this.#group.decodeScalar(value) === 0n) throw new Error("zero");
      this.#secret = new Secret(value.slice());
    } catch {
      this.#parts.world.emit({ type: "encryption_key.unusable", fault: "unusable_record" });
    }
  }
}
