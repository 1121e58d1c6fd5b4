import { H } from "@quorate/curves";
import type { Organisation } from "./state.ts";

/** The form of the state: another one is not read. To be raised whenever `Organisation`, or what is in it, changes its members. */
const FORM = 3;
/** A piece is ended once it has so many characters. */
const PIECE_CHARACTERS = 1 << 20;

/** Of one entry of a map: the map's name, key, value, and which members of the value are maps themselves. */
type Line = readonly [map: string, key: string, value: unknown, maps?: readonly string[]];

/** What is no map, and the names of the maps. */
interface First {
  readonly form: number;
  readonly plain: Readonly<Record<string, unknown>>;
  readonly maps: readonly string[];
}

/**
 * The state of a log as bytes, in pieces of at most some megabytes, of which none is large only because the organisation is. The same
 * records give the same pieces.
 */
export function encodeSnapshot(organisation: Organisation): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let lines: string[] = [];
  let length = 0;
  const end = () => {
    pieces.push(new TextEncoder().encode(`[${lines.join(",")}]`));
    lines = [];
    length = 0;
  };
  const add = (line: First | Line) => {
    const text = JSON.stringify(line);
    lines.push(text);
    length += text.length;
    if (length >= PIECE_CHARACTERS) end();
  };
  const members = Object.entries(organisation);
  const maps = members.filter((one): one is [string, Map<string, unknown>] => one[1] instanceof Map);
  const plain = Object.fromEntries(members.filter(([, value]) => !(value instanceof Map)));
  add({ form: FORM, plain, maps: maps.map(([name]) => name) });
  for (const [name, map] of maps) for (const [key, value] of map) add(lineOf(name, key, value));
  if (lines.length > 0) end();
  return pieces;
}

function lineOf(map: string, key: string, value: unknown): Line {
  if (typeof value !== "object" || value === null) return [map, key, value];
  const inner = Object.entries(value).filter(([, one]) => one instanceof Map);
  if (inner.length === 0) return [map, key, value];
  const entries = inner.map(([name, one]) => [name, [...(one as Map<string, unknown>)]]);
  return [map, key, { ...value, ...Object.fromEntries(entries) }, inner.map(([name]) => name)];
}

/** Reads what `encodeSnapshot` wrote. Its maker is to be trusted: nothing in it is checked. @throws Error at another form */
export function decodeSnapshot(pieces: readonly Uint8Array[]): Organisation {
  let state: Record<string, unknown> | undefined;
  for (const piece of pieces) {
    for (const line of JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(piece)) as (First | Line)[]) {
      if (!Array.isArray(line)) state = begin(line as First);
      else put(state, line as unknown as Line);
    }
  }
  if (state === undefined) throw new Error("a snapshot without a beginning");
  return state as unknown as Organisation;
}

function begin({ form, plain, maps }: First): Record<string, unknown> {
  if (form !== FORM) throw new Error(`a snapshot of form ${form}, known is ${FORM}`);
  return { ...plain, ...Object.fromEntries(maps.map((name) => [name, new Map()])) };
}

function put(state: Record<string, unknown> | undefined, [map, key, value, inner]: Line): void {
  const into = state?.[map];
  if (!(into instanceof Map)) throw new Error(`a snapshot with an entry of ${map}, which is no map of it`);
  for (const name of inner ?? []) {
    const members = value as Record<string, unknown>;
    members[name] = new Map(members[name] as [string, unknown][]);
  }
  into.set(key, value);
}

/** Names a snapshot. 32 bytes. */
export function snapshotDigest(pieces: readonly Uint8Array[]): Uint8Array {
  return H("authority/v1", "snapshot", ...pieces.map((piece) => H("authority/v1", "snapshot-piece", piece)));
}
