import { constantTimeEqual, decode, encode, H } from "@quorate/curves";
import type { Waits, WriteResult } from "@quorate/orders";
import { type BindingRecord, bindingRecord } from "@quorate/vault";

/** How many bindings are kept in memory; older ones are read from disk again. */
const CACHE_SIZE = 1024;

/**
 * Binds each request id, durably and before anything is sent, to one key and one body. A retry with another set answers the
 * identical digest until the deadline; anything else is `already_used`.
 */
export class Bindings {
  readonly #waits: Waits;
  readonly #known = new Map<string, BindingRecord>();

  constructor(waits: Waits) {
    this.#waits = waits;
  }

  /** What a request asks to be signed, 32 bytes. */
  static digest(keyId: Uint8Array, request: Uint8Array): Uint8Array {
    return H("signer/v1", "binding", keyId, request);
  }

  /** Finds what the request is bound to already; binds it in memory at once, so that a second order in flight sees it. */
  check(requestId: string, asked: BindingRecord, then: (state: "new" | "same" | "other") => void): void {
    const known = this.#known.get(requestId);
    if (known !== undefined) return then(compare(known, asked));
    this.#remember(requestId, asked);
    this.#waits.read([{ kind: "binding", id: requestId, epoch: 0 }], ([record]) => {
      if (record?.state === "absent") return then("new");
      if (record?.state !== "present") return then("other");
      const stored = decode(bindingRecord, record.value);
      this.#remember(requestId, stored);
      then(compare(stored, asked));
    });
  }

  /** Makes the binding that `check` found or made durable. */
  write(requestId: string, then: (result: WriteResult) => void): void {
    const known = this.#known.get(requestId);
    if (known === undefined) return then("io_error");
    this.#waits.write([{ kind: "binding", id: requestId, epoch: 0, value: encode(bindingRecord, known) }], then);
  }

  #remember(requestId: string, bound: BindingRecord): void {
    this.#known.set(requestId, bound);
    if (this.#known.size > CACHE_SIZE) this.#known.delete(this.#known.keys().next().value!);
  }
}

function compare(known: BindingRecord, asked: BindingRecord): "same" | "other" {
  return constantTimeEqual(known.digest, asked.digest) && asked.deadline <= known.deadline ? "same" : "other";
}
