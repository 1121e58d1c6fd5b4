import type { KeyCause, KeyEntity } from "@quorate/authority";
import { hex, InputError, type NetworkFile, type NodeId, type OrderCause, unhex, type Waits } from "@quorate/orders";
import type { Export } from "../exporting.ts";
import type { KeyLife } from "../key-life.ts";
import type { Keyring } from "../keyring.ts";
import type { KeyRecord } from "../records.ts";
import type { Reply } from "../reply.ts";
import type { Logs } from "./logs.ts";
import { patiently } from "./patience.ts";

/** The record of a log under which a key is given away, brought here, or gets new shares. */
export interface CauseCall {
  readonly organisation: string;
  /** `key-…`. */
  readonly keyId: string;
  /** Hex, hash of the record. */
  readonly record: string;
}

interface CausesParts {
  readonly network: NetworkFile;
  readonly waits: Waits;
  readonly logs: Pick<Logs, "get">;
  readonly keyring: Keyring;
  readonly keyLife: KeyLife;
}

type Kind = KeyCause["kind"];

/** What is done with keys because a committed record says so: each signer reads there to whom, and in which shares. */
export class Causes {
  readonly #parts: CausesParts;

  constructor(parts: CausesParts) {
    this.#parts = parts;
  }

  /** @throws InputError */
  export(call: CauseCall, reply: Reply<Export>): void {
    const { cause } = this.#find(call, "export");
    const encryptionKey = new Uint8Array(Buffer.from(cause.encryptionKey, "base64"));
    const made = this.#made(call);
    const start = (answer: Reply<Export>) => {
      this.#parts.keyLife.exporting.start(made, encryptionKey, this.#find(call, "export").order, answer);
    };
    patiently(this.#parts.waits, start, reply);
  }

  /** The key that was brought under this record; the same again when it has been. @throws InputError */
  import(call: CauseCall, reply: Reply<KeyRecord>): void {
    const { cause, key } = this.#find(call, "import");
    const known = this.#parts.keyring.get(key.id);
    if (known !== undefined) return reply({ ok: known });
    const { id, scheme, curve, name, minSigners } = key;
    const shares = cause.shares.map((one) => [this.#nodeOf(one.signerId), one.encryptedKeyShare] as const);
    const sealedShares = new Map(shares.map(([node, text]) => [node, new Uint8Array(Buffer.from(text, "base64"))]));
    const request = { scheme, curve, name: name ?? undefined, minSigners: minSigners ?? 0, sealedShares };
    const start = (answer: Reply<KeyRecord>) => {
      this.#parts.keyLife.making.import(request, { id, cause: this.#find(call, "import").order }, answer);
    };
    patiently(this.#parts.waits, start, reply);
  }

  /** @throws InputError */
  refresh(call: CauseCall, reply: Reply<KeyRecord>): void {
    this.#find(call, "refresh");
    const start = (answer: Reply<KeyRecord>) => {
      this.#parts.keyLife.refreshing.start(this.#made(call), this.#find(call, "refresh").order, answer);
    };
    patiently(this.#parts.waits, start, reply);
  }

  #find<K extends Kind>({ organisation: id, keyId, record }: CauseCall, kind: K) {
    const organisation = this.#parts.logs.get(id);
    const key: KeyEntity | undefined = organisation.keys.get(keyId);
    const cause = key?.causes.get(record);
    if (key === undefined || cause?.kind !== kind) {
      throw new InputError("not_found", `no record has key ${keyId} go through an ${kind}`, { field: "keyId" });
    }
    const head = { height: organisation.head.height, hash: unhex(organisation.head.hash) };
    const order: OrderCause = { organisation: id, head, key: keyId, record: unhex(record) };
    return { key, cause: cause as Extract<KeyCause, { kind: K }>, order };
  }

  #made({ keyId }: CauseCall): KeyRecord {
    const made = this.#parts.keyring.get(keyId);
    if (made !== undefined) return made;
    throw new InputError("not_found", `the signers have not made key ${keyId}`, { field: "keyId" });
  }

  /** Clients know a signer by its identity, in base64. */
  #nodeOf(signerId: string): NodeId {
    const identity = hex(Buffer.from(signerId, "base64"));
    const node = this.#parts.network.nodes.find((one) => one.publicKey === identity);
    if (node !== undefined) return node.name;
    throw new InputError("invalid_input", `encryptedKeyShares: no signer ${signerId.slice(0, 64)}`, {
      field: "encryptedKeyShares",
      hint: "seal to exactly the signers of GET /signers",
    });
  }
}
