import { refuseArgument } from "../exit.ts";

/** A JSON object of a file. */
export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const DIGITS = /^(0|[1-9][0-9]{0,77}|0x[0-9a-fA-F]{1,64})$/;

/** Reads the fields of a JSON object that an argument names a file of, and says which field is wrong. */
export class JsonFields {
  readonly #argument: string;
  readonly #object: JsonRecord;
  readonly #at: string;

  /** @param at where the object stands in the file, such as `accessList[0].`; empty for the file itself */
  constructor(argument: string, object: JsonRecord, at = "") {
    this.#argument = argument;
    this.#object = object;
    this.#at = at;
  }

  has(name: string): boolean {
    return this.#object[name] !== undefined;
  }

  get(name: string): unknown {
    return this.#object[name];
  }

  /** @throws CliError with exit code 2 */
  refuse(name: string, problem: string, hint: string): never {
    return refuseArgument(this.#argument, `${this.#at}${name} ${problem}`, hint);
  }

  /** Refuses fields that are not among `known`: what is not understood would not be signed. */
  only(known: readonly string[]): void {
    const stranger = Object.keys(this.#object).find((name) => !known.includes(name));
    if (stranger !== undefined) this.refuse(stranger, "is no field of it", `it takes ${known.join(", ")}`);
  }

  /** A whole number: a JSON number, or decimal or 0x-hex digits as text. @param usual where it may be left out */
  quantity(name: string, most: bigint, usual?: bigint): bigint {
    const value = this.#object[name];
    const hint = 'a whole number such as 21000, "21000" or "0x5208"; large ones in quotes';
    if (value === undefined) return usual ?? this.refuse(name, "is missing", hint);
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
      return this.refuse(name, `is ${value}, which JSON does not hold exactly or is no whole number`, hint);
    }
    const isWritten = typeof value === "string" ? DIGITS.test(value) : typeof value === "number" && value >= 0;
    if (!isWritten) return this.refuse(name, "is no whole number from 0 on", hint);
    const quantity = BigInt(value as string | number);
    return quantity <= most ? quantity : this.refuse(name, `is above ${most}`, hint);
  }

  /** Bytes as 0x-hex. @param length exactly so many; any if left out */
  hex(name: string, length?: number): `0x${string}` {
    const value = this.#object[name];
    if (!isHex(value)) return this.refuse(name, "is not hex", "0x and two hex digits a byte");
    const given = value.length / 2 - 1;
    if (length === undefined || given === length) return value;
    return this.refuse(name, `has ${given} bytes where ${length} belong`, "0x and two hex digits a byte");
  }
}

function isHex(value: unknown): value is `0x${string}` {
  return typeof value === "string" && /^0x([0-9a-fA-F]{2})*$/.test(value);
}
