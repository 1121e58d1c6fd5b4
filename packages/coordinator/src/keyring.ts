import { type Backend, type Group, group } from "@quorate/curves";
import { type FrostSuite, type PublicKeyPackage, parsePublicKeyPackage, suite } from "@quorate/frost/aggregate";
import { type GroupKey, type Trust, verifyCertificate } from "@quorate/keygen/aggregate";
import { curveOf, InputError, isEcdsa, type NetworkFile, type SuiteName, trustOf, unhex } from "@quorate/orders";
import type { KeyRecord } from "./records.ts";

/** The public halves of all keys, parsed once. */
export class Keyring {
  readonly #backend: Backend;
  readonly #trust: Trust;
  readonly #records = new Map<string, KeyRecord>();
  readonly #byKeyId = new Map<string, KeyRecord>();
  readonly #packages = new Map<string, PublicKeyPackage>();

  constructor(network: NetworkFile, backend: Backend) {
    this.#backend = backend;
    this.#trust = trustOf(network, backend);
  }

  /** @throws CertificateError unless all holders, members of this network, signed it */
  verified(certificate: Uint8Array): GroupKey {
    return verifyCertificate(certificate, this.#trust);
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

  /** What is wrong with the stored record of a key, if it is not what its holders certified. */
  fault(record: KeyRecord): InputError | undefined {
    try {
      this.publicPackage(record);
      return undefined;
    } catch (error) {
      return new InputError("failed", `the record of key ${record.id} is unusable: ${(error as Error).message}`, {
        hint: "other keys are not affected; restore the coordinator's database",
      });
    }
  }

  group(name: SuiteName): Group {
    return group(curveOf(name), this.#backend);
  }

  /** @throws Error for a key that signs ECDSA */
  suite(record: KeyRecord): FrostSuite {
    if (isEcdsa(record.suite)) throw new Error(`${record.suite} is no suite of FROST`);
    return suite(record.suite, this.#backend);
  }

  /** Public key and verifying shares from the certificate. @throws Error if the stored certificate does not verify */
  publicPackage(record: KeyRecord): PublicKeyPackage {
    const known = this.#packages.get(record.id);
    if (known !== undefined) return known;
    const parsed = parsePublicKeyPackage(this.suite(record), this.verified(unhex(record.certificate)));
    this.#packages.set(record.id, parsed);
    return parsed;
  }
}
