import { decode, encode, type Identity } from "@quorate/curves";
import {
  Conversation,
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
import type { Outlet } from "./outlet.ts";
import { type PeerMessage, peerMessage } from "./peer-message.ts";

/** The longest explanation of a refusal, bytes: the codec takes 512. */
const MAX_DETAIL_BYTES = 400;

/** A signer's conversations: orders from the coordinator, outcomes to it, session messages with the other signers. */
export class Link extends Conversation {
  readonly coordinator: NodeId;
  readonly #outlet: Outlet;

  constructor(outlet: Outlet, network: NetworkFile, self: NodeId, identity: Identity) {
    super(outlet, network, self, identity);
    this.#outlet = outlet;
    this.coordinator = network.coordinator.name;
  }

  report(value: Outcome): void {
    this.say(this.coordinator, "outcome", outcome, value);
  }

  refuseOrder(executionId: Uint8Array, code: Refusal, reason: string): void {
    const detail = shortened(reason);
    this.#outlet.emit({ type: "order.refused", code, detail });
    this.report({ kind: "refused", executionId, code, detail });
  }

  /** Reports a session that stopped. */
  abort(executionId: Uint8Array, abort: Abort, waitingFor: readonly Identifier[]): void {
    const { code, culprits } = abort;
    const evidence = abort.evidence === undefined ? new Uint8Array() : encodeEvidence(abort.evidence);
    this.#outlet.emit({ type: "session.aborted", execution: hex(executionId), code, culprits, waitingFor });
    this.report({ kind: "aborted", executionId, code, culprits, waitingFor, evidence });
  }

  tell(to: NodeId, message: PeerMessage): void {
    this.#outlet.send(to, encode(peerMessage, message));
  }

  /** @returns `undefined` for anything that is not a signed order of the coordinator to this signer */
  order(bytes: Uint8Array): Order | undefined {
    return this.hear(this.coordinator, "order", order, bytes);
  }

  /** @returns `undefined` for anything that is not a message of a signer's */
  peerMessage(from: NodeId, bytes: Uint8Array): PeerMessage | undefined {
    return this.read(from, () => decode(peerMessage, bytes));
  }
}

/** Well-formed text of bounded length: a reason may quote what a user sent, cut anywhere. */
export function shortened(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, MAX_DETAIL_BYTES));
}
