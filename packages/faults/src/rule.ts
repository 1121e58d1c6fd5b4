import type { NodeId } from "@quorate/orders";

/** What happens to what one node sends to another. Probabilities are in [0, 1] and are drawn for each message. */
export type LinkAction =
  /** Later rules do not apply. */
  | { readonly kind: "pass" }
  /** A message is lost; the connection stays. */
  | { readonly kind: "drop"; readonly probability: number }
  | { readonly kind: "delay"; readonly ms: number }
  /** Nothing gets through, heartbeats included. One way: partition both directions with two rules. */
  | { readonly kind: "partition" }
  /** One bit of a message is flipped. */
  | { readonly kind: "corrupt"; readonly probability: number }
  /** A message arrives twice. */
  | { readonly kind: "duplicate"; readonly probability: number }
  /** The message after it arrives first. */
  | { readonly kind: "reorder"; readonly probability: number }
  | { readonly kind: "throttle"; readonly bytesPerSecond: number };

/** An action on the links that it names; `*` or nothing is any node. */
export interface LinkRule {
  readonly from?: NodeId | "*";
  readonly to?: NodeId | "*";
  readonly action: LinkAction;
}

/** What all rules together do to one message. */
export interface Fate {
  /** The link carries nothing. */
  readonly partitioned: boolean;
  /** This message is lost. */
  readonly dropped: boolean;
  readonly corrupted: boolean;
  readonly duplicated: boolean;
  /** The next message overtakes this one. */
  readonly reordered: boolean;
  /** Added to what the link has by itself. */
  readonly delayMs: number;
  /** `Infinity` when not throttled. */
  readonly bytesPerSecond: number;
}

const UNTOUCHED: Fate = {
  partitioned: false,
  dropped: false,
  corrupted: false,
  duplicated: false,
  reordered: false,
  delayMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
};

const matches = (pattern: NodeId | "*" | undefined, node: NodeId) =>
  pattern === undefined || pattern === "*" || pattern === node;

/**
 * Applies the rules in order to one message from `from` to `to`, until a `pass`. Delays add up; the lowest throttle holds.
 *
 * @param uniform numbers in [0, 1)
 */
export function decide(rules: readonly LinkRule[], from: NodeId, to: NodeId, uniform: () => number): Fate {
  let fate = UNTOUCHED;
  for (const rule of rules) {
    if (!matches(rule.from, from) || !matches(rule.to, to)) continue;
    if (rule.action.kind === "pass") break;
    fate = apply(fate, rule.action, uniform);
  }
  return fate;
}

function apply(fate: Fate, action: Exclude<LinkAction, { kind: "pass" }>, uniform: () => number): Fate {
  switch (action.kind) {
    case "partition":
      return { ...fate, partitioned: true };
    case "drop":
      return { ...fate, dropped: uniform() < action.probability || fate.dropped };
    case "corrupt":
      return { ...fate, corrupted: uniform() < action.probability || fate.corrupted };
    case "duplicate":
      return { ...fate, duplicated: uniform() < action.probability || fate.duplicated };
    case "reorder":
      return { ...fate, reordered: uniform() < action.probability || fate.reordered };
    case "delay":
      return { ...fate, delayMs: fate.delayMs + action.ms };
    case "throttle":
      return { ...fate, bytesPerSecond: Math.min(fate.bytesPerSecond, action.bytesPerSecond) };
  }
}
