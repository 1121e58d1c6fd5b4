import { FAULTS, type Fault, faultFromWords, isLinkFault, type Nodes, nodesOf } from "@quorate/faults";
import type { Scenario, Timed, TimedHalt, Workload } from "@quorate/simulator";
import { parse, YAMLParseError } from "yaml";
import { type Expectation, parseExpectation } from "./expectation.ts";
import { at, list, members, number, oneOf, refuse, shown, text, time, words } from "./fields.ts";
import { nodesIn, parseTopology } from "./topology.ts";

/** A scenario as a file says it: what happens, on whatever layer, and what must come of it. */
export interface ScenarioFile {
  readonly name?: string;
  readonly scenario: Scenario;
  readonly expect: readonly Expectation[];
}

const FIELDS = ["name", "seed", "crypto", "topology", "workload", "timeline", "halts", "core", "expect"];
const WORKLOAD = ["keys", "requests", "over", "at", "deadline", "duplicates", "keysMeanwhile"];
const SCHEMES = {
  EdDSA: ["ed25519"],
  Schnorr: ["secp256k1"],
  ECDSA: ["secp256k1", "secp256r1"],
} as const;
/** What stays with a node when the fault has ended: it is not relied upon in the end. */
const LASTING: ReadonlySet<string> = new Set(["bit-flip", "swap", "rollback", "clone"]);

/**
 * Reads a scenario.
 *
 * @throws InputError naming the path in the file and the way out
 */
export function parseScenario(yaml: string): ScenarioFile {
  const given = members(documentOf(yaml), "the file", FIELDS);
  const network = parseTopology(given.topology, "topology");
  const nodes = nodesIn(network);
  const timeline = list(given.timeline ?? [], "timeline", (one, path) => parseTimed(one, path, nodes));
  const scenario: Scenario = {
    seed: given.seed === undefined ? "1" : text(String(given.seed), "seed", 64),
    network,
    crypto: oneOf(given.crypto ?? "model", "crypto", ["model", "full"]),
    workload: parseWorkload(given.workload, "workload"),
    timeline,
    halts: list(given.halts ?? [], "halts", (one, path) => parseHalt(one, path, nodes)),
    core: parseCore(given.core, "core", { nodes, timeline, minSigners: network.minSigners }),
  };
  const expect = list(given.expect ?? [{ properties: "all" }], "expect", parseExpectation);
  for (const one of expect)
    if (one.kind === "blamed") for (const name of one.nodes) known(name, "expect.blamed", nodes);
  return given.name === undefined ? { scenario, expect } : { name: text(given.name, "name"), scenario, expect };
}

function documentOf(yaml: string): unknown {
  try {
    return parse(yaml, { maxAliasCount: 100, logLevel: "error" });
  } catch (error) {
    if (!(error instanceof YAMLParseError) && !(error instanceof ReferenceError)) throw error;
    const [line = ""] = error.message.split("\n");
    return refuse("the file", `is not YAML: ${line}`);
  }
}

function parseWorkload(value: unknown, path: string): Workload {
  const given = value === undefined ? {} : members(value, path, WORKLOAD);
  const keys = list(given.keys ?? ["EdDSA", "ECDSA"], `${path}.keys`, parseKey);
  if (keys.length === 0) refuse(`${path}.keys`, "no key to sign with", "for example [EdDSA, ECDSA]");
  const timesMs = given.at === undefined ? undefined : list(given.at, `${path}.at`, time);
  const requests = given.requests ?? timesMs?.length ?? 20;
  if (timesMs !== undefined && requests !== timesMs.length) {
    refuse(`${path}.at`, `${timesMs.length} times for ${shown(requests)} requests`, "leave requests out");
  }
  const meanwhile = given.keysMeanwhile ?? 0;
  return {
    keys,
    requests: number(requests, `${path}.requests`, { least: 1, most: 100_000, whole: true }),
    overMs:
      given.over === undefined && timesMs !== undefined
        ? Math.max(...timesMs)
        : time(given.over ?? "20s", `${path}.over`),
    ...(timesMs === undefined ? {} : { timesMs }),
    keysMeanwhile: number(meanwhile, `${path}.keysMeanwhile`, { least: 0, most: 100, whole: true }),
    deadlineMs: time(given.deadline ?? "30s", `${path}.deadline`),
    duplicates: number(given.duplicates ?? 0, `${path}.duplicates`, { least: 0, most: 1 }),
  };
}

function parseKey(value: unknown, path: string): Workload["keys"][number] {
  const given = typeof value === "string" ? { scheme: value } : members(value, path, ["scheme", "curve"]);
  const scheme = oneOf(given.scheme, path, Object.keys(SCHEMES) as (keyof typeof SCHEMES)[]);
  const curves: readonly Workload["keys"][number]["curve"][] = SCHEMES[scheme];
  const curve =
    "curve" in given && given.curve !== undefined ? oneOf(given.curve, `${path}.curve`, curves) : curves[0]!;
  return { scheme, curve };
}

function parseTimed(value: unknown, path: string, nodes: Nodes): Timed {
  if (typeof value !== "object" || value === null || !("fault" in value)) {
    refuse(
      path,
      `${shown(value)} has no fault`,
      "for example { at: 5s, for: 30s, fault: partition, link: region:ohio }",
    );
  }
  const { at: when, on, after, for: lasts, fault: kind, ...rest } = value as Record<string, unknown>;
  if ((when === undefined) === (on === undefined)) {
    refuse(path, "needs at or on, and not both", "at: 5s, or on: request.signed with after: 1s where it comes later");
  }
  if (on === undefined && after !== undefined) refuse(`${path}.after`, "belongs to on", "give at, such as at: 5s");
  const event = on === undefined ? undefined : text(on, `${path}.on`, 64);
  if (event !== undefined && !/^[a-z_]+(\.[a-z_]+)*$/.test(event)) {
    refuse(`${path}.on`, `${shown(event)} is not the type of an event`, "for example key.created or request.signed");
  }
  const fault = at(path, () => faultFromWords(text(kind, "fault"), words(rest, path)));
  at(path, () => nodesOf(fault, nodes));
  return {
    atMs: event === undefined ? time(when, `${path}.at`) : time(after ?? 0, `${path}.after`),
    ...(event === undefined ? {} : { on: event }),
    ...(lasts === undefined ? {} : { forMs: time(lasts, `${path}.for`) }),
    fault,
  };
}

function parseHalt(value: unknown, path: string, { nodes }: Nodes): TimedHalt {
  const given = members(value, path, ["at", "for", "operator"]);
  const operators = [...new Set(nodes.map((one) => one.operator))];
  return {
    atMs: time(given.at, `${path}.at`),
    forMs: time(given.for, `${path}.for`),
    operator: oneOf(given.operator, `${path}.operator`, operators),
  };
}

/** Whether a node that had it cannot be relied upon when it has ended. */
export function isLasting(fault: Fault): boolean {
  return FAULTS[fault.kind].on === "signer" || LASTING.has(fault.kind);
}

/** Those that no lasting fault is on. */
export function coreOf(timeline: readonly Timed[], nodes: Nodes): readonly string[] {
  const touched = timeline.flatMap(({ fault }) => {
    return isLasting(fault) && !isLinkFault(fault) ? nodesOf(fault, nodes) : [];
  });
  return nodes.nodes.map((one) => one.name).filter((one) => !touched.includes(one));
}

function parseCore(
  value: unknown,
  path: string,
  { nodes, timeline, minSigners }: { nodes: Nodes; timeline: readonly Timed[]; minSigners: number },
): readonly string[] {
  const possible = coreOf(timeline, nodes);
  const core = value === undefined ? possible : list(value, path, text);
  for (const [index, name] of core.entries()) {
    known(name, `${path}[${index}]`, nodes);
    if (!possible.includes(name)) refuse(`${path}[${index}]`, `${name} has a fault that lasts`, possible.join(", "));
  }
  if (core.length >= minSigners) return [...new Set(core)].sort();
  const hint = `at least ${minSigners} signers must be whole in the end: take faults that last from the timeline`;
  refuse(path, `${core.length} signers`, hint);
}

function known(name: string, path: string, { nodes }: Nodes): void {
  const names = nodes.map((one) => one.name);
  if (!names.includes(name)) refuse(path, `no signer ${shown(name)}`, `there are ${names.join(", ")}`);
}
