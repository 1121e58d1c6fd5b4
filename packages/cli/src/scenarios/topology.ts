import type { Nodes } from "@quorate/faults";
import { NODE_NAME } from "@quorate/orders";
import { findRegion, PRESETS } from "@quorate/regions";
import { type Scenario, topologyOf } from "@quorate/simulator";
import { list, type Members, members, number, refuse, shown, time } from "./fields.ts";

const FIELDS = ["regions", "names", "minSigners", "coordinators", "jitter", "write"];
const MOST_SIGNERS = 15;

/** The names that `quorate up` gives to signers in those regions. */
export function namesOf(regions: readonly string[]): readonly string[] {
  return regions.map((region, at) => {
    const before = regions.slice(0, at).filter((other) => other === region).length;
    return before === 0 ? region : `${region}-${before + 1}`;
  });
}

/** Reads who is where. @throws InputError naming the path and the way out */
export function parseTopology(value: unknown, path: string): Scenario["network"] {
  const given: Members = value === undefined ? {} : members(value, path, FIELDS);
  const regions = regionsOf(given.regions ?? "atlantic", `${path}.regions`);
  const whole = (name: string, least: number, most: number, usual: number) =>
    number(given[name] ?? usual, `${path}.${name}`, { least, most, whole: true });
  const majority = Math.max(2, Math.floor(regions.length / 2) + 1);
  return {
    ...{ regions, names: namesFor(regions, given.names, `${path}.names`) },
    minSigners: whole("minSigners", 2, regions.length, majority),
    coordinators: whole("coordinators", 1, 8, 1),
    jitter: number(given.jitter ?? 1.5, `${path}.jitter`, { least: 0, most: 10 }),
    writeMs: time(given.write ?? "1ms", `${path}.write`),
  };
}

function namesFor(regions: readonly string[], value: unknown, path: string): readonly string[] {
  if (value === undefined) return namesOf(regions);
  const names = list(value, path, (one, where) => {
    if (typeof one === "string" && NODE_NAME.test(one) && !one.startsWith("coordinator")) return one;
    return refuse(where, `${shown(one)} is no name of a signer`, "small letters, digits and dashes");
  });
  if (names.length === regions.length && new Set(names).size === names.length) return names;
  return refuse(path, `${new Set(names).size} names for ${regions.length} regions`, "one name for each region");
}

function regionsOf(value: unknown, path: string): readonly string[] {
  if (typeof value === "string" && Object.hasOwn(PRESETS, value)) return PRESETS[value as keyof typeof PRESETS];
  if (!Array.isArray(value)) {
    refuse(path, `${shown(value)} is no preset`, `${Object.keys(PRESETS).join(", ")}, or a list of regions`);
  }
  const found = list(value, path, (one, where) => {
    try {
      return findRegion(String(one)).name;
    } catch (error) {
      return refuse(where, (error as Error).message);
    }
  });
  if (found.length >= 2 && found.length <= MOST_SIGNERS) return found;
  refuse(path, `${found.length} regions`, `a signer in each: 2 to ${MOST_SIGNERS}`);
}

/** The nodes of a network, as selectors of faults need them. */
export function nodesIn({ regions, minSigners, coordinators, names }: Scenario["network"]): Nodes {
  const topology = topologyOf(regions, minSigners, coordinators, names);
  const node = (place: (typeof topology.signers)[number]) => ({ ...place, publicKey: "", addresses: [] });
  const [coordinator, ...further] = topology.coordinators.map(node);
  return { coordinator: coordinator!, coordinators: further, nodes: topology.signers.map(node) };
}
