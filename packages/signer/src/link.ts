import { decode, encode, type Identity } from "@quorate/curves";
import {
  Conversation,
  coordinatorsOf,
  hex,
  type NetworkFile,
  type NodeId,
  type Order,
  type Outcome,
  order,
  outcome,
  type Refusal,
} from "@quorate/orders";
import { type Abort, encodeEvidence, type Identifier } from "@quorate/protocol";
import { Askers } from "./askers.ts";
import type { Outlet } from "./outlet.ts";
import { isOfAuthority, isOfPresence, type PeerMessage, peerMessage } from "./peer-message.ts";

/** The longest explanation of a refusal, bytes: the codec takes 512. */
const MAX_DETAIL_BYTES = 400;

/** Outcomes that were made with a secret. */
const FROM_SECRETS: ReadonlySet<Outcome["kind"]> = new Set([
  ...(["shares", "ecdsaShares", "commitments", "presigned", "keygenDone", "exported"] as const),
]);

/** What an order came to. */
export type Answer = Extract<Outcome, { readonly executionId: Uint8Array }>;

/** A signer's conversations: orders from the coordinators, outcomes to them, session messages with the other signers. */
export class Link extends Conversation {
  readonly coordinators: readonly NodeId[];
  readonly #askers = new Askers();
  readonly #outlet: Outlet;
  /** While it is, nothing leaves that was made with a secret: also what began before. */
  halted: () => boolean = () => false;
  /** Called for each order that is not taken. */
  refused: (executionId: Uint8Array, refusal: { readonly code: Refusal; readonly detail: string }) => void = () => {};

  constructor(outlet: Outlet, network: NetworkFile, self: NodeId, identity: Identity) {
    super(outlet, network, self, identity);
    this.#outlet = outlet;
    this.coordinators = coordinatorsOf(network).map((one) => one.name);
  }

  /** Answers an order: whoever gave it hears it, and nobody else. */
  answer(value: Answer): void {
    this.#askers.answered(value);
    this.#give(value);
  }

  /** The answer may have been lost. Where there is none yet, there will be. */
  answerAgain(executionId: Uint8Array): void {
    const answer = this.#askers.answerTo(executionId);
    if (answer !== undefined) this.#give(answer);
  }

  #give(value: Answer): void {
    const asker = this.#askers.of(value.executionId);
    if (asker !== undefined) this.report(asker, value);
  }

  /** Tells one coordinator something. */
  report(to: NodeId, value: Outcome): void {
    if (this.halted() && FROM_SECRETS.has(value.kind)) return;
    this.say(to, "outcome", outcome, value);
  }

  /** Which coordinator gave an order, if it is remembered. */
  askerOf(executionId: Uint8Array): NodeId | undefined {
    return this.#askers.of(executionId);
  }

  refuseOrder(executionId: Uint8Array, code: Refusal, reason: string): void {
    const detail = shortened(reason);
    this.refused(executionId, { code, detail });
    this.#outlet.emit({ type: "order.refused", code, detail });
    this.answer({ kind: "refused", executionId, code, detail });
  }

  /** A session stands in a round, for want of what `peer` was to send: asks for it. */
  lacks(peer: NodeId, executionId: Uint8Array, round: number): void {
    this.#outlet.emit({ type: "session.stands", execution: hex(executionId), round, peer });
    this.tell(peer, { kind: "lacking", executionId, round });
  }

  /** Reports a session that stopped. */
  abort(executionId: Uint8Array, abort: Abort, waitingFor: readonly Identifier[]): void {
    const { code, culprits } = abort;
    const evidence = abort.evidence === undefined ? new Uint8Array() : encodeEvidence(abort.evidence);
    this.#outlet.emit({ type: "session.aborted", execution: hex(executionId), code, culprits, waitingFor });
    this.answer({ kind: "aborted", executionId, code, culprits, waitingFor, evidence });
  }

  tell(to: NodeId, message: PeerMessage): void {
    if (this.halted() && !isOfAuthority(message) && !isOfPresence(message)) return;
    this.#outlet.send(to, encode(peerMessage, message));
  }

  /** @returns `undefined` for anything that is not a signed order of this coordinator to this signer */
  order(from: NodeId, bytes: Uint8Array): { readonly order: Order; readonly isRepeated: boolean } | undefined {
    const heard = this.hear(from, "order", order, bytes);
    if (heard === undefined) return undefined;
    const isRepeated = "executionId" in heard && this.#askers.note(heard.executionId, from, bytes);
    return { order: heard, isRepeated };
  }

  /** @returns `undefined` for anything that is not a message of a signer's */
  peerMessage(from: NodeId, bytes: Uint8Array): PeerMessage | undefined {
    this.#outlet.heard(from, bytes);
    return this.read(from, () => decode(peerMessage, bytes));
  }
}

/** Well-formed text of bounded length: a reason may quote what a user sent, cut anywhere. */
export function shortened(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, MAX_DETAIL_BYTES));
}
