import { PROPERTIES, type Property } from "@quorate/simulator";
import { duration } from "../output.ts";
import { inside, list, members, number, oneOf, refuse, shown, text, time } from "./fields.ts";

/** What must come of a scenario. */
export type Expectation =
  /** Those of the properties are kept, and all that the core owes in the end is done. */
  | { readonly kind: "properties"; readonly properties: readonly Property[] }
  /** The least share of requests that is signed. */
  | { readonly kind: "signed"; readonly least: number }
  /** The most that a quantile of the time of signed requests may be. */
  | { readonly kind: "p50" | "p99"; readonly mostMs: number }
  /** Exactly those are named, with what proves it. */
  | { readonly kind: "blamed"; readonly nodes: readonly string[] };

/** What was seen of a run, on any layer. */
export interface Observed {
  readonly asked: number;
  readonly signed: number;
  /** Ascending. */
  readonly latenciesMs: readonly number[];
  readonly blamed: readonly string[];
  /** What was broken: a property, or `liveness`. */
  readonly broken: readonly { readonly what: string; readonly text: string }[];
  /** Properties that this layer can check. */
  readonly checked: readonly Property[];
}

/** What came of an expectation. Only `passed` counts as such. */
export interface Finding {
  readonly verdict: "passed" | "FAILED" | "skipped";
  readonly expected: string;
  readonly text: string;
}

export const ALL_PROPERTIES = Object.keys(PROPERTIES) as readonly Property[];
const KINDS = ["properties", "signed", "p50", "p99", "blamed"] as const;

/** @throws InputError naming the path and the way out */
export function parseExpectation(value: unknown, path: string): Expectation {
  const given = members(value, path, KINDS);
  const [[name, expected] = [], ...more] = Object.entries(given);
  if (name === undefined || more.length > 0) refuse(path, "one thing for each element", `one of ${KINDS.join(", ")}`);
  const kind = name as (typeof KINDS)[number];
  const where = inside(path, name);
  switch (kind) {
    case "properties":
      return { kind, properties: propertiesOf(expected, where) };
    case "signed":
      return { kind, least: number(expected, where, { least: 0, most: 1 }) };
    case "p50":
    case "p99":
      return { kind, mostMs: time(expected, where) };
    case "blamed":
      return { kind, nodes: list(expected, where, text) };
  }
}

function propertiesOf(value: unknown, path: string): readonly Property[] {
  if (value === "all") return ALL_PROPERTIES;
  if (!Array.isArray(value)) refuse(path, `${shown(value)} is neither "all" nor a list`, ALL_PROPERTIES.join(", "));
  return list(value, path, (one, where) => oneOf(one, where, ALL_PROPERTIES));
}

/** Compares what was expected with what was seen: one finding for each, more where a part of it cannot be checked here. */
export function judge(expectation: Expectation, seen: Observed): readonly Finding[] {
  switch (expectation.kind) {
    case "properties":
      return properties(expectation.properties, seen);
    case "signed": {
      const rate = seen.asked === 0 ? 0 : seen.signed / seen.asked;
      const said = `${seen.signed} of ${seen.asked} requests signed`;
      return [finding(rate >= expectation.least, `signed at least ${percent(expectation.least)}`, said)];
    }
    case "p50":
    case "p99": {
      const { kind, mostMs } = expectation;
      const ms = quantile(seen.latenciesMs, kind === "p50" ? 0.5 : 0.99);
      const expected = `${kind} at most ${duration(mostMs)}`;
      return [finding(ms !== undefined && ms <= mostMs, expected, ms === undefined ? "nothing signed" : duration(ms))];
    }
    case "blamed": {
      const wanted = [...expectation.nodes].sort();
      const same = wanted.join() === [...seen.blamed].sort().join();
      return [finding(same, `blamed: ${wanted.join(", ") || "nobody"}`, seen.blamed.join(", ") || "nobody")];
    }
  }
}

function properties(wanted: readonly Property[], { checked, broken }: Observed): readonly Finding[] {
  const here = wanted.filter((one) => checked.includes(one));
  const beyond = wanted.filter((one) => !checked.includes(one));
  const wrong = broken.filter(({ what }) => what === "liveness" || here.some((one) => one === what));
  const expected = here.length === ALL_PROPERTIES.length ? "all properties" : `properties: ${here.join(", ")}`;
  const [first] = wrong;
  const said = first === undefined ? "kept" : `${first.what}: ${first.text}`;
  const found = here.length === 0 ? [] : [finding(first === undefined, expected, said)];
  if (beyond.length === 0) return found;
  return [
    ...found,
    skipped(`properties: ${beyond.join(", ")}`, "cannot be seen from outside: run it in the simulator"),
  ];
}

/** What this layer cannot do. */
export function skipped(expected: string, text: string): Finding {
  return { verdict: "skipped", expected, text };
}

function finding(isKept: boolean, expected: string, text: string): Finding {
  return { verdict: isKept ? "passed" : "FAILED", expected, text };
}

/** @param ascending sorted @returns `undefined` for none */
export function quantile(ascending: readonly number[], share: number): number | undefined {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)];
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
