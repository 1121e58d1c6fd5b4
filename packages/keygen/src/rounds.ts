import { type Codec, fixed, mapped, type Point, struct, tuple, type Value } from "@quorate/curves";
import type { Round } from "@quorate/protocol";
import { coefficientCount, type KeygenConfig } from "./config.ts";
import { type Proof, proofCodec } from "./proof.ts";

/** The longest body of any round: 15 commitments and proofs, and room for a list that is too long to be seen as such. */
const MAX_BODY_BYTES = 2048;

const NOTHING = new Uint8Array();

const commitments = { nonce: fixed(32), commitment: fixed(32), chainCommitment: fixed(32) };
const commitment = struct(commitments);

/**
 * Round 1: nonce_i, C_i (commits to F_i) and D_i (commits to the part of the chain code). Of a key that is imported also which
 * one it is, so that nobody goes on with others who were given another.
 */
export type Commitment = Value<typeof commitment> & { readonly imported?: Uint8Array };

const importCommitment: Codec<Commitment> = mapped(
  struct({ ...commitments, imported: fixed(32) }),
  (value): Commitment => value,
  ({ imported = NOTHING, ...value }) => ({ ...value, imported }),
);

/** Round 2: F_i, the salt of C_i, and a proof for each of F_i. */
export interface Opening {
  readonly coefficients: readonly Point[];
  readonly salt: Uint8Array;
  readonly proofs: readonly Proof[];
}

/** Round 3, private: f_i(j), and what opens D_i: nothing, of a key that keeps its chain code. */
export interface Dealt {
  readonly share: bigint;
  readonly chainPart: Uint8Array;
  readonly chainSalt: Uint8Array;
}

/** Round 4: S_i, a proof for it, and the identity's signature on the transcript. */
export interface Confirmation {
  readonly verifyingShare: Point;
  readonly proof: Proof;
  readonly signature: Uint8Array;
}

/** The four rounds of a key generation, in order. Lists have exactly as many entries as there are coefficients: no count is on the wire. */
export function keygenRounds(
  config: Pick<KeygenConfig, "group" | "minSigners" | "origin">,
): readonly [Round<Commitment>, Round<Opening>, Round<Dealt>, Round<Confirmation>] {
  const { group, origin } = config;
  const count = coefficientCount(config);
  const proof = proofCodec(group);
  const opening = struct({
    coefficients: tuple(group.point, count),
    salt: fixed(32),
    proofs: tuple(proof, count),
  });
  const dealt = struct({ share: group.scalar, chainPart: fixed(32), chainSalt: fixed(32) });
  const shareOnly = mapped(
    group.scalar,
    (share): Dealt => ({ share, chainPart: NOTHING, chainSalt: NOTHING }),
    ({ share }) => share,
  );
  const confirmation = struct({ verifyingShare: group.point, proof, signature: fixed(64) });
  return [
    round(1, "commitments", "broadcast", origin?.kind === "import" ? importCommitment : commitment),
    round(2, "openings", "broadcast", opening),
    round(3, "shares", "private", origin?.kind === "refresh" ? shareOnly : dealt),
    round(4, "confirmations", "broadcast", confirmation),
  ];
}

function round<T>(number: number, name: string, kind: Round<T>["kind"], codec: Codec<T>): Round<T> {
  return { number, name, kind, codec, maxLength: MAX_BODY_BYTES };
}
