import { type Group, type GroupName, group as groupNamed, type Identity, lagrange, type Random } from "@quorate/curves";
import { type Identifier, type Participant, type Protocol, Session, type Step, tamper } from "@quorate/protocol";
import { runLocally, seededRandom, testParticipants } from "@quorate/protocol/testing";
import type { Trust } from "./certificate.ts";
import { type KeygenConfig, keygenContext, refreshConfig } from "./config.ts";
import { keygen } from "./keygen.ts";
import { refresh } from "./refresh.ts";
import { keygenRounds } from "./rounds.ts";
import type { KeyShare } from "./share.ts";

/** A configuration for tests. */
export function testConfig(
  name: GroupName,
  minSigners: number,
  identifiers: number | readonly Identifier[],
): KeygenConfig {
  const { participants } = testParticipants(identifiers);
  return {
    suite: name,
    group: groupNamed(name, "fast"),
    executionId: new Uint8Array(16).fill(5),
    minSigners,
    participants,
  };
}

export type Edits = Partial<Record<Identifier, (step: Step) => Step>>;

/** A repeatable source of randomness for each participant. */
export const seeded =
  (seed: number) =>
  (self: Identifier): Random =>
    seededRandom(seed * 100 + self);

/** One session per participant; those with an edit misbehave. */
export function testSessions(
  config: KeygenConfig,
  edits: Edits = {},
  randomOf: (self: Identifier) => Random = seeded(1),
): Map<Identifier, Session<KeyShare>> {
  return sessionsOf(config, edits, (self, identity) => keygen(config, self, identity, randomOf(self)));
}

/** Runs sessions that must succeed. @returns everybody's share, ascending */
export function sharesFrom(sessions: ReadonlyMap<Identifier, Session<KeyShare>>): readonly KeyShare[] {
  return [...runLocally(sessions).values()].map((state) => {
    if (state.kind !== "done") throw new Error(`the session is ${state.kind}`);
    return state.output;
  });
}

/** The same for new shares of a key. */
export function refreshSessions(
  shares: readonly KeyShare[],
  options: { group: Group; edits?: Edits; newEpoch?: number; executionId?: Uint8Array; seed?: number },
): { readonly config: KeygenConfig; readonly sessions: Map<Identifier, Session<KeyShare>> } {
  const { group, edits = {}, executionId = new Uint8Array(16).fill(6), seed = 50 } = options;
  const config = refreshConfig(shares[0]!, group, executionId, options.newEpoch ?? shares[0]!.epoch + 1);
  const sessions = sessionsOf(config, edits, (self, identity) => {
    return refresh(config, shares.find((one) => one.identifier === self)!, identity, seeded(seed)(self));
  });
  return { config, sessions };
}

/** One session per participant for any of the protocols here. */
export function sessionsOf(
  config: KeygenConfig,
  edits: Edits,
  honestly: (self: Identifier, identity: Identity) => Protocol<KeyShare>,
): Map<Identifier, Session<KeyShare>> {
  const { identities } = testParticipants(config.participants.map((one) => one.identifier));
  const { executionId, participants } = config;
  const common = { executionId, participants, context: keygenContext(config), rounds: keygenRounds(config) };
  return new Map(
    participants.map(({ identifier: self }) => {
      const identity = identities.get(self)!;
      const honest = honestly(self, identity);
      const edit = edits[self];
      const protocol: Protocol<KeyShare> = edit === undefined ? honest : tamper(honest, edit);
      return [self, new Session({ ...common, self, identity }, protocol)];
    }),
  );
}

/** Trusts exactly these identities. */
export function trustIn(participants: readonly Participant[]): Trust {
  const known = new Set(participants.map((one) => Buffer.from(one.publicKey).toString("hex")));
  const names: readonly string[] = ["ed25519", "secp256k1", "p256"] satisfies GroupName[];
  return {
    groupOf: (suite) => (names.includes(suite) ? groupNamed(suite as GroupName, "fast") : undefined),
    isMember: (publicKey) => known.has(Buffer.from(publicKey).toString("hex")),
  };
}

/** The secret key, which never exists outside a test. */
export function reconstruct(group: Group, shares: readonly KeyShare[]): bigint {
  const identifiers = shares.map((one) => one.identifier);
  return group.mod(
    shares.reduce((sum, { identifier, signingShare }) => {
      return sum + lagrange(group, identifiers, identifier) * group.decodeScalar(signingShare.expose());
    }, 0n),
  );
}
