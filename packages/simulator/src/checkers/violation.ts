import type { NodeId } from "@quorate/orders";

/** What a correct network keeps, whatever happens to it. */
export const PROPERTIES = {
  "no-forgery": "every signature and every share of one is for a request that its user authorised, with that key",
  "no-key": "no message, record, event or answer shows a key or a share of one",
  "one-message": "what a nonce or presignature has signed, it signs for ever, and nothing else",
  "burn-before-speak": "the authorisation's binding is durable before a share is sent; nonces are never on disk",
  "honest-never-blamed": "no verdict and no ban names somebody who followed the protocol",
  "blame-is-sound": "what proves a verdict proves it to everybody who has the network file",
  agreement: "all honest holders of a key have the same public key, holders and epoch, and sign with no earlier one",
  threshold: "nothing is signed by fewer than the key's quorum, and no honest signer helps a smaller set",
  idempotent: "one request has one id and one signature, however often it is asked for",
  "terminal-failures": "what was stopped is never taken up again with the same randomness",
  bounded: "messages, tables, queues and records of a kind have limits",
  "every-request-ends": "every request ends, and its asker hears it, a second after its deadline at the latest",
  "audit-chain":
    "each honest signer's audit log is a chain without a gap, and tells of each signature that it helped to make",
  "no-defect": "no part of the network throws",
} as const satisfies Record<string, string>;
export type Property = keyof typeof PROPERTIES;

/** A property that did not hold: what was seen, where and when. */
export interface Violation {
  readonly property: Property;
  /** Milliseconds of virtual time. */
  readonly at: number;
  readonly node: NodeId;
  readonly text: string;
}
