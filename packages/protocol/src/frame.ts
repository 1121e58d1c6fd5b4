import { bytes, fixed, H, type Identity, nullable, struct, u8, type Value, verifyIdentity } from "@quorate/curves";
import type { Round } from "./exchange.ts";
import type { Identifier, Participant } from "./participant.ts";

/** The recipient of a broadcast. No participant has this identifier. */
export const TO_ALL = 0;
/** The longest body of a frame that is shown as evidence, bytes. */
const MAX_SHOWN_BYTES = 1 << 16;

const DOMAIN = "protocol/v1";

/** The run that a frame belongs to. Both are signed with every frame; nothing signed in one run means anything in another. */
export interface Scope {
  /** 16 random bytes, never used twice. */
  readonly executionId: Uint8Array;
  /** 32 bytes: a hash of everything that the participants must agree on before they start. */
  readonly context: Uint8Array;
}

/**
 * One signed message. Private bodies are signed as well, in the clear: a recipient proves a bad one by showing it. The
 * alternative, to seal it under a one-message key that a complaint reveals, would need an encryption that commits to its key (AES-GCM does
 * not); here the link is encrypted end to end already, and a run with a complaint is discarded with all that it dealt.
 */
export const frame = struct({
  round: u8,
  from: u8,
  to: u8,
  /** What the sender received in the round before, if that was a broadcast round. */
  echo: nullable(fixed(32)),
  body: bytes(MAX_SHOWN_BYTES),
  /** Ed25519 by the sender's identity over `statement`. */
  signature: fixed(64),
});
export type Frame = Value<typeof frame>;

/** What a frame's signature covers: everything but itself. 32 bytes. */
export function statement(scope: Scope, message: Omit<Frame, "signature">): Uint8Array {
  const { round, from, to, echo, body } = message;
  const place = [scope.context, scope.executionId, Uint8Array.of(round), Uint8Array.of(from), Uint8Array.of(to)];
  return H(DOMAIN, "frame", ...place, echo ?? new Uint8Array(), body);
}

/** Condenses a round of broadcasts. `statements` by ascending sender, one's own among them. 32 bytes. */
export function echoOf(statements: readonly Uint8Array[]): Uint8Array {
  return H(DOMAIN, "echo", ...statements);
}

export function signFrame(scope: Scope, identity: Identity, message: Omit<Frame, "signature">): Frame {
  return { ...message, signature: identity.sign(statement(scope, message)) };
}

/** Whether the participant that the frame names as sender signed it in this run. */
export function verifyFrame(scope: Scope, participants: readonly Participant[], message: Frame): boolean {
  const sender = participants.find((one) => one.identifier === message.from);
  return sender !== undefined && verifyIdentity(sender.publicKey, statement(scope, message), message.signature);
}

/** Why received bytes are no frame of this run. */
export type WireFault = "other_execution" | "unreadable" | "oversized";

/** The rounds of a protocol in order, and what their frames look like on the wire. */
export class Wire {
  readonly #scope: Scope;
  readonly #rounds: readonly Round<unknown>[];

  /** @throws RangeError unless the rounds are numbered 1, 2, ... */
  constructor(scope: Scope, rounds: readonly Round<unknown>[]) {
    if (scope.executionId.length !== 16 || scope.context.length !== 32) {
      throw new RangeError("an execution id is 16 bytes and a context 32");
    }
    if (rounds.some((round, at) => round.number !== at + 1)) throw new RangeError("rounds are numbered from 1");
    this.#scope = scope;
    this.#rounds = rounds;
  }

  /** Whether frames of this round carry an echo: exactly if the round before was a broadcast. */
  carriesEcho(round: number): boolean {
    return this.#rounds[round - 2]?.kind === "broadcast";
  }

  /** executionId(16) round(1) [echo(32)] signature(64) body. Context, sender and recipient are known to both sides. */
  encode({ round, echo, signature, body }: Frame): Uint8Array {
    const parts = [this.#scope.executionId, Uint8Array.of(round), echo ?? new Uint8Array(), signature, body];
    return new Uint8Array(Buffer.concat(parts));
  }

  /**
   * Reads a frame that `from` sent to `self`; nothing in it is authentic yet.
   *
   * @returns the frame, its members views of `received`, or why there is none
   */
  decode(from: Identifier, self: Identifier, received: Uint8Array): Frame | WireFault {
    if (Buffer.compare(received.subarray(0, 16), this.#scope.executionId) !== 0) return "other_execution";
    const round = this.#rounds[(received[16] ?? 0) - 1];
    if (round === undefined) return "unreadable";
    const echoEnd = this.carriesEcho(round.number) ? 49 : 17;
    const bodyStart = echoEnd + 64;
    if (received.length < bodyStart) return "unreadable";
    if (received.length > bodyStart + round.maxLength) return "oversized";
    return {
      round: round.number,
      from,
      to: round.kind === "broadcast" ? TO_ALL : self,
      echo: echoEnd === 17 ? null : received.subarray(17, echoEnd),
      signature: received.subarray(echoEnd, bodyStart),
      body: received.subarray(bodyStart),
    };
  }
}
