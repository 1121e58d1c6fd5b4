import {
  aggregate,
  type Commitment,
  FrostError,
  type PublicKeyPackage,
  parseCommitments,
  signingContext,
  verifyingKey,
} from "@quorate/frost/aggregate";
import {
  type CommitmentScope,
  type DerivationPath,
  encodedCommitment,
  hex,
  type Member,
  type ShareEvidence,
  type SignedShare,
  type SigningPackage,
  verifyCommitment,
  verifyShareStatement,
} from "@quorate/orders";
import type { Answered, FrostAttempt, Item } from "./attempt.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import { type KeyRecord, pathOf } from "./records.ts";
import { verifyAgain } from "./second-opinion.ts";

/** A member of the signing set whose answer is wrong; with evidence that convinces others, where there is any. */
export interface Fault {
  readonly member: Member;
  readonly reason: string;
  readonly evidence?: ShareEvidence;
}

/** Two members that say different things of what one sent the other. One of them is at fault; nobody here knows which. */
export type Dispute = readonly [Member, Member];

type Aggregated =
  | { readonly signatures: readonly Uint8Array[] }
  | { readonly faults: readonly Fault[] }
  | { readonly disputes: readonly Dispute[] };

/** The parts of a request that aggregation needs. */
interface Asked {
  readonly key: KeyRecord;
  readonly items: readonly Item[];
}

/** Works out what the shares will be added up by, while they are on their way. In a two-round attempt only the signers know. */
export function prepare({ key, items }: Asked, attempt: FrostAttempt, keyring: Keyring): void {
  const { commitments } = attempt;
  if (commitments === null) return;
  const place = { keyId: keyring.keyId(key), epoch: key.epoch, path: pathOf(key) };
  attempt.answered = items.map(({ message, merkleRoot }, at) => {
    const list = commitments[at]!;
    const asked = { ...place, message, merkleRoot, commitments: list.map((one) => one.encoded) };
    return answeredBy(keyring.publicPackage(key), asked, list);
  });
}

/** Looks, while others are awaited, at who signed the shares of an answer. In a two-round attempt nobody knows yet what they have signed. */
export function vouch({ answered = [], answers }: FrostAttempt, member: Member, link: Link): void {
  for (const [at, signed] of answers.get(member.identifier)!.shares.entries()) {
    const asked = answered[at];
    if (asked !== undefined && isSignedBy(member, signed, asked.package, link)) asked.vouched.add(signed);
  }
}

/**
 * Adds the shares of a complete attempt up to signatures, verifies them with a second implementation, and names who is at
 * fault where that fails.
 */
export function aggregateAttempt(asked: Asked, attempt: FrostAttempt, keyring: Keyring, link: Link): Aggregated {
  const { items } = asked;
  const wrong = attempt.set.filter(({ identifier }) => attempt.answers.get(identifier)?.shares.length !== items.length);
  if (wrong.length > 0) return { faults: wrong.map((member) => ({ member, reason: "wrong number of shares" })) };
  const { answered } = attempt;
  const agreed = answered === undefined ? reported(asked, attempt, keyring, link) : { answered };
  if (!("answered" in agreed)) return agreed;
  const signatures: Uint8Array[] = [];
  for (const [at, one] of agreed.answered.entries()) {
    const result = aggregateOne(attempt, link, one, at);
    if ("faults" in result) return result;
    signatures.push(result.signature);
  }
  return { signatures };
}

function aggregateOne(
  attempt: FrostAttempt,
  link: Link,
  { package: answered, context, vouched }: Answered,
  at: number,
): { readonly signature: Uint8Array } | { readonly faults: readonly Fault[] } {
  const shares = attempt.set.map((member) => ({ member, signed: attempt.answers.get(member.identifier)!.shares[at]! }));
  const unsigned = shares.filter(
    ({ member, signed }) => !vouched.has(signed) && !isSignedBy(member, signed, answered, link),
  );
  if (unsigned.length > 0)
    return { faults: unsigned.map(({ member }) => ({ member, reason: "share not signed by its sender" })) };
  try {
    const { key } = context;
    const signature = aggregate(
      context,
      new Map(shares.map(({ member, signed }) => [member.identifier, signed.share])),
    );
    // Of the model there is no second implementation.
    if (key.suite.group.backend !== "model")
      verifyAgain(key.suite.name, verifyingKey(key, answered.merkleRoot), answered.message, signature);
    return { signature };
  } catch (error) {
    if (!(error instanceof FrostError) || error.code !== "invalid_share") throw error;
    const guilty = shares.filter(({ member }) => error.culprits.includes(member.identifier));
    return {
      faults: guilty.map(({ member, signed }) => {
        return { member, reason: "wrong signature share", evidence: { package: answered, share: signed } };
      }),
    };
  }
}

function isSignedBy({ identifier, node }: Member, signed: SignedShare, answered: SigningPackage, link: Link): boolean {
  const identity = link.identityOf(node);
  return (
    signed.identifier === identifier &&
    identity !== undefined &&
    verifyShareStatement(identity, link.networkHash, answered, signed)
  );
}

/**
 * What the signers of a two-round attempt answered, as they say it themselves. Who shows something that nobody can have
 * answered is at fault. Who shows another commitment of a member than that member itself is in dispute with it: a commitment
 * is signed for a key and not for an attempt, so a liar can show a genuine one from elsewhere.
 */
function reported(
  { key, items }: Asked,
  attempt: FrostAttempt,
  keyring: Keyring,
  link: Link,
):
  | { readonly answered: readonly Answered[] }
  | { readonly faults: readonly Fault[] }
  | { readonly disputes: readonly Dispute[] } {
  const scope = { networkHash: link.networkHash, keyId: keyring.keyId(key), epoch: key.epoch, path: pathOf(key) };
  const packagesOf = (member: Member) => attempt.answers.get(member.identifier)!.packages;
  const misfits = attempt.set.filter((member) => {
    const packages = packagesOf(member);
    return (
      packages.length !== items.length || !packages.every((one, at) => fits(one, items[at]!, attempt, scope, link))
    );
  });
  if (misfits.length > 0)
    return { faults: misfits.map((member) => ({ member, reason: "reported commitments that nobody signed" })) };
  const shown = (by: Member, place: number) =>
    packagesOf(by)
      .map((one) => hex(encodedCommitment(one.commitments[place]!)))
      .join();
  const disputes = attempt.set.flatMap((maker, place) =>
    attempt.set
      .filter((reporter) => shown(reporter, place) !== shown(maker, place))
      .map((reporter) => [reporter, maker] as const),
  );
  if (disputes.length > 0) return { disputes };
  const packages = packagesOf(attempt.set[0]!);
  const suite = keyring.suite(key);
  let lists: readonly (readonly Commitment[])[];
  try {
    lists = packages.map((one) => parseCommitments(suite, one.commitments));
  } catch (error) {
    if (!(error instanceof FrostError)) throw error;
    const guilty = attempt.set.filter(({ identifier }) => error.culprits.includes(identifier));
    return { faults: guilty.map((member) => ({ member, reason: "invalid commitment" })) };
  }
  return { answered: packages.map((one, at) => answeredBy(keyring.publicPackage(key), one, lists[at]!)) };
}

function answeredBy(key: PublicKeyPackage, answered: SigningPackage, commitments: readonly Commitment[]): Answered {
  const context = signingContext(key, commitments, answered.message, answered.merkleRoot);
  return { package: answered, context, vouched: new Set() };
}

/** Where a commitment belongs, and below that the key that signs. */
type Place = CommitmentScope & { readonly path: DerivationPath };

/** Whether a reported package is for this item and this set, every commitment signed by its maker. */
function fits(answered: SigningPackage, item: Item, attempt: FrostAttempt, scope: Place, link: Link): boolean {
  if (hex(answered.message) !== hex(item.message)) return false;
  if (hex(answered.keyId) !== hex(scope.keyId) || answered.epoch !== scope.epoch) return false;
  if (answered.path.join() !== scope.path.join()) return false;
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
