import { encode, type Group, type Point } from "@quorate/curves";
import {
  FrostError,
  type PublicKeyPackage,
  parseCommitments,
  parsePublicKeyPackage,
  signingContext,
  suite as suiteOf,
  verifyShare,
} from "@quorate/frost/aggregate";
import { chainHashOf, deriveChild, type GroupKey } from "@quorate/keygen";
import {
  type DerivationPath,
  isEcdsa,
  isSuite,
  networkHash,
  type ShareEvidence,
  shareEvidence,
  unhex,
  verifyCommitment,
  verifyShareStatement,
} from "@quorate/orders";
import { decodeText, type EvidenceDocument, type ScopeOf, toText } from "./document.ts";
import { type Bench, certified } from "./stage.ts";
import { must, same } from "./unproven.ts";

/** The code of a wrong signature share. */
export const SHARE_CODE = "bad_signature_share";

/** What a wrong share was found in. */
export interface ShareProof {
  readonly keyId: Uint8Array;
  /** The id of the accused's own nonce commitment, which it never uses twice. 16 bytes. */
  readonly executionId: Uint8Array;
}

/**
 * Checks evidence of a wrong share: the accused signed this share for this package, every commitment in the package is signed by its
 * holder, and the share does not satisfy the equation of RFC 9591 section 5.4.
 *
 * @throws Unproven, CertificateError, DecodeError, FrostError
 */
export function proveShare(
  { code, accused, evidence, scope }: Extract<EvidenceDocument, { kind: "share" }>,
  bench: Bench,
): ShareProof {
  must(code === SHARE_CODE, `a wrong share is ${SHARE_CODE}`);
  const key = certified(scope.certificate, bench);
  const { package: answered, share } = decodeText(shareEvidence, evidence);
  const { keyId, epoch } = key;
  must(same(answered.keyId, keyId) && answered.epoch === epoch, "the certificate is that of another key or epoch");
  const identityOf = (identifier: number) => key.participants.find((one) => one.identifier === identifier)?.publicKey;
  const identity = identityOf(share.identifier);
  must(
    share.identifier === accused.identifier && identity !== undefined && same(identity, unhex(accused.publicKey)),
    "the share is not that of the accused",
  );
  const hash = networkHash(bench.network);
  must(verifyShareStatement(identity, hash, answered, share), "the accused did not sign this share for this request");
  const genuine = answered.commitments.every((commitment) => {
    const holder = identityOf(commitment.identifier);
    return holder !== undefined && verifyCommitment(holder, { networkHash: hash, keyId, epoch }, commitment);
  });
  must(genuine, "a nonce commitment is not signed by its holder");
  must(isWrong(key, answered, share, scope, bench), "the share is right");
  const own = answered.commitments.find((one) => one.identifier === share.identifier)!;
  return { keyId, executionId: own.commitmentId.slice() };
}

function isWrong(
  key: GroupKey,
  { path, commitments, message, merkleRoot }: ShareEvidence["package"],
  { identifier, share }: ShareEvidence["share"],
  { chainCode }: ScopeOf<"share">,
  { backend }: Bench,
): boolean {
  const { suite } = key;
  must(isSuite(suite) && !isEcdsa(suite), "the key does not sign by FROST");
  const frost = suiteOf(suite, backend);
  const parent = parsePublicKeyPackage(frost, key);
  must(path.length > 0 || chainCode === null, "nothing here depends on a chain code");
  const signed = path.length === 0 ? parent : childOf(key, parent, path, chainCode);
  try {
    const context = signingContext(signed, parseCommitments(frost, commitments), message, merkleRoot);
    must(context.contributions.has(identifier), "the accused is not in the signing set");
    return !verifyShare(context, identifier, share);
  } catch (error) {
    // An accused who signed for a package that no honest signer answers proves nothing that anybody can use.
    must(!(error instanceof FrostError), "no honest signer answers such a package");
    throw error;
  }
}

function childOf(
  key: GroupKey,
  parent: PublicKeyPackage,
  path: DerivationPath,
  chainCode: string | null,
): PublicKeyPackage {
  const { group }: { group: Group } = parent.suite;
  must(
    chainCode !== null,
    "a child of the key signed, and only who knows the key's chain code can tell that the share is wrong: its holders can, and can add it",
  );
  must(same(chainHashOf(key.suite, unhex(chainCode)), key.chainHash), "the chain code is that of another key");
  const { tweak, publicKey } = deriveChild(key.suite, group, key.publicKey, unhex(chainCode), path);
  const shift = group.base(tweak);
  const shifted = ([identifier, point]: readonly [number, Point]) => [identifier, group.add(point, shift)] as const;
  return {
    ...parent,
    publicKey: group.decodePoint(publicKey),
    encodedPublicKey: publicKey,
    verifyingShares: new Map([...parent.verifyingShares].map(shifted)),
  };
}

/** Encodes a wrong share as documents carry it. */
export function shareText(evidence: ShareEvidence): string {
  return toText(encode(shareEvidence, evidence));
}
