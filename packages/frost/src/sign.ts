import { bytes, type Codec, fixed, list, type Random, struct, u8 } from "@quorate/curves";
import { Abort, broadcast, type Protocol, type Round } from "@quorate/protocol";
import { aggregate } from "./aggregate/aggregate.ts";
import { type Commitment, type EncodedCommitment, parseCommitment } from "./aggregate/commitment.ts";
import { signingContext } from "./aggregate/context.ts";
import { FrostError } from "./aggregate/error.ts";
import type { FrostSuite } from "./aggregate/suite.ts";
import type { KeyShare } from "./key-share.ts";
import { commit } from "./nonces.ts";
import { signShare } from "./share.ts";

/** The first round: everybody's commitments, one for each message. `published` is what a commitment is on the wire. */
export function commitmentRound<E extends EncodedCommitment>(
  published: Codec<E>,
  publishedLength: number,
  maxMessages: number,
): Round<readonly E[]> {
  const codec = list(published, maxMessages);
  return { number: 1, name: "commitments", kind: "broadcast", codec, maxLength: 4 + maxMessages * publishedLength };
}

const COMMITMENTS = commitmentRound(struct({ identifier: u8, hiding: bytes(33), binding: bytes(33) }), 75, 1);

const SIGNATURE_SHARES: Round<Uint8Array> = {
  number: 2,
  name: "signature shares",
  kind: "broadcast",
  codec: fixed(32),
  maxLength: 32,
};

/** The rounds of `sign`. */
export const signRounds: readonly Round<unknown>[] = [COMMITMENTS, SIGNATURE_SHARES];

/**
 * The first round on its own, for signers who send their shares elsewhere. Everybody commits once for each message.
 *
 * @param own one commitment for each message
 * @param genuine a further check of what a peer published, such as of a signature on it
 * @returns for each message the list to sign with, ascending, parsed
 * @throws Abort `malformed` naming everyone who sent another number of commitments, one in another's name, one with a point
 *   that is not valid, or one that is not genuine
 */
export function* exchangeCommitments<E extends EncodedCommitment>(
  suite: FrostSuite,
  round: Round<readonly E[]>,
  own: readonly Commitment<E>[],
  genuine: (published: E) => boolean = () => true,
): Protocol<readonly (readonly Commitment<E>[])[]> {
  const inbox = yield* broadcast(
    round,
    own.map((commitment) => commitment.encoded),
  );
  const parsed = [own];
  const culprits: number[] = [];
  for (const [from, published] of inbox) {
    const theirs = published
      .filter((one) => one.identifier === from && genuine(one))
      .map((one) => parsedOrNothing(suite, one))
      .filter((one) => one !== undefined);
    if (published.length === own.length && theirs.length === own.length) parsed.push(theirs);
    else culprits.push(from);
  }
  if (culprits.length > 0) throw new Abort("malformed", culprits);
  return own.map((_, at) => parsed.map((list) => list[at]!).toSorted((a, b) => a.identifier - b.identifier));
}

/**
 * Signs together, in two rounds, with everybody aggregating. The participants are a signing set of the key.
 *
 * @param merkleRoot taproot tweak, see `signingKey`; `null` for none
 * @returns the signature, as from `aggregate`
 * @throws Abort `malformed`, or `bad_signature_share` naming everyone whose share is wrong
 */
export function* sign(
  key: KeyShare,
  message: Uint8Array,
  random: Random,
  merkleRoot: Uint8Array | null = null,
): Protocol<Uint8Array> {
  const { nonces, commitment } = commit(key, random);
  using _ = nonces;
  const [commitments] = yield* exchangeCommitments(key.suite, COMMITMENTS, [commitment]);
  const share = signShare(key, nonces, commitments!, message, merkleRoot);
  const shares = new Map([[key.identifier, share], ...(yield* broadcast(SIGNATURE_SHARES, share))]);
  try {
    return aggregate(signingContext(key, commitments!, message, merkleRoot), shares);
  } catch (error) {
    if (error instanceof FrostError && error.code === "invalid_share") {
      throw new Abort("bad_signature_share", error.culprits);
    }
    throw error;
  }
}

function parsedOrNothing<E extends EncodedCommitment>(suite: FrostSuite, published: E): Commitment<E> | undefined {
  try {
    return parseCommitment(suite, published);
  } catch (error) {
    if (error instanceof FrostError) return undefined;
    throw error;
  }
}
