import { H, type Random } from "@quorate/curves";
import type { Identifier } from "@quorate/protocol";
import { chainCommitmentTo, coefficientClaim, commitmentTo, type Run } from "./check.ts";
import { coefficientCount } from "./config.ts";
import type { Dealing } from "./dealing.ts";
import { encodePoints } from "./points.ts";
import { type Proof, prove } from "./proof.ts";
import type { Commitment } from "./rounds.ts";

/** What a participant says in round 1 of what it will deal. */
export function firstMessage(run: Run, self: Identifier, mine: Dealing): Commitment {
  const { origin } = run;
  const imported = importedKey(run);
  const { nonce, salt, chainPart, chainSalt } = mine;
  return {
    nonce,
    commitment: commitmentTo(run, self, nonce, mine.commitments, salt),
    chainCommitment:
      origin?.kind === "refresh"
        ? origin.chainHash
        : chainCommitmentTo(run, self, nonce, chainPart.expose(), chainSalt),
    ...(imported !== undefined && { imported }),
  };
}

/** Names the key that an import brings here, as its shares show it; nothing of another run. 32 bytes. */
export function importedKey({ suite, group, origin }: Run): Uint8Array | undefined {
  if (origin?.kind !== "import") return undefined;
  return H(suite, "import/key", encodePoints(group, origin.groupCommitment));
}

/** Whether two participants were given the same key to import, or both none. */
export function sameImport({ imported: mine }: Commitment, { imported: theirs }: Commitment): boolean {
  if (mine === undefined || theirs === undefined) return mine === theirs;
  return Buffer.compare(mine, theirs) === 0;
}

/** A proof for each coefficient that is shown. */
export function proofsOf(
  run: Run,
  sid: Uint8Array,
  self: Identifier,
  { commitments, coefficients }: Dealing,
  random: Random,
): readonly Proof[] {
  const first = run.minSigners - coefficientCount(run);
  return commitments.map((statement, at) => {
    return prove(coefficientClaim(run, sid, self, first + at, statement), coefficients[first + at]!, random);
  });
}
