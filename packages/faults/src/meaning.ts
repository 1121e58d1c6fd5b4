import { coordinatorsOf, InputError, type NodeId } from "@quorate/orders";
import { FAULTS, type Fault, isLinkFault, type LinkFault } from "./fault.ts";
import type { LinkAction, LinkRule } from "./rule.ts";
import { type Nodes, resolve, resolveLink } from "./selector.ts";

/**
 * The nodes at which a fault has to be applied: those that misbehave, or that send over the links. Only signers where only they
 * can do it, only coordinators where only they can.
 *
 * @throws InputError when this network has none
 */
export function nodesOf(fault: Fault, network: Nodes): readonly NodeId[] {
  if (isLinkFault(fault)) return [...new Set(resolveLink(fault.link, network).map((one) => one.from))];
  const { on } = FAULTS[fault.kind];
  const selector = fault.node ?? "coordinator";
  const named = resolve(selector, network);
  if (on === "node") return named;
  const coordinators = coordinatorsOf(network).map((one) => one.name);
  const able = named.filter((one) => coordinators.includes(one) === (on === "coordinator"));
  if (able.length > 0) return able;
  throw new InputError("invalid_input", `node: ${fault.kind} is a fault of ${on}s, and ${selector} is none`, {
    field: "node",
    hint: on === "coordinator" ? `the coordinators are ${coordinators.join(", ")}` : "name a signer, or * for all",
  });
}

/**
 * The rules that a link fault means, one for each link and direction.
 *
 * @param elapsedMs since it is in force: a flapping link is down at first, then up for as long, and again
 * @throws InputError when this network has no such link
 */
export function linkRules(fault: LinkFault, network: Nodes, elapsedMs = 0): readonly LinkRule[] {
  const directions = resolveLink(fault.link, network);
  const action = actionOf(fault, elapsedMs);
  return action === undefined ? [] : directions.map((one) => ({ ...one, action }));
}

function actionOf(fault: LinkFault, elapsedMs: number): LinkAction | undefined {
  switch (fault.kind) {
    case "partition":
      return { kind: "partition" };
    case "flap":
      return Math.floor(elapsedMs / fault.everyMs) % 2 === 0 ? { kind: "partition" } : undefined;
    case "delay":
      return { kind: "delay", ms: fault.ms };
    case "loss":
      return { kind: "drop", probability: fault.probability };
    case "throttle":
      return { kind: "throttle", bytesPerSecond: fault.bytesPerSecond };
    case "duplicate":
    case "corrupt":
    case "reorder":
      return { kind: fault.kind, probability: fault.probability };
  }
}
