import {
  type Backend,
  evaluate,
  type Group,
  type GroupName,
  group as groupNamed,
  H,
  type Identity,
  type Point,
  randomScalar,
  u32be,
  XOF,
} from "@quorate/curves";
import { type Identifier, type Participant, Session, type SessionState, type Step, tamper } from "@quorate/protocol";
import { type Delivery, runLocally, seededRandom, testParticipants } from "@quorate/protocol/testing";
import { otParameters } from "./ot/parameters.ts";
import { type Pair, type PresignConfig, presignContext } from "./presign/config.ts";
import { presign } from "./presign/presign.ts";
import type { Presignature } from "./presign/presignature.ts";
import { presignRounds } from "./presign/rounds.ts";
import { type PairConfig, pairContext, type Rank } from "./setup/config.ts";
import { type PairSetup, pairSetup } from "./setup/pair-setup.ts";
import { pairRounds } from "./setup/rounds.ts";
import { setUpPair } from "./setup/setup.ts";
import { type ByRank, zeroSeedOf } from "./setup/transcript.ts";

/** What misbehaving participants do. */
export type Edits = Partial<Record<Identifier, (step: Step) => Step>>;

/** The pair of two identities, in whatever order. */
export function testPairConfig(one: Uint8Array, other: Uint8Array, epoch = 0, backend: Backend = "fast"): PairConfig {
  const identities: PairConfig["identities"] = Buffer.compare(one, other) < 0 ? [one, other] : [other, one];
  return { networkId: new Uint8Array(32).fill(1), pairClass: "default", epoch, identities, backend };
}

/**
 * The setups of both ends as a trusted dealer makes them, which sees everything: at once, and the same for the same `seed`. They are
 * distributed as those of `setUpPair`. For tests only.
 */
export function dealPair(config: PairConfig, seed = 0): ByRank<PairSetup> {
  const context = pairContext(config);
  const bytes = (what: string, length: number) => XOF("testing", what, length, context, u32be(seed));
  const { kappa } = otParameters(config.backend);
  const setupId = bytes("setup", 32);
  const end = (rank: Rank) => {
    const [asBob, asAlice] = [`bob ${rank}`, `bob ${3 - rank}`];
    const delta = bytes(`delta ${rank}`, kappa / 8);
    const both = bytes(asAlice, kappa * 64);
    const known = Array.from({ length: kappa }, (_, z) => {
      const missing = (delta[z >> 3]! >> (z & 7)) & 1;
      return both.subarray(64 * z + 32 * (1 - missing), 64 * z + 32 * (2 - missing));
    });
    const alice = { delta, seeds: new Uint8Array(Buffer.concat(known)) };
    const bob = { seeds: bytes(asBob, kappa * 64) };
    const zeroSeed = zeroSeedOf(setupId, [bytes("zero 1", 32), bytes("zero 2", 32)]);
    return pairSetup({ setupId, epoch: config.epoch, rank, bob, alice, zeroSeed });
  };
  return [end(1), end(2)];
}

/** Two sessions of the real setup; `edits` misbehave. Identities must be those of the configuration. */
export function setupSessions(
  config: PairConfig,
  identities: ByRank<Identity>,
  edits: Edits = {},
  seed = 1,
): Map<Identifier, Session<PairSetup>> {
  const participants = config.identities.map((publicKey, at) => ({ identifier: at + 1, publicKey }));
  const scope = { executionId: new Uint8Array(16).fill(seed), context: pairContext(config) };
  return new Map(
    ([1, 2] as const).map((self) => {
      const identity = identities[self - 1]!;
      const honest = setUpPair(config, self, identity, seededRandom(10 * seed + self));
      const edit = edits[self];
      const protocol = edit === undefined ? honest : tamper(honest, edit);
      return [
        self,
        new Session({ ...scope, participants, rounds: pairRounds(config.backend), self, identity }, protocol),
      ];
    }),
  );
}

const known = new Map<string, ByRank<PairSetup>>();

/** The real setup of two test participants, run once per process and pair. Not to be wiped. */
export function setUpLocally(one: Identifier, other: Identifier): ByRank<PairSetup> {
  const name = [one, other].toSorted((a, b) => a - b).join();
  const cached = known.get(name);
  if (cached !== undefined) return cached;
  const identities = [...testParticipants([one, other]).identities.values()].toSorted((a, b) => {
    return Buffer.compare(a.publicKey, b.publicKey);
  }) as [Identity, Identity];
  const config = testPairConfig(identities[0].publicKey, identities[1].publicKey);
  const states = runLocally(setupSessions(config, identities));
  const setups: ByRank<PairSetup> = [outputOf(states, 1), outputOf(states, 2)];
  known.set(name, setups);
  return setups;
}

/** @throws Error unless the run of that participant is done */
export function outputOf<Out>(states: ReadonlyMap<Identifier, SessionState<Out>>, identifier: Identifier): Out {
  const state = states.get(identifier);
  if (state?.kind === "done") return state.output;
  throw new Error(`participant ${identifier}: ${state?.kind === "aborted" ? state.abort.message : state?.kind}`);
}

/** A pair in memory: burned until the process ends. */
export function pairOf(setup: PairSetup): Pair {
  let burned = false;
  return {
    setup,
    get burned() {
      return burned;
    },
    burn() {
      burned = true;
    },
  };
}

/** By participant, then by peer. */
export type Pairs = ReadonlyMap<Identifier, ReadonlyMap<Identifier, Pair>>;

/** Fresh pairs between all of `participants`, over dealt setups. */
export function testPairs(participants: readonly Participant[], seed = 0, backend: Backend = "fast"): Pairs {
  return new Map(
    participants.map((self) => {
      const peers = participants.filter((one) => one !== self);
      return [
        self.identifier,
        new Map(peers.map((peer) => [peer.identifier, pairOf(endOf(self, peer, seed, backend))])),
      ];
    }),
  );
}

function endOf(self: Participant, peer: Participant, seed: number, backend: Backend): PairSetup {
  const config = testPairConfig(self.publicKey, peer.publicKey, 0, backend);
  const rank = config.identities[0] === self.publicKey ? 0 : 1;
  return dealPair(config, seed)[rank];
}

/** A key as a trusted dealer makes it. */
export interface TestKey {
  readonly group: Group;
  readonly suite: string;
  readonly keyId: Uint8Array;
  readonly epoch: number;
  readonly minSigners: number;
  readonly participants: readonly Participant[];
  /** x, which exists in tests only. */
  readonly secret: bigint;
  readonly shares: ReadonlyMap<Identifier, bigint>;
  readonly publicKey: Point;
}

export function testKey(name: GroupName, minSigners: number, n: number, seed = 7, backend: Backend = "fast"): TestKey {
  const [group, random] = [groupNamed(name, backend), seededRandom(seed)];
  const coefficients = Array.from({ length: minSigners }, () => randomScalar(group, random));
  const { participants } = testParticipants(n);
  const publicKey = group.base(coefficients[0]!);
  return {
    group,
    suite: `ecdsa-${name}`,
    keyId: H("testing", "key", group.encodePoint(publicKey)),
    epoch: 0,
    minSigners,
    participants,
    secret: coefficients[0]!,
    shares: new Map(participants.map(({ identifier: x }) => [x, evaluate(group, coefficients, BigInt(x))])),
    publicKey,
  };
}

/** How a presigning departs from the usual. */
export interface PresignOptions extends Delivery {
  readonly pairs?: Pairs;
  readonly tweak?: bigint;
  readonly edits?: Edits;
  /** What one of them has otherwise. */
  readonly config?: (self: Identifier) => Partial<PresignConfig>;
  /** Tells executions apart, and draws their randomness: 0..255. */
  readonly execution?: number;
}

/** One session per signer. */
export function presignSessions(
  key: TestKey,
  signers: readonly Identifier[],
  options: PresignOptions = {},
): Map<Identifier, Session<Presignature>> {
  const { group, suite } = key;
  const { pairs = testPairs(key.participants, 0, group.backend), tweak = 0n, edits = {}, execution = 1 } = options;
  const executionId = new Uint8Array(16).fill(execution);
  const context = presignContext(key, "presign", executionId);
  const participants = key.participants.filter((one) => signers.includes(one.identifier));
  const { identities } = testParticipants(signers);
  const publicKey = group.add(key.publicKey, group.base(tweak));
  return new Map(
    signers.map((self) => {
      const config: PresignConfig = {
        ...{ group, suite, context, self, signers, tweak, publicKey },
        request: new Uint8Array(32).fill(6),
        signingShare: key.shares.get(self)!,
        pairs: pairs.get(self)!,
        random: seededRandom(1000 * execution + self),
        ...options.config?.(self),
      };
      const edit = edits[self];
      const protocol = edit === undefined ? presign(config) : tamper(presign(config), edit);
      const identity = identities.get(self)!;
      const scope = { executionId, context, participants, rounds: presignRounds(group) };
      return [self, new Session({ ...scope, self, identity }, protocol)];
    }),
  );
}

/** Presigns in memory. @throws Error unless all are done */
export function presignLocally(
  key: TestKey,
  signers: readonly Identifier[],
  options: PresignOptions = {},
): ReadonlyMap<Identifier, Presignature> {
  const states = runLocally(presignSessions(key, signers, options), options);
  return new Map(signers.map((one) => [one, outputOf(states, one)]));
}
