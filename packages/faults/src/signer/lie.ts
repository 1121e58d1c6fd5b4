import type { Random } from "@quorate/curves";
import type { Member, NodeId } from "@quorate/orders";
import type { BroadcastStep, Edit, Identifier, PrivateStep, Step } from "@quorate/protocol";
import type { SignerFault } from "../fault.ts";

/** The protocols that signers run among themselves. */
export type ProtocolName = "keygen" | "refresh" | "import" | "commitments" | "pair" | "presign";

/** One run of a protocol as a liar sees it. */
export interface Run {
  readonly protocol: ProtocolName;
  /** The other participants. */
  readonly peers: readonly Member[];
}

/** What one fault makes of a signer: each member stands in for what an honest one does. */
export interface Lie {
  /** Asked at the beginning of each run; the edit then for each of its steps. */
  edit?(run: Run): Edit;
  /** A signature share, 32 bytes. */
  share?(share: Uint8Array): Uint8Array;
  /** Whether an order of that kind gets no answer. */
  silent?(order: string): boolean;
  /** What leaves in place of one encoded message. */
  sent?(to: NodeId, bytes: Uint8Array): readonly Uint8Array[];
  /** Looks at an encoded message of another signer. */
  heard?(from: NodeId, bytes: Uint8Array): void;
}

/** What lies are told. */
export interface LieContext {
  readonly fault: SignerFault;
  readonly random: Random;
  /** The peers that the fault is towards; all where it does not say. */
  victims(run: Run): readonly Identifier[];
}

/** Makes a lie of a fault. */
export type LieMaker = (context: LieContext) => Lie;

/**
 * Replaces what goes to each of `peers`, also of a step that another lie has edited.
 *
 * @param body the body for that peer, given the one that it would get; `null` to stay silent towards it
 */
export function altered(
  step: Step,
  peers: readonly Identifier[],
  body: (to: Identifier, sent: Uint8Array) => Uint8Array | null,
): Step {
  if (step.kind === "checkpoint") return step;
  const bodies = new Map<Identifier, Uint8Array>();
  for (const to of peers) {
    const sent = step.kind === "broadcast" ? step.body : step.bodies.get(to);
    const made = sent === undefined ? null : body(to, sent);
    if (made !== null) bodies.set(to, made);
  }
  return step.kind === "tampered" ? { ...step, bodies } : { kind: "tampered", honest: step, bodies };
}

/** Alters only what goes to the victims. */
export function alteredFor(
  step: Step,
  { peers }: Run,
  victims: readonly Identifier[],
  body: (sent: Uint8Array, to: Identifier) => Uint8Array | null,
): Step {
  const everybody = peers.map((one) => one.identifier);
  return altered(step, everybody, (to, sent) => (victims.includes(to) ? body(sent, to) : sent));
}

/** The exchange that a step is, if it is one: what an honest participant would send and take in. */
export function exchangeOf(step: Step): BroadcastStep | PrivateStep | undefined {
  if (step.kind === "checkpoint") return undefined;
  return step.kind === "tampered" ? step.honest : step;
}

/** Whether a step is in the round that the fault names, or in one of `otherwise` where it names none. */
export function isInRound(step: Step, { round }: SignerFault, otherwise: readonly number[]): boolean {
  const number = exchangeOf(step)?.round.number;
  return number !== undefined && (round === undefined ? otherwise.includes(number) : round === number);
}

/** Whether a step is in the round that the fault names, or in a later one. */
export function isFromRound(step: Step, { round = 1 }: SignerFault): boolean {
  return (exchangeOf(step)?.round.number ?? 0) >= round;
}

/** The lowest bit of a byte flipped: in a middle byte it keeps scalars canonical, in either byte order. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const made = bytes.slice();
  if (made.length > 0) made[Math.max(0, Math.min(at, made.length - 1))]! ^= 1;
  return made;
}

/** A number from 0 to `below` - 1, at most 2^32 of them. */
export function drawn(random: Random, below: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4);
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % below;
}

export const KEY_PROTOCOLS: ReadonlySet<ProtocolName> = new Set(["keygen", "refresh", "import"]);
