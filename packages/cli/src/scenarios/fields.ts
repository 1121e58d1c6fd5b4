import { type FaultWords, parseDuration } from "@quorate/faults";
import { InputError } from "@quorate/orders";

/** The members of an object in a file. */
export type Members = Readonly<Record<string, unknown>>;

/** Refuses what stands at a place of a file. @param path such as `timeline[0].for` */
export function refuse(path: string, problem: string, hint?: string): never {
  throw new InputError("invalid_input", `${path}: ${problem}`, {
    field: path,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** An object with no other members than those. @throws InputError */
export function members(value: unknown, path: string, known: readonly string[]): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(path, `${shown(value)} is not a mapping`, `it has ${known.join(", ")}`);
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) refuse(inside(path, name), "there is no such field", `there are ${known.join(", ")}`);
  }
  return value as Members;
}

/** The path of a member. */
export function inside(path: string, name: string): string {
  return path === "the file" ? name : `${path}.${name}`;
}

/** A list, each of whose elements `read` reads. @throws InputError */
export function list<T>(value: unknown, path: string, read: (one: unknown, path: string) => T): readonly T[] {
  if (!Array.isArray(value)) refuse(path, `${shown(value)} is not a list`, "begin each element with a dash");
  if (value.length > MOST) refuse(path, `${value.length} elements`, `at most ${MOST}`);
  return value.map((one, at) => read(one, `${path}[${at}]`));
}

const MOST = 10_000;

export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

/** A number, also as text and in percent. @throws InputError */
export function number(value: unknown, path: string, { least, most, whole = false }: Bounds): number {
  const text = String(value);
  const given = /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) / 100 : value;
  const fits = typeof given === "number" && given >= least && given <= most && (!whole || Number.isInteger(given));
  if (fits) return given;
  refuse(path, `${shown(value)} is not a ${whole ? "whole " : ""}number from ${least} to ${most}`);
}

/** A time such as `5s`; 0 is one. @returns milliseconds @throws InputError */
export function time(value: unknown, path: string): number {
  if (value === 0 || value === "0" || value === "0s") return 0;
  if (typeof value === "string" && /^0(\.\d+)?ms$/.test(value)) return Number(value.slice(0, -2));
  if (typeof value !== "string") refuse(path, `${shown(value)} is no time`, "with its unit, such as 200ms, 30s or 5m");
  return parseDuration(value, path);
}

/** One of some words. @throws InputError */
export function oneOf<T extends string>(value: unknown, path: string, words: readonly T[]): T {
  const found = words.find((one) => one === value);
  return found ?? refuse(path, `${shown(value)} is none of them`, words.join(", "));
}

/** A text of some length. @throws InputError */
export function text(value: unknown, path: string, most = 200): string {
  if (typeof value === "string" && value.length > 0 && value.length <= most) return value;
  refuse(path, `${shown(value)} is not a text of 1 to ${most} characters`);
}

/** What a fault has besides when it is, as words. @throws InputError */
export function words(given: Members, path: string): FaultWords {
  const entries = Object.entries(given).map(([name, value]) => {
    if (["string", "number", "boolean"].includes(typeof value)) return [name, String(value)];
    return refuse(inside(path, name), `${shown(value)} is not a word`);
  });
  return Object.fromEntries(entries) as FaultWords;
}

/** Reads with a room's own reader, and says where in the file it refuses. @throws InputError */
export function at<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [, field = "", problem = error.message] = /^([\w-]+): (.*)$/s.exec(error.message) ?? [];
    return refuse(field === "" ? path : inside(path, field), problem, error.hint);
  }
}

/** What was given, shortened: it may be anything. */
export function shown(value: unknown): string {
  const whole = JSON.stringify(value) ?? String(value);
  return whole.length > 80 ? `${whole.slice(0, 80)}...` : whole;
}
