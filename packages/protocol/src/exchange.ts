import { type Codec, decode, encode, type Secret } from "@quorate/curves";
import type { Identifier } from "./participant.ts";

/** One round of a protocol: everybody sends, everybody waits for all. Declared before the protocol runs. */
export interface Round<T> {
  /** Its place in the protocol, from 1. */
  readonly number: number;
  /** For people. */
  readonly name: string;
  /** `broadcast`: the same signed bytes to all, compared by an echo. `private`: one body for each peer. */
  readonly kind: "broadcast" | "private";
  readonly codec: Codec<T>;
  /** The longest body that is read at all, bytes. */
  readonly maxLength: number;
}

/** What the others sent in a round, by ascending identifier; never holds one's own. */
export type Inbox<T> = ReadonlyMap<Identifier, T>;

/** Takes in the body of one peer. @throws DecodeError if it does not have the agreed form */
export type Receive = (from: Identifier, body: Uint8Array) => void;

/** The same body goes to all. */
export interface BroadcastStep {
  readonly kind: "broadcast";
  readonly round: Round<unknown>;
  readonly body: Uint8Array;
  readonly receive: Receive;
}

/** One body for each of the others. */
export interface PrivateStep {
  readonly kind: "private";
  readonly round: Round<unknown>;
  readonly bodies: ReadonlyMap<Identifier, Uint8Array>;
  readonly receive: Receive;
}

/** Nothing more is sent before `value` is durable. */
export interface CheckpointStep {
  readonly kind: "checkpoint";
  readonly value: Secret;
}

/** Only misbehaviour makes this: any body to anyone, in place of the honest step. A peer without a body hears nothing. */
export interface TamperedStep {
  readonly kind: "tampered";
  readonly honest: BroadcastStep | PrivateStep;
  readonly bodies: ReadonlyMap<Identifier, Uint8Array>;
  /** Sent only once all that the others send in this round is in. */
  readonly late?: boolean;
}

export type Step = BroadcastStep | PrivateStep | CheckpointStep | TamperedStep;

/** A protocol: yields one step at a time, is resumed when the step is done, returns its output or throws an `Abort`. */
export type Protocol<Out> = Generator<Step, Out, void>;

/** Sends `value` to all and waits for what all others broadcast. */
export function* broadcast<T>(round: Round<T>, value: T): Protocol<Inbox<T>> {
  const inbox = new Map<Identifier, T>();
  yield { kind: "broadcast", round, body: encode(round.codec, value), receive: into(round, inbox) };
  return ascending(inbox);
}

/**
 * Sends each of the others its own value and waits for what all others sent to us.
 *
 * @param check looks at each value as it comes in, before the others are there; may throw an `Abort`
 */
export function* deliver<T>(
  round: Round<T>,
  values: ReadonlyMap<Identifier, T>,
  check: (value: T, from: Identifier) => void = () => {},
): Protocol<Inbox<T>> {
  const inbox = new Map<Identifier, T>();
  const bodies = new Map([...values].map(([to, value]) => [to, encode(round.codec, value)]));
  const take = into(round, inbox);
  const receive: Receive = (from, body) => {
    take(from, body);
    check(inbox.get(from)!, from);
  };
  yield { kind: "private", round, bodies, receive };
  return ascending(inbox);
}

/** Waits until `value` is durable. What is sent afterwards tells the others that it is. */
export function* checkpoint(value: Secret): Protocol<void> {
  yield { kind: "checkpoint", value };
}

function into<T>(round: Round<T>, inbox: Map<Identifier, T>): Receive {
  return (from, body) => inbox.set(from, decode(round.codec, body));
}

function ascending<T>(inbox: Inbox<T>): Inbox<T> {
  return new Map([...inbox].toSorted(([a], [b]) => a - b));
}
