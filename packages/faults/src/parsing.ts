import { InputError } from "@quorate/orders";
import { FAULTS, type Fault, type FaultForm, type FaultKind, isFaultKind, type Parameter } from "./fault.ts";
import { parseLinkSelector, parseSelector, shown } from "./selector.ts";

/** A fault as a command line gives it: each parameter as text. `from` and `to` of a link fault are one link, one way. */
export type FaultWords = Readonly<Record<string, string | undefined>>;

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
/** The longest that a fault can be ordered for: a week, milliseconds. */
const MAX_FOR_MS = 7 * 86_400_000;

/**
 * Checks a fault that came as JSON.
 *
 * @throws InputError naming the field and the way out
 */
export function parseFault(value: unknown): Fault {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse("fault", `${shown(value)} is none`);
  const given = value as Readonly<Record<string, unknown>>;
  const kind = kindOf(given.kind);
  const { required, optional } = parametersOf(kind);
  const known = { ...required, ...optional };
  for (const name of Object.keys(given)) {
    if (name !== "kind" && !Object.hasOwn(known, name)) {
      refuse(name, `${kind} has no such parameter`, `it has ${Object.keys(known).join(", ") || "none"}`);
    }
  }
  const fault: Record<string, unknown> = { kind };
  for (const [name, parameter] of Object.entries(known)) {
    if (given[name] !== undefined) fault[name] = checked(name, parameter, given[name]);
    else if (Object.hasOwn(required, name)) refuse(name, `${kind} needs it`, example(parameter));
  }
  if (kind === "clock" && Object.keys(fault).length === 2) {
    refuse("skewMs", "clock needs skewMs, driftPpm or frozen", "skewMs 300000 is five minutes ahead");
  }
  return fault as unknown as Fault;
}

/**
 * Reads a fault from the words of a command line: `200ms`, `2s` and `5m` for times, `0.1` or `10%` for probabilities.
 *
 * @throws InputError naming the field and the way out
 */
export function faultFromWords(kind: string, words: FaultWords): Fault {
  const known = kindOf(kind);
  const { required, optional } = parametersOf(known);
  const parameters = { ...required, ...optional };
  const fault: Record<string, unknown> = { kind: known };
  for (const [name, text] of Object.entries(FAULTS[known].on === "link" ? asLink(words) : words)) {
    if (text === undefined) continue;
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    fault[name] = parameter === undefined ? text : fromText(name, parameter, text);
  }
  return parseFault(fault);
}

/** Reads how long something lasts, such as `500ms`, `30s`, `5m` or `1h`. @returns milliseconds @throws InputError */
export function parseDuration(text: string, field = "for"): number {
  const forMs = milliseconds(field, text);
  if (forMs >= 1 && forMs <= MAX_FOR_MS) return forMs;
  refuse(field, `${shown(text)} is not within a millisecond and a week`, "for example 30s");
}

/** A fault in words, such as `loss ohio<->ireland probability=0.1`. */
export function faultText({ kind, ...rest }: Fault): string {
  const named = Object.entries(rest).map(([name, value]) =>
    name === "node" || name === "link" ? String(value) : `${name}=${value}`,
  );
  return [kind, ...named].join(" ");
}

function kindOf(kind: unknown): FaultKind {
  if (typeof kind === "string" && isFaultKind(kind)) return kind;
  refuse("kind", `there is no fault ${shown(kind)}`, `there are ${Object.keys(FAULTS).join(", ")}`);
}

/** All parameters of a kind of fault: what it acts on first. */
export function parametersOf(kind: FaultKind): {
  readonly required: Readonly<Record<string, Parameter>>;
  readonly optional: Readonly<Record<string, Parameter>>;
} {
  const { on, needs = {}, takes = {} }: FaultForm = FAULTS[kind];
  if (on === "link") return { required: { link: { is: "link" }, ...needs }, optional: takes };
  if (on === "coordinator") return { required: needs, optional: { node: { is: "selector" }, ...takes } };
  return { required: { node: { is: "selector" }, ...needs }, optional: takes };
}

/** `--node` and `--from` with `--to` name links as well. */
function asLink({ node, from, to, link, ...rest }: FaultWords): FaultWords {
  const named = [link, node, from ?? to].filter((one) => one !== undefined);
  if (named.length > 1) refuse("link", "the link is named twice", "give link, or node, or from and to");
  if (from !== undefined || to !== undefined) return { link: `${from ?? "*"}->${to ?? "*"}`, ...rest };
  return { link: link ?? node, ...rest };
}

function fromText(name: string, parameter: Parameter, text: string): unknown {
  if (parameter.is === "milliseconds") return milliseconds(name, text);
  if (parameter.is === "number") return numeral(name, text);
  if (parameter.is === "true") return text === "true" ? true : text;
  if (parameter.is !== "probability") return text;
  return text.endsWith("%") ? numeral(name, text.slice(0, -1)) / 100 : numeral(name, text);
}

function milliseconds(name: string, text: string): number {
  const [, digits = "", unit = "ms"] = /^(-?\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  if (digits === "") refuse(name, `${shown(text)} is no time`, "for example 200ms, 30s or 5m");
  return Number(digits) * UNITS[unit as keyof typeof UNITS];
}

function numeral(name: string, text: string): number {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  refuse(name, `${shown(text)} is no number`);
}

function checked(name: string, parameter: Parameter, value: unknown): unknown {
  switch (parameter.is) {
    case "selector":
      return parseSelector(value, name);
    case "link":
      return parseLinkSelector(value, name);
    case "record":
      if (typeof value === "string" && /^[a-z][a-z-]{0,31}$/.test(value)) return value;
      return refuse(name, `${shown(value)} is no kind of record`, example(parameter));
    case "true":
      return value === true ? true : refuse(name, `${shown(value)} is not true`, "leave it out for no");
    case "probability":
      return inRange(name, value, { least: 0, most: 1 });
    case "milliseconds":
    case "number":
      return inRange(name, value, parameter);
  }
}

function inRange(name: string, value: unknown, bounds: { least: number; most: number; whole?: true }): number {
  const { least, most, whole } = bounds;
  const fits = typeof value === "number" && value >= least && value <= most;
  if (fits && (whole !== true || Number.isInteger(value))) return value;
  refuse(name, `${shown(value)} is not a ${whole ? "whole " : ""}number from ${least} to ${most}`);
}

function example(parameter: Parameter): string {
  switch (parameter.is) {
    case "selector":
      return "the name of a node, region:NAME, operator:NAME, coordinator, or *";
    case "link":
      return "for example ohio->ireland, ohio<->ireland, or ohio for all its links";
    case "record":
      return "for example share";
    case "probability":
      return "a number from 0 to 1, such as 0.1";
    case "milliseconds":
    case "number":
      return `a number from ${parameter.least} to ${parameter.most}`;
    case "true":
      return "true";
  }
}

function refuse(field: string, problem: string, hint?: string): never {
  const more = hint === undefined ? { field } : { field, hint };
  throw new InputError("invalid_input", `${field}: ${problem}`, more);
}
