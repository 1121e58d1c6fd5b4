import {
  type Codec,
  decode,
  encode,
  evaluate,
  group as groupNamed,
  type Identity,
  randomScalar,
} from "@quorate/curves";
import { pairContext, pairRounds, presignContext, presignRounds } from "@quorate/dkls23";
import { presignSessions, setupSessions, type TestKey, testPairConfig } from "@quorate/dkls23/testing";
import {
  importConfig,
  importKey,
  type KeygenConfig,
  type KeyShare,
  keygenContext,
  keygenRounds,
} from "@quorate/keygen";
import { refreshSessions, seeded, sessionsOf, sharesFrom, testConfig, testSessions } from "@quorate/keygen/testing";
import { hex, type NetworkFile, type SuiteName } from "@quorate/orders";
import {
  type AbortCode,
  type Evidence,
  echoOf,
  type Frame,
  type Identifier,
  type Participant,
  type Round,
  type Scope,
  type Session,
  type Step,
  signFrame,
  statement,
  TO_ALL,
  tampered,
} from "@quorate/protocol";
import { runLocally, seededRandom, testParticipants } from "@quorate/protocol/testing";
import { type EvidenceDocument, parseEvidence, toText } from "./document.ts";
import type { SessionSetting } from "./stage.ts";
import { verifyEvidence } from "./verify.ts";

/** Who lies, to whom, and in the tests of honest runs who is accused. */
export const LIAR = 2;
export const VICTIM = 1;

/** Edits what goes to each of the others in a round. */
export type Body = (honest: Uint8Array, to: Identifier) => Uint8Array;
type Edits = Partial<Record<Identifier, (step: Step) => Step>>;

/** Runs of one kind, as tests make them. */
export interface Play extends Scope {
  readonly setting: SessionSetting;
  readonly rounds: readonly Round<unknown>[];
  readonly participants: readonly Participant[];
  readonly identities: ReadonlyMap<Identifier, Identity>;
  sessions(edits: Edits, seed?: number): ReadonlyMap<Identifier, Session<unknown>>;
}

const NAMES = ["ohio", "paris", "tokyo"];
export const { participants: SIGNERS, identities: IDENTITIES } = testParticipants(3);

/** The network file of the three. */
export const NETWORK: NetworkFile = {
  format: 1,
  networkId: "\u0001".repeat(32),
  coordinator: node("coordinator", new Uint8Array(32).fill(9)),
  nodes: SIGNERS.map((one, at) => node(NAMES[at]!, one.publicKey)),
  operators: [{ name: "operator-1", publicKey: "00".repeat(32) }],
  organisations: [],
  defaults: { minSigners: 2, maxSigners: 3 },
};

function node(name: string, publicKey: Uint8Array) {
  return { name, region: "virginia", operator: "operator-1", publicKey: hex(publicKey), addresses: [] };
}

const named = SIGNERS.map((one) => ({ identifier: one.identifier, publicKey: hex(one.publicKey) }));

function keyPlay(setting: SessionSetting, config: KeygenConfig, sessions: Play["sessions"]): Play {
  const { executionId, participants } = config;
  const context = keygenContext(config);
  const rounds = keygenRounds(config);
  return { setting, executionId, context, rounds, participants, identities: IDENTITIES, sessions };
}

export function keygenPlay(suite: SuiteName = "ed25519"): Play & { readonly config: KeygenConfig } {
  const config = { ...testConfig(suite.includes("secp") ? "secp256k1" : "ed25519", 2, 3), suite };
  const setting = { kind: "keygen", scope: { suite, minSigners: 2, participants: named } } as const;
  return { ...keyPlay(setting, config, (edits, seed = 1) => testSessions(config, edits, seeded(seed))), config };
}

/** Shares of a key that the three made. */
export function madeKey(suite: SuiteName): readonly KeyShare[] {
  return sharesFrom(keygenPlay(suite).sessions({}) as ReadonlyMap<Identifier, Session<KeyShare>>);
}

export function refreshPlay(): Play & { readonly config: KeygenConfig } {
  const shares = madeKey("ed25519");
  const { group } = keygenPlay().config;
  const scope = { certificate: toText(shares[0]!.certificate), newEpoch: 1 };
  const { config } = refreshSessions(shares, { group });
  const sessions: Play["sessions"] = (edits, seed = 50) => refreshSessions(shares, { group, edits, seed }).sessions;
  return { ...keyPlay({ kind: "refresh", scope }, config, sessions), config };
}

export function importPlay(): Play & { readonly config: KeygenConfig } {
  const base = testConfig("secp256k1", 2, 3);
  const { group } = base;
  const coefficients = [1, 2].map((seed) => randomScalar(group, seededRandom(seed)));
  const shares = SIGNERS.map((one) => evaluate(group, coefficients, BigInt(one.identifier)));
  const config = importConfig(
    base,
    shares.map((one) => group.base(one)),
  );
  const groupCommitment = coefficients.map((one) => hex(group.encodePoint(group.base(one))));
  const scope = { suite: "secp256k1", minSigners: 2, participants: named, groupCommitment } as const;
  const sessions: Play["sessions"] = (edits, seed = 4) =>
    sessionsOf(config, edits, (self, identity) =>
      importKey(config, self, shares[self - 1]!, identity, seeded(seed)(self)),
    );
  return { ...keyPlay({ kind: "import", scope }, config, sessions), config };
}

export function presignPlay(): Play {
  const shares = madeKey("ecdsa-secp256k1");
  const [first] = shares;
  const group = groupNamed("secp256k1", "fast");
  const { suite, keyId, epoch, minSigners, participants, publicKey, certificate } = first!;
  const key: TestKey = {
    ...{ group, suite, keyId, epoch, minSigners, participants, secret: 0n },
    shares: new Map(shares.map((one) => [one.identifier, group.decodeScalar(one.signingShare.expose())])),
    publicKey: group.decodePoint(publicKey),
  };
  const executionId = new Uint8Array(16).fill(1);
  return {
    setting: { kind: "presign", scope: { certificate: toText(certificate), operation: "presign" } },
    ...{ executionId, context: presignContext(key, "presign", executionId), rounds: presignRounds(group) },
    ...{ participants, identities: IDENTITIES },
    sessions: (edits) => presignSessions(key, [VICTIM, LIAR], { edits }),
  };
}

export function pairPlay(): Play {
  const two = [1, 2].map((one) => IDENTITIES.get(one)!);
  const ranked = two.toSorted((a, b) => Buffer.compare(a.publicKey, b.publicKey)) as [Identity, Identity];
  const config = testPairConfig(ranked[0].publicKey, ranked[1].publicKey);
  const identities = [hex(ranked[0].publicKey), hex(ranked[1].publicKey)] as [string, string];
  return {
    setting: { kind: "pair", scope: { pairClass: config.pairClass, epoch: config.epoch, identities } },
    ...{ executionId: new Uint8Array(16).fill(1), context: pairContext(config), rounds: pairRounds("fast") },
    participants: ranked.map(({ publicKey }, at) => ({ identifier: at + 1, publicKey })),
    identities: new Map(ranked.map((one, at) => [at + 1, one])),
    sessions: (edits) => setupSessions(config, ranked, edits),
  };
}

/** Has the liar send something else in one round. */
export function lie(number: number, body: Body, by: Identifier = LIAR): Edits {
  const step = (one: Step) => {
    const hit = (one.kind === "broadcast" || one.kind === "private") && one.round.number === number;
    return hit ? tampered(one, [1, 2, 3], (to, honest) => body(honest, to)) : one;
  };
  return { [by]: step };
}

/** What an edit of a decoded body makes of a body. */
export const edited =
  <T>(codec: Codec<T>, edit: (value: T) => T): Body =>
  (honest) =>
    encode(codec, edit(decode(codec, honest)));

/** The evidence with which the victim stops a run in which the liar lies. */
export function evidenceOf(play: Play, edits: Edits): Evidence {
  const states = runLocally(play.sessions(edits));
  const state = states.get(VICTIM);
  if (state?.kind !== "aborted" || state.abort.evidence === undefined) throw new Error(`the victim is ${state?.kind}`);
  return state.abort.evidence;
}

/** All frames that the victim received in an honest run, its own broadcasts among them. */
export function honestFrames(play: Play, seed?: number): readonly Frame[] {
  const bodies = new Map<string, Uint8Array>();
  const record = (from: Identifier) => (step: Step) => {
    if (step.kind === "broadcast") bodies.set(`${step.round.number} ${from} ${TO_ALL}`, step.body.slice());
    if (step.kind !== "private") return step;
    for (const [to, body] of step.bodies) bodies.set(`${step.round.number} ${from} ${to}`, body.slice());
    return step;
  };
  runLocally(play.sessions({ 1: record(1), 2: record(2), 3: record(3) }, seed));
  const frames: Frame[] = [];
  for (const { number: round, kind } of play.rounds) {
    const previous = frames.filter((one) => one.round === round - 1 && one.to === TO_ALL);
    const echo = previous.length === 0 ? null : echoOf(previous.map((one) => statement(play, one)));
    for (const [from, identity] of play.identities) {
      const to = kind === "broadcast" ? TO_ALL : VICTIM;
      const body = bodies.get(`${round} ${from} ${to}`);
      if (body !== undefined) frames.push(signFrame(play, identity, { round, from, to, echo, body }));
    }
  }
  return frames;
}

/** Evidence as somebody writes it. */
export function written(play: Play, code: AbortCode, frames: readonly Frame[], culprit: Identifier = LIAR): Evidence {
  const { executionId, context } = play;
  return { code, executionId, context, culprits: [culprit], frames: [...frames], exhibit: new Uint8Array() };
}

/** Two frames of the liar for one place of a run. */
export function twoFaced(play: Play): Evidence {
  const own = honestFrames(play).find((one) => one.from === LIAR)!;
  const body = own.body.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
  return written(play, "equivocation", [own, signFrame(play, play.identities.get(LIAR)!, { ...own, body })]);
}

/** Whether text is evidence that proves anything. */
export function holds(text: string, network: NetworkFile = NETWORK): boolean {
  let document: EvidenceDocument;
  try {
    document = parseEvidence(text);
  } catch {
    return false;
  }
  return verifyEvidence(document, network).proven;
}

/** The same with one leaf changed, for every leaf; of long texts at several places. */
export function* altered(value: unknown): Generator<unknown> {
  if (typeof value === "number") yield value + 1;
  else if (value === null) yield "00".repeat(32);
  else if (typeof value === "string") {
    const places = new Set(Array.from({ length: 13 }, (_, n) => Math.floor(((value.length - 1) * n) / 12)));
    for (const at of places) {
      const other = value[at] === "1" ? "2" : "1";
      yield value.slice(0, at) + other + value.slice(at + 1);
    }
    yield value.slice(0, -2);
    yield `${value}00`;
  } else if (Array.isArray(value)) {
    yield value.slice(1);
    yield [...value, ...value.slice(0, 1)];
    for (const [at, one] of value.entries()) for (const other of altered(one)) yield value.with(at, other);
  } else {
    const entries = Object.entries(value as object);
    for (const [name, one] of entries) for (const other of altered(one)) yield { ...(value as object), [name]: other };
    for (const [name] of entries) yield Object.fromEntries(entries.filter(([other]) => other !== name));
    yield { ...(value as object), more: 1 };
  }
}
