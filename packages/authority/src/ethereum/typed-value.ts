import * as Address from "ox/Address";
import { formOf, isRecord, type Member, refuse, type Structs, type TypeForm } from "./typed-structs.ts";

/** The deepest nesting of structs and arrays, and the most values of all kinds. */
export const MAX_VALUE_DEPTH = 16;
export const MAX_VALUES = 4096;

/** At most the 78 digits of 2^256. */
const INTEGER = /^(-?(0|[1-9][0-9]{0,77})|0x[0-9a-fA-F]{1,64})$/;
const HEX = /^0x([0-9a-fA-F]{2})*$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

function readInteger(value: unknown, { signed, bits }: TypeForm & { kind: "integer" }, field: string): bigint {
  const type = `${signed ? "" : "u"}int${bits}`;
  const hint = "a whole number, or text with its decimal digits, or with its hex digits behind 0x";
  const isWritten = typeof value === "string" && INTEGER.test(value);
  if (!isWritten && !(typeof value === "number" && Number.isSafeInteger(value))) {
    return refuse(field, `is no ${type}`, hint);
  }
  const integer = BigInt(value);
  const [least, beyond] = signed ? [-(1n << BigInt(bits - 1)), 1n << BigInt(bits - 1)] : [0n, 1n << BigInt(bits)];
  if (integer < least || integer >= beyond) refuse(field, `does not fit in ${type}`, hint);
  return integer;
}

function readBytes(value: unknown, { length }: TypeForm & { kind: "bytes" }, field: string): string {
  const hint = "0x and two hex digits a byte";
  if (typeof value !== "string" || !HEX.test(value)) return refuse(field, "is not hex", hint);
  const given = value.length / 2 - 1;
  return length === undefined || given === length
    ? value
    : refuse(field, `${given} bytes where ${length} belong`, hint);
}

function readAddress(value: unknown, field: string): string {
  const hint = "0x and 40 hex digits, in lower case or with the checksum of EIP-55";
  if (typeof value !== "string" || !ADDRESS.test(value)) return refuse(field, "is no address", hint);
  if (value !== value.toLowerCase() && value !== Address.checksum(value)) {
    refuse(field, "has a wrong checksum: a digit may be mistyped", hint);
  }
  return value;
}

/** Reads the values of one piece of typed data, whose structs are checked. */
export class ValueReader {
  readonly #structs: Structs;
  #left = MAX_VALUES;

  constructor(structs: Structs) {
    this.#structs = structs;
  }

  /**
   * The members of a struct: all of them, and nothing that its type does not have, since that would not be signed.
   *
   * @param field where it stands, such as `message.from`
   * @returns what the encoder takes, integers as bigint
   * @throws InputError
   */
  struct(members: readonly Member[], value: unknown, field: string, depth = 0): Readonly<Record<string, unknown>> {
    if (!isRecord(value)) return refuse(field, "is no object", "give its members");
    const extra = Object.keys(value).find((name) => !members.some((member) => member.name === name));
    if (extra !== undefined) {
      refuse(`${field}.${extra}`, "is not in types and would not be signed", "leave it out, or add it to types");
    }
    const entries = members.map(({ name, type }) => {
      const at = `${field}.${name}`;
      if (!Object.hasOwn(value, name)) return refuse(at, "is missing", `it is a ${type.slice(0, 50)}`);
      return [name, this.#read(type, value[name], at, depth + 1)] as const;
    });
    return Object.fromEntries(entries);
  }

  #read(type: string, value: unknown, field: string, depth: number): unknown {
    if (depth > MAX_VALUE_DEPTH) refuse(field, "is nested too deep", `at most ${MAX_VALUE_DEPTH} levels`);
    if (this.#left-- === 0) refuse(field, "comes after too many values", `at most ${MAX_VALUES} in all`);
    const form = formOf(type, this.#structs)!; // readStructs has seen to that
    switch (form.kind) {
      case "array":
        return this.#array(form, value, field, depth);
      case "struct":
        return this.struct(form.members, value, field, depth);
      case "integer":
        return readInteger(value, form, field);
      case "bytes":
        return readBytes(value, form, field);
      case "address":
        return readAddress(value, field);
      case "bool":
        return typeof value === "boolean" ? value : refuse(field, "is no bool", "true or false, without quotes");
      case "string":
        if (typeof value === "string" && value.isWellFormed()) return value;
        return refuse(field, "is no text", "text in quotes, without half surrogate pairs");
    }
  }

  #array({ item, length }: TypeForm & { kind: "array" }, value: unknown, field: string, depth: number): unknown[] {
    if (!Array.isArray(value)) return refuse(field, "is no list", "give its elements in [ ]");
    if (length !== undefined && value.length !== length) {
      refuse(field, `${value.length} elements where ${length} belong`, "give exactly as many");
    }
    return Array.from(value, (one: unknown, at) => this.#read(item, one, `${field}[${at}]`, depth + 1));
  }
}
