import { type Addresses, addresses, idOf, keygenExecution } from "@quorate/authority";
import { CertificateError, certifiedExecution, type GroupKey, verifyCertificate } from "@quorate/keygen/aggregate";
import { hex, type NetworkFile, type SuiteName, trustOf, unhex } from "@quorate/orders";

/** A key that is not what its certificate, or the network file, says: nothing must be sent to it. */
export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly field: "certificate" | "publicKey" | "scheme" | "minSigners" | "members" | "creation";
  constructor(field: KeyError["field"], problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
  }
}

/** A key as the API shows it. */
export interface ShownKey {
  /** `key-…` */
  readonly id: string;
  readonly scheme: string;
  readonly curve: string;
  /** Hex. */
  readonly publicKey: string;
}

/** What the signers agreed on when they made a key; `GET /_quorate/keys/:id` shows it. */
export interface Proof {
  /** Hex: of the key as it is now. */
  readonly certificate: string;
  /** Of the key's making, which ties it to the record that asked for it. */
  readonly creation?: {
    /** Hash of the record, hex. */
    readonly record: string;
    /** Hex; where the key was refreshed since, that of its making. */
    readonly certificate?: string;
  };
}

/** A key that is what it is shown to be. */
export interface VerifiedKey {
  readonly publicKey: Uint8Array;
  readonly minSigners: number;
  readonly epoch: number;
  /** Derived here. */
  readonly addresses: Addresses;
}

const SUITES: Readonly<Record<string, SuiteName>> = {
  "EdDSA ed25519": "ed25519",
  "Schnorr secp256k1": "taproot",
  "ECDSA secp256k1": "ecdsa-secp256k1",
  "ECDSA secp256r1": "ecdsa-p256",
};

/**
 * Checks, with the network file alone, that all signers of the network made a key and signed that they hold their shares of it, and
 * derives its addresses. So nobody pays to a key of which the coordinator alone knows the secret, or that too few signers can use.
 *
 * With `proof.creation` also that the signers made it for this very id, and so for its owner: without, another key of the same network
 * could be shown in its place. A child key (`derivedFrom`) has no certificate: check the key that it comes from.
 *
 * @param minSigners the fewest that must be needed to sign; the network's default unless given
 * @throws KeyError naming what does not hold
 */
export function verifyKey(
  key: ShownKey,
  proof: Proof,
  network: NetworkFile,
  minSigners: number = network.defaults.minSigners,
): VerifiedKey {
  const suite = SUITES[`${key.scheme} ${key.curve}`];
  if (suite === undefined) throw new KeyError("scheme", `${key.scheme} on ${key.curve} is not known`);
  const certified = verified(proof.certificate, network);
  if (certified.suite !== suite)
    throw new KeyError("scheme", `the certificate is for ${certified.suite}, not ${suite}`);
  const said = key.publicKey.toLowerCase();
  if (said !== hex(certified.publicKey)) {
    throw new KeyError("publicKey", `the certificate is for ${hex(certified.publicKey)}, shown is ${said}`);
  }
  if (certified.minSigners < minSigners) {
    throw new KeyError("minSigners", `${certified.minSigners} signers can sign, ${minSigners} are wanted`);
  }
  if (certified.participants.length < network.defaults.maxSigners) {
    const problem = `${certified.participants.length} signers hold it, the network's keys have ${network.defaults.maxSigners}`;
    throw new KeyError("members", problem);
  }
  if (proof.creation !== undefined) checkCreation(key, proof.creation, proof.certificate, certified, network);
  const { publicKey, epoch } = certified;
  return { publicKey, epoch, minSigners: certified.minSigners, addresses: addresses({ suite, publicKey }) };
}

/** How many keys a record creates at most, and how often the signers may have tried. */
const MAX_KEYS = 16;
const MAX_ATTEMPTS = 64;

function checkCreation(
  { id }: ShownKey,
  { record, certificate: first }: NonNullable<Proof["creation"]>,
  certificate: string,
  certified: GroupKey,
  network: NetworkFile,
): void {
  if (!/^[0-9a-f]{64}$/.test(record)) throw new KeyError("creation", "record: is not 64 hex digits");
  if (!Array.from({ length: MAX_KEYS }, (_, n) => idOf("key", record, n)).includes(id)) {
    throw new KeyError("creation", `record ${record} did not create ${id}`);
  }
  const origin = first === undefined ? certified : verified(first, network);
  if (hex(origin.keyId) !== hex(certified.keyId)) {
    throw new KeyError("creation", "the certificates are of two keys");
  }
  const execution = hex(certifiedExecution(unhex(first ?? certificate)));
  if (!attempts().some((attempt) => hex(keygenExecution(record, id, attempt)) === execution)) {
    throw new KeyError("creation", `the signers did not make this key for ${id}`);
  }
}

const attempts = () => Array.from({ length: MAX_ATTEMPTS }, (_, attempt) => attempt);

function verified(certificate: string, network: NetworkFile): GroupKey {
  if (!/^([0-9a-f]{2}){1,8192}$/.test(certificate)) throw new KeyError("certificate", "is not hex");
  try {
    return verifyCertificate(unhex(certificate), trustOf(network, "noble"));
  } catch (error) {
    if (error instanceof CertificateError) throw new KeyError("certificate", error.message);
    throw error;
  }
}
