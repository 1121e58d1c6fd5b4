import {
  bytes,
  type Codec,
  choice,
  DecodeError,
  decode,
  encode,
  fixed,
  type Group,
  list,
  mapped,
  type Point,
  struct,
  text,
  u8,
  u64,
  type Value,
  verifyIdentity,
} from "@quorate/curves";
import { MAX_PARTICIPANTS } from "@quorate/protocol";
import { checked, contextAt, firstPlace, type KeygenConfig, type Place } from "./config.ts";
import { type GroupKey, groupKeyOf } from "./group-key.ts";
import { transcriptHash, verifyingSharesOf } from "./transcript.ts";

/** Refuses every format but this one. */
export function formatVersion(version: number): Codec<number> {
  return mapped(
    u8,
    (found) => {
      if (found !== version) throw new Error(`format ${found}, this version reads ${version}`);
      return found;
    },
    (value) => value,
  );
}

const signed = {
  suite: text(32),
  executionId: fixed(16),
  minSigners: u8,
  sid: fixed(32),
  /** F[0..minSigners-1], encoded points. */
  groupCommitment: list(bytes(33), MAX_PARTICIPANTS),
  chainHash: fixed(32),
  /** One signature of each participant, ascending. */
  confirmations: list(struct({ identifier: u8, publicKey: fixed(32), signature: fixed(64) }), MAX_PARTICIPANTS),
};

/**
 * The end of a key generation: all n participants signed the same transcript, and each of them had made its share durable
 * before. Public, and checked by anyone who knows the identities; a key is used only with it. The public key is the first
 * entry of `groupCommitment`.
 */
export const certificateCodec = struct({ format: formatVersion(1), ...signed });

/** The end of a run that started from a key: the same, and what it started from. */
export const laterCertificateCodec = struct({
  format: formatVersion(2),
  operation: choice(["refresh", "import"]),
  /** Of a key that is refreshed, like the three that follow; zero of one that is imported. */
  keyId: fixed(32),
  epoch: u64,
  newEpoch: u64,
  previous: fixed(32),
  ...signed,
});
type Certificate = Omit<Value<typeof certificateCodec>, "format"> & { readonly place: Place };

/** Encodes a certificate of which every signature was checked. */
export function encodeCertificate(place: Place, certificate: Omit<Certificate, "place">): Uint8Array {
  const { operation } = place;
  return operation === "dkg"
    ? encode(certificateCodec, { format: 1, ...certificate })
    : encode(laterCertificateCodec, { format: 2, ...place, operation, ...certificate });
}

/** What a verifier knows beforehand. */
export interface Trust {
  /** The group of a suite, or `undefined` for a suite that is not known. */
  readonly groupOf: (suite: string) => Group | undefined;
  /** Whether an identity (32 bytes) belongs to the network. */
  readonly isMember: (publicKey: Uint8Array) => boolean;
}

export type CertificateFault =
  | "malformed"
  | "unknown_suite"
  | "stranger"
  | "bad_signature"
  | "degenerate_key"
  | "other_key";

/** Why a certificate is not accepted. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  readonly fault: CertificateFault;
  constructor(fault: CertificateFault, detail: string) {
    super(`certificate: ${fault}: ${detail}`);
    this.fault = fault;
  }
}

/**
 * Checks a certificate: its form, that all participants belong to the network, that each of them signed, that no
 * verifying share is the identity.
 *
 * @throws CertificateError
 */
export function verifyCertificate(encoded: Uint8Array, trust: Trust): GroupKey {
  const certificate = parse(encoded);
  const { suite, sid, chainHash, confirmations, place } = certificate;
  const group = trust.groupOf(suite);
  if (group === undefined) throw new CertificateError("unknown_suite", suite);
  const config = configOf(certificate, group);
  const stranger = config.participants.find((one) => !trust.isMember(one.publicKey));
  if (stranger) throw new CertificateError("stranger", `participant ${stranger.identifier} is not of this network`);
  const transcript = { ctx: contextAt(config, place), sid, groupCommitment: pointsOf(certificate, group), chainHash };
  const hash = transcriptHash(config, transcript);
  for (const { identifier, publicKey, signature } of confirmations) {
    if (!verifyIdentity(publicKey, hash, signature)) {
      throw new CertificateError("bad_signature", `of participant ${identifier}`);
    }
  }
  const shares = verifyingSharesOf(config, transcript.groupCommitment);
  if ([...shares.values()].some((one) => group.isIdentity(one))) {
    throw new CertificateError("degenerate_key", "a verifying share is the identity");
  }
  return groupKeyOf(config, place, transcript, shares);
}

/** The execution that a certificate ends, 16 bytes: of the key's making, or of its last refresh. @throws CertificateError */
export function certifiedExecution(encoded: Uint8Array): Uint8Array {
  return parse(encoded).executionId;
}

function parse(encoded: Uint8Array): Certificate {
  try {
    // A copy: decoding returns views, and what is returned outlives the caller's buffer.
    const copy = encoded.slice();
    if (copy[0] !== 2) return { ...decode(certificateCodec, copy), place: firstPlace("dkg") };
    const { operation, keyId, epoch, newEpoch, previous, ...rest } = decode(laterCertificateCodec, copy);
    if (operation === "refresh" && newEpoch <= epoch)
      throw new CertificateError("malformed", `epoch ${newEpoch} does not come after ${epoch}`);
    const place = operation === "refresh" ? { operation, keyId, epoch, newEpoch, previous } : firstPlace(operation);
    if (Buffer.compare(encodeCertificate(place, rest), copy) !== 0)
      throw new CertificateError("malformed", "it names a key that it does not come from");
    return { ...rest, place };
  } catch (error) {
    if (error instanceof DecodeError) throw new CertificateError("malformed", error.message);
    throw error;
  }
}

function configOf({ suite, executionId, minSigners, confirmations }: Certificate, group: Group): KeygenConfig {
  const participants = confirmations.map(({ identifier, publicKey }) => ({ identifier, publicKey }));
  if (participants.some((one, at) => at > 0 && one.identifier <= participants[at - 1]!.identifier)) {
    throw new CertificateError("malformed", "participants are not ascending");
  }
  try {
    return checked({ suite, group, executionId, minSigners, participants });
  } catch (error) {
    if (error instanceof RangeError) throw new CertificateError("malformed", error.message);
    throw error;
  }
}

function pointsOf({ groupCommitment, minSigners }: Certificate, group: Group): readonly Point[] {
  if (groupCommitment.length !== minSigners) {
    throw new CertificateError("malformed", `${groupCommitment.length} commitments where ${minSigners} belong`);
  }
  try {
    return groupCommitment.map((one) => group.decodePoint(one));
  } catch (error) {
    throw new CertificateError("malformed", (error as Error).message);
  }
}
