import { type Backend, type Group, group } from "@quorate/curves";
import { type FrostSuite, type PublicKeyPackage, parsePublicKeyPackage, suite } from "@quorate/frost/aggregate";
import {
  type DerivationPath,
  formatPath,
  type GroupKey,
  type Trust,
  verifyCertificate,
} from "@quorate/keygen/aggregate";
import {
  curveOf,
  type EcdsaSuite,
  InputError,
  isEcdsa,
  type NetworkFile,
  type RecordKey,
  type SuiteName,
  trustOf,
  unhex,
  type Waits,
} from "@quorate/orders";
import { decodeKey, type KeyRecord, pathOf } from "./records.ts";
import type { Reply } from "./reply.ts";

/** The public halves of all keys and their children, parsed once. */
export class Keyring {
  readonly #backend: Backend;
  readonly #trust: Trust;
  readonly #records = new Map<string, KeyRecord>();
  /** By the signers' id and the path. */
  readonly #places = new Map<string, KeyRecord>();
  readonly #certified = new Map<string, GroupKey>();
  readonly #packages = new WeakMap<KeyRecord, PublicKeyPackage>();

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
    this.#places.set(place(record.keyId, pathOf(record)), record);
  }

  /** Another coordinator stored this key first: what it stored is the key. */
  adopt(waits: Waits, place: RecordKey, reply: Reply<KeyRecord>): void {
    waits.read([place], ([stored]) => {
      if (stored?.state !== "present") {
        const message = `the key that another coordinator made cannot be read (${stored?.state})`;
        return reply({ error: new InputError("failed", message, { hint: "ask for it again" }) });
      }
      const record = decodeKey(stored.value);
      this.add(record);
      reply({ ok: record });
    });
  }

  get(id: string): KeyRecord | undefined {
    return this.#records.get(id);
  }

  /** The key that the signers know by this id, or its child at the path. */
  byKeyId(keyIdHex: string, path: DerivationPath = []): KeyRecord | undefined {
    return this.#places.get(place(keyIdHex, path));
  }

  /** The key that the signers know by this id, and its children. */
  family(keyIdHex: string): readonly KeyRecord[] {
    return this.all().filter((one) => one.keyId === keyIdHex);
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
      if (isEcdsa(record.suite)) this.ecdsaKey(record);
      else this.publicPackage(record);
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

  /**
   * Public key and verifying shares: of a key as its certificate says, of a child all shifted by the difference of the two
   * public keys, as its holders shift their shares.
   *
   * @throws Error if the stored certificate does not verify
   */
  publicPackage(record: KeyRecord): PublicKeyPackage {
    const known = this.#packages.get(record);
    if (known !== undefined) return known;
    const made = parsePublicKeyPackage(this.suite(record), this.certified(record));
    const parsed = record.derivedFrom === null ? made : child(made, unhex(record.publicKey));
    this.#packages.set(record, parsed);
    return parsed;
  }

  /** Of an ECDSA key what its signatures verify under, 33 bytes. @throws Error if it is none, or the stored certificate does not verify */
  ecdsaKey(record: KeyRecord): { readonly suite: EcdsaSuite; readonly publicKey: Uint8Array } {
    const { suite, derivedFrom } = record;
    if (!isEcdsa(suite)) throw new Error(`${suite} is not ECDSA`);
    const certified = this.certified(record);
    return { suite, publicKey: derivedFrom === null ? certified.publicKey : unhex(record.publicKey) };
  }

  /** What the holders certified of a key, or of the key that it comes from. @throws Error if the stored certificate does not verify */
  certified({ certificate }: KeyRecord): GroupKey {
    const known = this.#certified.get(certificate);
    if (known !== undefined) return known;
    const verified = this.verified(unhex(certificate));
    this.#certified.set(certificate, verified);
    return verified;
  }
}

function place(keyId: string, path: DerivationPath): string {
  return `${keyId} ${formatPath(path)}`;
}

function child(made: PublicKeyPackage, encodedPublicKey: Uint8Array): PublicKeyPackage {
  const { group } = made.suite;
  const publicKey = group.decodePoint(encodedPublicKey);
  const shift = group.subtract(publicKey, made.publicKey);
  const verifyingShares = [...made.verifyingShares].map(([identifier, share]) => {
    return [identifier, group.add(share, shift)] as const;
  });
  return { ...made, publicKey, encodedPublicKey, verifyingShares: new Map(verifyingShares) };
}
