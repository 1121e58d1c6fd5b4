import { unhex } from "@quorate/orders";
import * as TypedData from "ox/TypedData";
import type { Derived } from "../derived.ts";
import { elementOf, type Member, readStructs, refuse, type Structs } from "./typed-structs.ts";
import { ValueReader } from "./typed-value.ts";

/** Typed data as a request carries it: JSON objects whose members are not checked yet. */
export interface TypedDataRequest {
  readonly types: Readonly<Record<string, unknown>>;
  readonly domain: Readonly<Record<string, unknown>>;
  readonly message: Readonly<Record<string, unknown>>;
  readonly primaryType?: string | undefined;
}

const DOMAIN = "EIP712Domain";
/** What a domain may say, in the order of the standard; it has those that are given. */
const DOMAIN_MEMBERS: readonly Member[] = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
  { name: "salt", type: "bytes32" },
];

/** The struct that is signed: the one asked for, or the one that no other struct has a member of. */
function primaryTypeOf(structs: Structs, asked: string | undefined): string {
  const names = [...structs.keys()].filter((name) => name !== DOMAIN);
  if (asked !== undefined) {
    if (names.includes(asked)) return asked;
    return refuse("primaryType", "is no struct in types", `one of ${names.join(", ").slice(0, 200)}`);
  }
  const used = new Set(
    [...structs].flatMap(([name, members]) => members.map(({ type }) => elementOf(type)).filter((one) => one !== name)),
  );
  const [only, another] = names.filter((name) => !used.has(name));
  if (only !== undefined && another === undefined) return only;
  return refuse(
    "primaryType",
    only === undefined
      ? "which struct is signed cannot be told"
      : `which is signed, ${only} or ${another}, cannot be told`.slice(0, 200),
    "add primaryType with the name of the struct, or leave out structs that nothing uses",
  );
}

/**
 * Typed data of Ethereum (EIP-712): the digest of the domain and the message. Types, domain and message have to fit one another
 * exactly, with nothing missing and nothing to spare.
 *
 * @throws InputError
 */
export function deriveTypedData({ types, domain, message, primaryType: asked }: TypedDataRequest): Derived {
  const structs = readStructs(types);
  const primaryType = primaryTypeOf(structs, asked);
  const domainMembers = structs.get(DOMAIN) ?? DOMAIN_MEMBERS.filter(({ name }) => Object.hasOwn(domain, name));
  const reader = new ValueReader(structs);
  const digest = TypedData.getSignPayload<Record<string, unknown>, string>({
    types: { ...Object.fromEntries(structs), [DOMAIN]: domainMembers },
    primaryType,
    domain: reader.struct(domainMembers, domain, "domain"),
    message: reader.struct(structs.get(primaryType)!, message, "message"),
  });
  return { items: [{ message: unhex(digest.slice(2)), merkleRoot: null, prehashed: false }], encoding: "evm" };
}
