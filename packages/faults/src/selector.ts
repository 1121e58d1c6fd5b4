import {
  coordinatorsOf,
  everyoneOf,
  InputError,
  type NetworkFile,
  type NetworkNode,
  NODE_NAME,
  type NodeId,
} from "@quorate/orders";

/** Which nodes: a name, `region:NAME`, `operator:NAME`, `coordinator` for all coordinators, or `*` for all nodes. */
export type Selector = string;
/**
 * Which links: `A->B` one way, `A<->B` both ways, or `A` for all links that lead out of A, both ways: those between two nodes of a
 * region stay when it is cut off. A and B are selectors; `*` alone is every link.
 */
export type LinkSelector = string;

/** A link in one direction. */
export interface Direction {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** What a network file says that selectors need. */
export type Nodes = Pick<NetworkFile, "coordinator" | "coordinators" | "nodes">;

const GROUP = /^(region|operator):(.{1,32})$/;
const SHOWN = 80;

/** Checks the form of a selector. @param field for errors @throws InputError */
export function parseSelector(text: unknown, field = "node"): Selector {
  if (typeof text === "string" && (text === "*" || NODE_NAME.test(text) || isGroup(text))) return text;
  throw new InputError("invalid_input", `${field}: ${shown(text)} names no nodes`, {
    field,
    hint: "the name of a node, region:NAME, operator:NAME, coordinator, or * for all",
  });
}

/** Checks the form of a selector of links. @param field for errors @throws InputError */
export function parseLinkSelector(text: unknown, field = "link"): LinkSelector {
  if (typeof text !== "string") {
    throw new InputError("invalid_input", `${field}: ${shown(text)} names no link`, { field, hint: LINK_HINT });
  }
  for (const end of ends(text)) parseSelector(end, field);
  return text;
}

/**
 * The nodes that a selector means, in the order of the network file: coordinators, then signers.
 *
 * @throws InputError when there are none
 */
export function resolve(selector: Selector, network: Nodes, field = "node"): readonly NodeId[] {
  const matching = nodesMatching(parseSelector(selector, field), network);
  if (matching.length > 0) return matching.map((one) => one.name);
  const names = everyoneOf(network).map((one) => one.name);
  throw new InputError("invalid_input", `${field}: ${selector} means no node of this network`, {
    field,
    hint: `there are ${names.join(", ")}; region:NAME, operator:NAME, coordinator and * mean several`,
  });
}

/** The links that a selector means, each once, none of a node with itself. @throws InputError when there are none */
export function resolveLink(selector: LinkSelector, network: Nodes, field = "link"): readonly Direction[] {
  const [a, b] = ends(parseLinkSelector(selector, field));
  const from = resolve(a, network, field);
  const outside = (name: NodeId) => a === "*" || !from.includes(name);
  const to = b === undefined ? resolve("*", network, field).filter(outside) : resolve(b, network, field);
  const there = from.flatMap((one) => to.map((other) => ({ from: one, to: other })));
  const oneWay = b !== undefined && !selector.includes("<->");
  const both = oneWay ? there : [...there, ...there.map((one) => ({ from: one.to, to: one.from }))];
  const links = new Map(both.filter((one) => one.from !== one.to).map((one) => [`${one.from}->${one.to}`, one]));
  if (links.size > 0) return [...links.values()];
  throw new InputError("invalid_input", `${field}: ${selector} is no link between two nodes`, {
    field,
    hint: LINK_HINT,
  });
}

const LINK_HINT = "A->B for one way, A<->B for both, or A for all links that lead out of A";

/** One end, or two. */
function ends(text: LinkSelector): readonly [Selector, Selector?] {
  const [a = "", b, ...rest] = text.split(/<->|->/);
  if (rest.length > 0) {
    throw new InputError("invalid_input", `link: ${shown(text)} has more than two ends`, {
      field: "link",
      hint: LINK_HINT,
    });
  }
  return b === undefined ? [a] : [a, b];
}

const isGroup = (text: string) => GROUP.test(text) && !/[<>]/.test(text);

function nodesMatching(selector: Selector, network: Nodes): readonly NetworkNode[] {
  const everyone = everyoneOf(network);
  if (selector === "*") return everyone;
  if (selector === "coordinator") return coordinatorsOf(network);
  const [, what, name] = GROUP.exec(selector) ?? [];
  if (what === undefined) return everyone.filter((one) => one.name === selector);
  return everyone.filter((one) => (what === "region" ? one.region : one.operator) === name);
}

/** What was given, shortened: it may be anything. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
