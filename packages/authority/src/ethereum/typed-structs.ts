import { InputError } from "@quorate/orders";

/** A member of a struct of EIP-712. */
export interface Member {
  readonly name: string;
  readonly type: string;
}

/** Structs by name. */
export type Structs = ReadonlyMap<string, readonly Member[]>;

/** A type, understood. */
export type TypeForm =
  | { readonly kind: "array"; readonly item: string; readonly length: number | undefined }
  | { readonly kind: "struct"; readonly members: readonly Member[] }
  | { readonly kind: "integer"; readonly signed: boolean; readonly bits: number }
  | { readonly kind: "bytes"; readonly length: number | undefined }
  | { readonly kind: "address" | "bool" | "string" };

/** Far above what is in use. Each struct's hash covers the text of all that it refers to, so that both bound the work. */
export const MAX_STRUCTS = 32;
export const MAX_TYPES_LENGTH = 8192;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Types of Solidity, also those that EIP-712 leaves out: no struct is called so. */
const RESERVED = /^(address|bool|string|function|bytes[0-9]*|u?int[0-9]*|u?fixed[0-9x]*)$/;
const TYPE = /^[^[\]]+(\[([1-9][0-9]{0,4})?\]){0,4}$/;
const ARRAY = /^(.+)\[(|[1-9][0-9]{0,4})\]$/;
const SIZED = /^(bytes|uint|int)([1-9][0-9]{0,2})$/;

/** @param field what is wrong, such as `message.from.wallet` */
export function refuse(field: string, problem: string, hint: string): never {
  const at = field.length > 100 ? `${field.slice(0, 100)}...` : field;
  throw new InputError("invalid_input", `${at}: ${problem}`, { field: at, hint });
}

/** A JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @returns undefined for what is no type */
export function formOf(type: string, structs: Structs): TypeForm | undefined {
  const members = structs.get(type);
  if (members !== undefined) return { kind: "struct", members };
  if (type === "address" || type === "bool" || type === "string") return { kind: type };
  if (type === "bytes") return { kind: "bytes", length: undefined };
  const [, item, length] = ARRAY.exec(type) ?? [];
  if (item !== undefined) return { kind: "array", item, length: length === "" ? undefined : Number(length) };
  const [, name, digits] = SIZED.exec(type) ?? [];
  const size = Number(digits);
  if (name === "bytes") return size <= 32 ? { kind: "bytes", length: size } : undefined;
  if (name === undefined || size > 256 || size % 8 !== 0) return undefined;
  return { kind: "integer", signed: name === "int", bits: size };
}

/** The type of what an array holds in the end; any other type itself. */
export function elementOf(type: string): string {
  return type.replace(/\[.*$/, "");
}

function readMember(value: unknown, field: string): Member {
  const hint = '{ "name": "wallet", "type": "address" }, and nothing more';
  if (!isRecord(value) || Object.keys(value).length !== 2) return refuse(field, "is no member of a struct", hint);
  const { name, type } = value;
  if (typeof name !== "string" || !NAME.test(name)) return refuse(`${field}.name`, "is no name", hint);
  if (typeof type !== "string") return refuse(`${field}.type`, "is not text", hint);
  return { name, type };
}

function readStruct(name: string, value: unknown): readonly Member[] {
  const field = `types.${name}`;
  if (!NAME.test(name) || RESERVED.test(name)) refuse(field, "cannot be the name of a struct", "rename it");
  if (!Array.isArray(value)) return refuse(field, "is no list", "give the members of the struct in order");
  const members = value.map((member: unknown, at) => readMember(member, `${field}[${at}]`));
  if (new Set(members.map((member) => member.name)).size < members.length) {
    refuse(field, "has two members of one name", "name each differently");
  }
  return members;
}

function checkTypes(structs: Structs): void {
  for (const [name, members] of structs) {
    for (const [at, { type }] of members.entries()) {
      if (TYPE.test(type) && formOf(elementOf(type), structs) !== undefined) continue;
      refuse(
        `types.${name}[${at}].type`,
        "is neither a type of EIP-712 nor a struct in types",
        "such as bool, address, string, bytes, bytes32, uint256, or a struct; [] behind it for a list, 4 times at most",
      );
    }
  }
}

/**
 * Checks the `types` of a piece of typed data.
 *
 * @throws InputError
 */
export function readStructs(types: Readonly<Record<string, unknown>>): Structs {
  const entries = Object.entries(types);
  if (entries.length > MAX_STRUCTS) refuse("types", `${entries.length} structs`, `give at most ${MAX_STRUCTS}`);
  const structs = new Map(entries.map(([name, members]) => [name, readStruct(name, members)]));
  const names = [...structs].flatMap(([name, members]) => [name, ...members.flatMap((one) => [one.name, one.type])]);
  if (names.join(" ").length > MAX_TYPES_LENGTH) {
    refuse("types", "is too long", `at most ${MAX_TYPES_LENGTH} characters`);
  }
  checkTypes(structs);
  return structs;
}
