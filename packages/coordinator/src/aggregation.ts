import { aggregate, FrostError, parseCommitments, signingContext, verifyingKey } from "@quorate/frost/aggregate";
import {
  type CommitmentScope,
  hex,
  type Member,
  type ShareEvidence,
  type SigningPackage,
  verifyCommitment,
  verifyShareStatement,
} from "@quorate/orders";
import { type Attempt, type Item, sentPackages } from "./attempt.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { KeyRecord } from "./records.ts";
import { verifyAgain } from "./second-opinion.ts";

/** A member of the signing set whose answer is wrong; with evidence that convinces others, where there is any. */
export interface Fault {
  readonly member: Member;
  readonly reason: string;
  readonly evidence?: ShareEvidence;
}

type Aggregated = { readonly signatures: readonly Uint8Array[] } | { readonly faults: readonly Fault[] };

/** The parts of a request that aggregation needs. */
interface Asked {
  readonly key: KeyRecord;
  readonly items: readonly Item[];
}

/**
 * Adds the shares of a complete attempt up to signatures, verifies them with a second implementation, and names who is at
 * fault where that fails.
 */
export function aggregateAttempt(asked: Asked, attempt: Attempt, keyring: Keyring, link: Link): Aggregated {
  const { key, items } = asked;
  const wrong = attempt.set.filter(({ identifier }) => attempt.answers.get(identifier)?.shares.length !== items.length);
  if (wrong.length > 0) return { faults: wrong.map((member) => ({ member, reason: "wrong number of shares" })) };
  const agreed = agreedPackages(asked, attempt, keyring, link);
  if ("faults" in agreed) return agreed;
  const signatures: Uint8Array[] = [];
  for (const [at, answered] of agreed.packages.entries()) {
    const result = aggregateOne(key, attempt, keyring, link, answered, at);
    if ("faults" in result) return result;
    signatures.push(result.signature);
  }
  return { signatures };
}

function aggregateOne(
  key: KeyRecord,
  attempt: Attempt,
  keyring: Keyring,
  link: Link,
  answered: SigningPackage,
  at: number,
): { readonly signature: Uint8Array } | { readonly faults: readonly Fault[] } {
  const shares = attempt.set.map((member) => ({ member, signed: attempt.answers.get(member.identifier)!.shares[at]! }));
  const unsigned = shares.filter(({ member, signed }) => {
    const identity = link.identityOf(member.node);
    return (
      signed.identifier !== member.identifier ||
      identity === undefined ||
      !verifyShareStatement(identity, link.networkHash, answered, signed)
    );
  });
  if (unsigned.length > 0)
    return { faults: unsigned.map(({ member }) => ({ member, reason: "share not signed by its sender" })) };
  const suite = keyring.suite(key);
  const publicPackage = keyring.publicPackage(key);
  try {
    const commitments = parseCommitments(suite, answered.commitments);
    const context = signingContext(publicPackage, commitments, answered.message, answered.merkleRoot);
    const signature = aggregate(
      context,
      new Map(shares.map(({ member, signed }) => [member.identifier, signed.share])),
    );
    verifyAgain(suite.name, verifyingKey(publicPackage, answered.merkleRoot), answered.message, signature);
    return { signature };
  } catch (error) {
    if (!(error instanceof FrostError) || error.culprits.length === 0) throw error;
    const guilty = shares.filter(({ member }) => error.culprits.includes(member.identifier));
    const reason = error.code === "invalid_share" ? "wrong signature share" : "invalid commitment";
    return {
      faults: guilty.map(({ member, signed }) => ({
        member,
        reason,
        ...(error.code === "invalid_share" ? { evidence: { package: answered, share: signed } } : {}),
      })),
    };
  }
}

/**
 * What the signers answered. In the one-round form that is what was sent to them; in the two-round form they say it, and
 * must say the same: who signed two commitments for one place, or shows one that its maker never signed, is at fault.
 */
function agreedPackages(
  { key, items }: Asked,
  attempt: Attempt,
  keyring: Keyring,
  link: Link,
): { readonly packages: readonly SigningPackage[] } | { readonly faults: readonly Fault[] } {
  const keyId = keyring.keyId(key);
  if (attempt.commitments !== null) return { packages: sentPackages(attempt, items, keyId, key.epoch) };
  const scope = { networkHash: link.networkHash, keyId, epoch: key.epoch };
  const faults: Fault[] = [];
  const shown = new Map<string, string>();
  for (const member of attempt.set) {
    const { packages } = attempt.answers.get(member.identifier)!;
    if (!packages.every((one, at) => fits(one, items[at], attempt, scope, link)) || packages.length !== items.length) {
      faults.push({ member, reason: "reported commitments that nobody signed" });
      continue;
    }
    for (const [at, one] of packages.entries()) {
      for (const commitment of one.commitments) {
        const place = `${at} ${commitment.identifier}`;
        const seen = shown.get(place);
        shown.set(place, seen ?? hex(commitment.commitmentId));
        if (seen === undefined || seen === hex(commitment.commitmentId)) continue;
        const maker = attempt.set.find((other) => other.identifier === commitment.identifier);
        if (maker !== undefined)
          faults.push({ member: maker, reason: "sent different commitments to different signers" });
      }
    }
  }
  const packages = attempt.answers.get(attempt.set[0]!.identifier)!.packages;
  return faults.length > 0 ? { faults } : { packages };
}

/** Whether a reported package is for this item and this set, every commitment signed by its maker. */
function fits(
  answered: SigningPackage,
  item: Item | undefined,
  attempt: Attempt,
  scope: CommitmentScope,
  link: Link,
): boolean {
  if (item === undefined || hex(answered.message) !== hex(item.message)) return false;
  if (hex(answered.keyId) !== hex(scope.keyId) || answered.epoch !== scope.epoch) return false;
  if (hex(answered.merkleRoot ?? NONE) !== hex(item.merkleRoot ?? NONE)) return false;
  if ((answered.merkleRoot === null) !== (item.merkleRoot === null)) return false;
  return (
    answered.commitments.length === attempt.set.length &&
    answered.commitments.every((commitment, at) => {
      const member = attempt.set[at];
      const identity = member && link.identityOf(member.node);
      return (
        identity !== undefined &&
        commitment.identifier === member?.identifier &&
        verifyCommitment(identity, scope, commitment)
      );
    })
  );
}

const NONE = new Uint8Array();
