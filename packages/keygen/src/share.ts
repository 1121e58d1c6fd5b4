import { decode, encode, fixed, type Group, Secret, struct, text, u8, u64 } from "@quorate/curves";
import type { Identifier } from "@quorate/protocol";
import { CertificateError, formatVersion, type Trust, verifyCertificate } from "./certificate.ts";
import type { GroupKey } from "./group-key.ts";
import { chainHashOf } from "./transcript.ts";

/** A share of a key as its holder keeps it. It says nothing public about the key: that is what the certificate is for. */
export interface StagedShare {
  readonly suite: string;
  /** 32 bytes. */
  readonly keyId: Uint8Array;
  readonly epoch: number;
  readonly identifier: Identifier;
  /** s_i, encoded scalar, 32 bytes. */
  readonly signingShare: Secret;
  /** 32 bytes. */
  readonly chainCode: Secret;
}

/** A share and what the certificate says about its key: ready for use. */
export interface KeyShare extends GroupKey {
  readonly identifier: Identifier;
  readonly signingShare: Secret;
  readonly chainCode: Secret;
  readonly certificate: Uint8Array;
}

const record = struct({
  format: formatVersion(1),
  suite: text(32),
  keyId: fixed(32),
  epoch: u64,
  identifier: u8,
  signingShare: fixed(32),
  chainCode: fixed(32),
});

/** The record that the vault seals. The certificate is public and kept beside it. */
export function encodeShare(share: StagedShare): Secret {
  const { signingShare, chainCode } = share;
  const exposed = { signingShare: signingShare.expose(), chainCode: chainCode.expose() };
  return new Secret(encode(record, { ...share, ...exposed, format: 1 }));
}

/**
 * Reads a record; keeps no reference to `encoded`, so that the caller can wipe it.
 *
 * @throws DecodeError
 */
export function decodeShare(encoded: Uint8Array): StagedShare {
  const { suite, keyId, epoch, identifier, signingShare, chainCode } = decode(record, encoded);
  const secrets = { signingShare: new Secret(signingShare.slice()), chainCode: new Secret(chainCode.slice()) };
  return { suite, keyId: keyId.slice(), epoch, identifier, ...secrets };
}

/**
 * Joins a staged share with the certificate of its key, wherever the certificate came from.
 *
 * @throws CertificateError when the certificate is not valid, or is that of another key or another share
 */
export function activate(share: StagedShare, certificate: Uint8Array, trust: Trust): KeyShare {
  const key = verifyCertificate(certificate, trust);
  const { identifier, signingShare, chainCode } = share;
  const fits =
    key.epoch === share.epoch &&
    same(key.keyId, share.keyId) &&
    same(key.chainHash, chainHashOf(share.suite, chainCode.expose())) &&
    same(key.verifyingShares.get(identifier), verifyingShareOf(trust.groupOf(key.suite)!, signingShare));
  if (!fits) throw new CertificateError("other_key", "it does not belong to this share");
  return { ...key, identifier, signingShare, chainCode, certificate: certificate.slice() };
}

function verifyingShareOf(group: Group, signingShare: Secret): Uint8Array {
  return group.encodePoint(group.base(group.decodeScalar(signingShare.expose())));
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0;
}
