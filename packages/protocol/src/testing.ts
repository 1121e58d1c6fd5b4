import { type Identity, identityFromSeed, type Random, u32be, XOF } from "@quorate/curves";
import type { Identifier, Participant } from "./participant.ts";
import type { Outgoing, Session, SessionState } from "./session.ts";

/** A generator of random bytes that repeats for the same seed. For tests only. */
export function seededRandom(seed: number): Random {
  let counter = 0;
  return (length) => XOF("testing", "random", length, u32be(seed), u32be(counter++));
}

/** Participants 1..n (or the given identifiers) with identities that tests know. */
export function testParticipants(identifiers: number | readonly Identifier[]): {
  readonly participants: readonly Participant[];
  readonly identities: ReadonlyMap<Identifier, Identity>;
} {
  const all = typeof identifiers === "number" ? Array.from({ length: identifiers }, (_, at) => at + 1) : identifiers;
  const identities = new Map(
    all.map((identifier) => [identifier, identityFromSeed(new Uint8Array(32).fill(identifier))]),
  );
  return {
    participants: [...identities].map(([identifier, { publicKey }]) => ({ identifier, publicKey })),
    identities,
  };
}

/** How `runLocally` treats what is sent. By default each frame arrives once, in an order that follows from the seed. */
export interface Delivery {
  readonly seed?: number;
  /** Delivers about every third frame a second time, at any later moment. */
  readonly duplicates?: boolean;
  /** Whose checkpoints are saved; by default everybody's. */
  readonly saves?: (identifier: Identifier) => boolean;
  /** Sees every frame and says what arrives in its place. */
  readonly intercept?: (from: Identifier, to: Identifier, frame: Uint8Array) => readonly Uint8Array[];
}

/**
 * Runs sessions against one another in memory until nothing is left to deliver.
 *
 * @returns where each of them stands in the end
 */
export function runLocally<Out>(
  sessions: ReadonlyMap<Identifier, Session<Out>>,
  { seed = 0, duplicates = false, saves = () => true, intercept = (_from, _to, frame) => [frame] }: Delivery = {},
): ReadonlyMap<Identifier, SessionState<Out>> {
  const random = seededRandom(seed);
  const below = (bound: number) => Buffer.from(random(4)).readUInt32BE() % bound;
  const flying: (Outgoing & { readonly from: Identifier })[] = [];
  const post = (from: Identifier, outgoing: readonly Outgoing[]) => {
    for (const { to, frame } of outgoing) {
      for (const arriving of intercept(from, to, frame)) flying.push({ from, to, frame: arriving });
    }
    const session = sessions.get(from);
    if (session?.state.kind === "checkpoint" && saves(from)) post(from, session.saved());
  };
  for (const [identifier, session] of sessions) post(identifier, session.start());
  while (flying.length > 0) {
    const at = below(flying.length);
    const { from, to, frame } = flying[at]!;
    const again = duplicates && below(3) === 0;
    if (!again) flying.splice(at, 1);
    const session = sessions.get(to);
    if (session !== undefined) post(to, session.accept(from, frame));
  }
  return new Map([...sessions].map(([identifier, session]) => [identifier, session.state]));
}
