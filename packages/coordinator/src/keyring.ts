import type { Backend } from "@quorate/curves";
import { type PublicKeyPackage, parsePublicKeyPackage, suite } from "@quorate/frost/aggregate";
import { verifyCertificate } from "@quorate/keygen/aggregate";
import { unhex } from "@quorate/orders";
import type { KeyRecord } from "./records.ts";

/** The public halves of all keys, parsed once. */
export class Keyring {
  readonly #backend: Backend;
  readonly #records = new Map<string, KeyRecord>();
  readonly #byKeyId = new Map<string, KeyRecord>();
  readonly #packages = new Map<string, PublicKeyPackage>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  add(record: KeyRecord): void {
    this.#records.set(record.id, record);
    this.#byKeyId.set(record.keyId, record);
  }

  get(id: string): KeyRecord | undefined {
    return this.#records.get(id);
  }

  byKeyId(keyIdHex: string): KeyRecord | undefined {
    return this.#byKeyId.get(keyIdHex);
  }

  /** All keys, oldest first. */
  all(): readonly KeyRecord[] {
    return [...this.#records.values()];
  }

  keyId(record: KeyRecord): Uint8Array {
    return unhex(record.keyId);
  }

  suite(record: KeyRecord) {
    return suite(record.suite, this.#backend);
  }

  /** Public key and verifying shares from the certificate. @throws Error if the stored certificate does not verify */
  publicPackage(record: KeyRecord): PublicKeyPackage {
    const known = this.#packages.get(record.id);
    if (known !== undefined) return known;
    const parsed = parsePublicKeyPackage(this.suite(record), verifyCertificate(unhex(record.certificate)));
    this.#packages.set(record.id, parsed);
    return parsed;
  }
}
