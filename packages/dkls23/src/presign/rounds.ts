import { type Codec, fixed, type Group, type Point, struct, type Value } from "@quorate/curves";
import type { Round } from "@quorate/protocol";
import { messageBytes } from "../multiply/index.ts";

const commitment = struct({ request: fixed(32), nonce: fixed(32), commitment: fixed(32) });

/** Round 1: what is asked for, nonce_i, and com_i, which commits to R_i. */
export type Commitment = Value<typeof commitment>;

/** Round 2, private: which setup the sender holds, and message 1 of the multiplication in which it is Bob. */
export interface Extension {
  readonly setupId: Uint8Array;
  readonly message: Uint8Array;
}

/** Round 3, private: the answer as Alice, the images of its outputs, psi, and the opening of R_j. */
export interface Answer {
  readonly message: Uint8Array;
  /** Gamma^u = c^u * G */
  readonly gammaU: Point;
  /** Gamma^v = c^v * G */
  readonly gammaV: Point;
  /** psi = phi_j - chi */
  readonly psi: bigint;
  /** R_j */
  readonly bigR: Point;
  readonly salt: Uint8Array;
  /** pk_j = sk_j * G */
  readonly pk: Point;
}

/**
 * The three rounds of a presigning, in order. The echo of round 1, which rides on round 2, is the comparison of session ids: it is
 * checked before anything of round 2 is looked at.
 */
export function presignRounds(group: Group): readonly [Round<Commitment>, Round<Extension>, Round<Answer>] {
  const { point, scalar } = group;
  const { first, second } = messageBytes(group);
  const extension = struct({ setupId: fixed(32), message: fixed(first) });
  const answer = struct({
    message: fixed(second),
    gammaU: point,
    gammaV: point,
    psi: scalar,
    bigR: point,
    salt: fixed(32),
    pk: point,
  });
  return [
    round(1, "commitments", "broadcast", commitment, 96),
    round(2, "extensions", "private", extension, 32 + first),
    round(3, "answers", "private", answer, second + 196),
  ];
}

function round<T>(number: number, name: string, kind: Round<T>["kind"], codec: Codec<T>, maxLength: number): Round<T> {
  return { number, name, kind, codec, maxLength };
}
