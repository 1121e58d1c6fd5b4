import { hex, InputError } from "@quorate/orders";
import fc from "fast-check";
import { getAddress, hashTypedData, keccak256, recoverTypedDataAddress, stringToHex } from "viem";
import { describe, expect, it } from "vitest";
import { deriveDigests } from "../derive.ts";
import { assemble } from "../finish.ts";
import { ecdsaPair } from "../testing/keys.ts";
import { evmAddress } from "./address.ts";
import { deriveTypedData, type TypedDataRequest } from "./typed-data.ts";
import { MAX_STRUCTS, MAX_TYPES_LENGTH } from "./typed-structs.ts";
import { MAX_VALUE_DEPTH, MAX_VALUES } from "./typed-value.ts";

const digest = (request: TypedDataRequest): string => `0x${hex(deriveTypedData(request).items[0]!.message)}`;

/** The example of EIP-712, whose key is the hash of "cow". */
const cow = ecdsaPair(Buffer.from(keccak256(stringToHex("cow")).slice(2), "hex"));
const EIP712Domain = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
] as const;
const types = {
  Person: [
    { name: "name", type: "string" },
    { name: "wallet", type: "address" },
  ],
  Mail: [
    { name: "from", type: "Person" },
    { name: "to", type: "Person" },
    { name: "contents", type: "string" },
  ],
} as const;
const domain = {
  name: "Ether Mail",
  version: "1",
  chainId: 1,
  verifyingContract: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
} as const;
const message = {
  from: { name: "Cow", wallet: "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826" },
  to: { name: "Bob", wallet: "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB" },
  contents: "Hello, Bob!",
} as const;
const MAIL: TypedDataRequest = { types, domain, message };
const DIGEST = "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2";

/** Typed data with one struct, of one member `a`. */
const one = (type: string, a: unknown): TypedDataRequest => ({
  types: { One: [{ name: "a", type }] },
  domain: {},
  message: { a },
});

describe("typed data", () => {
  it("of EIP-712's example has its digest, however the domain's type and the signed struct are said", () => {
    for (const given of [MAIL, { ...MAIL, types: { EIP712Domain, ...types } }, { ...MAIL, primaryType: "Mail" }]) {
      expect(digest(given)).toBe(DIGEST);
    }
  });

  it("of EIP-712's example gives its signature", async () => {
    const body = { kind: "Eip712", types, domain, message };
    const { signature, signedData } = assemble(body, cow.key, [cow.sign(Buffer.from(DIGEST.slice(2), "hex"))]);
    const r = "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d";
    const s = "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562";
    expect(signature).toEqual({ r: `0x${r}`, s: `0x${s}`, recid: 1, encoded: `0x${r}${s}1c` });
    expect(signedData).toBeUndefined();
    const encoded = signature!.encoded as `0x${string}`;
    expect(await recoverTypedDataAddress({ types, domain, message, primaryType: "Mail", signature: encoded })).toBe(
      evmAddress(cow.key.publicKey),
    );
  });

  it("has a domain of exactly what is given, be it empty text or nothing", () => {
    const salt = `0x${"5a".repeat(32)}` as const;
    const members = { name: "", version: "", chainId: 0, verifyingContract: domain.verifyingContract, salt } as const;
    const asTypes = [...EIP712Domain, { name: "salt", type: "bytes32" }] as const;
    for (const { name: left } of [{ name: "none" }, ...asTypes]) {
      const some = Object.fromEntries(Object.entries(members).filter(([name]) => name !== left));
      const its = asTypes.filter(({ name }) => name !== left);
      expect(digest({ ...MAIL, domain: some }), left).toBe(
        hashTypedData({ types: { EIP712Domain: its, ...types }, domain: some, message, primaryType: "Mail" } as never),
      );
    }
    expect(digest({ ...MAIL, domain: {} })).toBe(
      hashTypedData({ types: { EIP712Domain: [], ...types }, domain: {}, message, primaryType: "Mail" }),
    );
  });

  it("takes one number in all its spellings", () => {
    const spellings = [255, "255", "0xff", "0xFF", "0x00ff"];
    expect(new Set(spellings.map((a) => digest(one("uint8", a)))).size).toBe(1);
    expect(digest(one("int8", "-128"))).toBe(digest(one("int8", -128)));
    expect(digest({ ...MAIL, domain: { ...domain, chainId: "0x1" } })).toBe(DIGEST);
  });

  it("may refer to itself, and to structs that nothing else uses once it is said what is signed", () => {
    const tree = { types: { Node: [{ name: "children", type: "Node[]" }] }, domain: {} };
    const leaf = { children: [] };
    const given = { ...tree, message: { children: [leaf, { children: [leaf] }] } };
    const EIP712Domain: never[] = [];
    expect(digest(given)).toBe(
      hashTypedData({ ...given, types: { EIP712Domain, ...given.types }, primaryType: "Node" } as never),
    );
    const spare = { ...MAIL, types: { ...types, Spare: [{ name: "a", type: "Spare[]" }] } };
    expect(() => digest(spare)).toThrow(/which is signed, Mail or Spare, cannot be told/);
    expect(digest({ ...spare, primaryType: "Mail" })).toBe(DIGEST);
  });

  it("may have members with the names of what every object has", () => {
    const names = ["constructor", "toString", "__proto__", "hasOwnProperty", "length"];
    const Odd = names.map((name) => ({ name, type: "string" }));
    const given = Object.fromEntries(names.map((name) => [name, name]));
    const text = JSON.stringify({ types: { Odd }, domain: {}, message: given });
    expect(text).toContain('"__proto__":"__proto__"');
    const first = digest(JSON.parse(text));
    for (const name of names) {
      const changed = JSON.parse(text.replace(`"${name}":"${name}"`, `"${name}":"other"`));
      expect(digest(changed), name).not.toBe(first);
    }
  });
});

/** A value as JSON has it, and as viem takes it. */
type Both = readonly [json: unknown, viem: unknown];
type Gen = fc.GeneratorValue;

const ATOMS = [
  "address",
  "bool",
  "string",
  "bytes",
  "bytes1",
  "bytes31",
  "bytes32",
  "uint8",
  "uint256",
  "int8",
  "int256",
];
const hexOf = (gen: Gen, length: number) =>
  `0x${hex(gen(fc.uint8Array, { minLength: length, maxLength: length }))}` as `0x${string}`;

function atom(gen: Gen, type: string): Both {
  const [, name, digits] = /^([a-z]+)([0-9]*)$/.exec(type)!;
  if (name === "int" || name === "uint") {
    const bits = BigInt(digits!);
    const min = name === "int" ? -(1n << (bits - 1n)) : 0n;
    const value = gen(fc.bigInt, { min, max: min + (1n << bits) - 1n });
    return [gen(fc.boolean) || value < 0n ? value.toString() : `0x${value.toString(16)}`, value];
  }
  const plain = (value: unknown): Both => [value, value];
  if (name === "bool") return plain(gen(fc.boolean));
  if (name === "string") return plain(gen(fc.string, { unit: "grapheme" }));
  if (name === "address") return plain(getAddress(hexOf(gen, 20)));
  return plain(hexOf(gen, digits === "" ? gen(fc.nat, { max: 70 }) : Number(digits)));
}

function valueIn(gen: Gen, structs: Record<string, { name: string; type: string }[]>, type: string): Both {
  const [, item, length] = /^(.+)\[([0-9]*)\]$/.exec(type) ?? [];
  if (item !== undefined) {
    const count = length === "" ? gen(fc.nat, { max: 3 }) : Number(length);
    const values = Array.from({ length: count }, () => valueIn(gen, structs, item));
    return [values.map(([json]) => json), values.map(([, viem]) => viem)];
  }
  const members = structs[type];
  if (members === undefined) return atom(gen, type);
  const entries = members.map((member) => [member.name, valueIn(gen, structs, member.type)] as const);
  const side = (which: 0 | 1) => Object.fromEntries(entries.map(([name, both]) => [name, both[which]]));
  return [side(0), side(1)];
}

/** Structs that refer to later ones only; the first uses all of them. */
function structsOf(gen: Gen): Record<string, { name: string; type: string }[]> {
  const names = ["Zero", "Alpha", "_beta"].slice(0, 1 + gen(fc.nat, { max: 2 }));
  return Object.fromEntries(
    names.map((name, at) => {
      const later = names.slice(at + 1);
      const some = Array.from({ length: gen(fc.nat, { max: 4 }) }, () => gen(fc.constantFrom, ...ATOMS, ...later));
      const all = [...some, ...(at === 0 ? later : [])].map((type, member) => ({
        name: `m${member}`,
        type: type + gen(fc.constantFrom, "", "", "[]", "[2]", "[][1]"),
      }));
      return [name, all];
    }),
  );
}

describe("any typed data", () => {
  it("has the digest of viem", () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        const structs = structsOf(gen);
        const [json, viem] = valueIn(gen, structs, "Zero");
        const given = { types: structs, domain, message: JSON.parse(JSON.stringify(json)) };
        const theirs = { types: { EIP712Domain, ...structs }, domain, message: viem, primaryType: "Zero" };
        expect(digest(given)).toBe(hashTypedData(theirs as never));
      }),
      { numRuns: 150 },
    );
  });

  it("that is damaged is refused with an InputError, or signs something else", () => {
    const whole = JSON.stringify({ types, domain, message });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.constantFrom(..."[]{},:\"0a1'[x"), (at, put) => {
        const text = whole.slice(0, at) + put + whole.slice(at + 1);
        try {
          const signed = deriveDigests({ kind: "Eip712", ...JSON.parse(text) }, cow.key).items[0]!.message;
          expect(`0x${hex(signed)}` === DIGEST, text).toBe(text === whole);
        } catch (error) {
          if (!(error instanceof SyntaxError)) expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("made of anything is refused with nothing but an InputError", () => {
    const type = fc.oneof(
      fc.constantFrom("uint256", "A", "B[]", "A[2][]", "string", "bytes4", "toString"),
      fc.string(),
    );
    const members = fc.array(fc.record({ name: fc.constantFrom("a", "b", "__proto__"), type }), { maxLength: 3 });
    const structs = fc.record({ A: members, B: members, EIP712Domain: members }, { requiredKeys: [] });
    const record = fc.dictionary(fc.constantFrom("a", "b", "__proto__", "name"), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.oneof(structs, fc.dictionary(fc.string(), fc.jsonValue())),
        record,
        record,
        fc.option(fc.constantFrom("A", "B", "EIP712Domain", "constructor"), { nil: undefined }),
        (some, its, said, primaryType) => {
          try {
            expect(digest({ types: some, domain: its, message: said, primaryType })).toMatch(/^0x[0-9a-f]{64}$/);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function refusal(request: TypedDataRequest): InputError {
  try {
    deriveTypedData(request);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("a value is refused", () => {
  it.each<[string, unknown]>([
    ["uint8", 256],
    ["uint8", "0x100"],
    ["uint8", -1],
    ["uint8", "-1"],
    ["int8", 128],
    ["int8", -129],
    ["uint256", `0x1${"0".repeat(64)}`],
    ["uint256", (2n ** 256n).toString()],
    ["uint256", "9".repeat(10_000)],
    ["uint256", 2 ** 53],
    ["uint256", 1.5],
    ["uint256", ""],
    ["uint256", " 1"],
    ["uint256", "01"],
    ["uint256", "1e3"],
    ["uint256", "0b1"],
    ["uint256", "-0x1"],
    ["uint256", true],
    ["uint256", [1]],
    ["uint256", null],
    ["bool", "true"],
    ["bool", 1],
    ["bool", null],
    ["string", 5],
    ["string", null],
    ["string", "\ud800"],
    ["bytes", "0x0"],
    ["bytes", "00"],
    ["bytes", "0xzz"],
    ["bytes", [0]],
    ["bytes4", "0x000000"],
    ["bytes4", "0x0000000000"],
    ["address", "0x00"],
    ["address", "CD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"],
    ["address", 0],
    ["address", null],
    ["uint8[]", 5],
    ["uint8[]", { 0: 1, length: 1 }],
    ["uint8[2]", [1]],
    ["uint8[2]", [1, 2, 3]],
    ["One[]", [5]],
    ["One[]", [null]],
    ["One[]", [[]]],
    ["One[]", [{}]],
  ])("%s: %o", (type, value) => {
    const error = refusal(one(type, value));
    expect(error).toMatchObject({ code: "invalid_input", field: expect.stringMatching(/^message\.a/) });
    expect(error.message.length).toBeLessThan(300);
    expect(error.hint).toBeTruthy();
  });

  it("that is an address with a wrong checksum; lower case has none", () => {
    const right = "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826";
    expect(digest(one("address", right))).toBe(digest(one("address", right.toLowerCase())));
    expect(refusal(one("address", right.replace("D2", "d2"))).message).toContain("wrong checksum");
    expect(refusal(one("address", `0x${right.slice(2).toUpperCase()}`)).message).toContain("wrong checksum");
  });

  it.each([
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
  ])("not, where it is an address of EIP-55's examples: %s", (given) => {
    expect(digest(one("address", given))).toBe(digest(one("address", given.toLowerCase())));
  });

  it("that its type does not have, since it would not be signed, or that is missing", () => {
    expect(refusal({ ...MAIL, message: { ...message, bcc: "Eve" } })).toMatchObject({ field: "message.bcc" });
    expect(refusal({ ...MAIL, domain: { ...domain, owner: "Eve" } })).toMatchObject({ field: "domain.owner" });
    const { contents: _, ...rest } = message;
    expect(refusal({ ...MAIL, message: rest })).toMatchObject({ field: "message.contents" });
    expect(refusal({ ...MAIL, types: { EIP712Domain, ...types }, domain: { name: "Ether Mail" } }).field).toBe(
      "domain.version",
    );
    expect(refusal({ ...MAIL, message: { ...message, from: { name: "Cow" } } }).field).toBe("message.from.wallet");
    expect(refusal({ ...MAIL, domain: { ...domain, chainId: null } }).field).toBe("domain.chainId");
  });

  it("that every object has, where it is not given", () => {
    const inherited = { One: [{ name: "__proto__", type: "Empty" }], Empty: [] };
    expect(refusal({ types: inherited, domain: {}, message: {} })).toMatchObject({ field: "message.__proto__" });
    const given: Record<string, unknown> = JSON.parse('{"__proto__":{}}');
    expect(digest({ types: inherited, domain: {}, message: given })).toBeTruthy();
  });

  it("with too many values, nested too deep, or named at length", () => {
    expect(digest(one("uint8[]", new Array(MAX_VALUES - 1).fill(0)))).toBeTruthy();
    expect(refusal(one("uint8[]", new Array(MAX_VALUES).fill(0))).message).toContain("too many values");
    const nest = (levels: number): unknown => (levels === 0 ? [] : [{ a: nest(levels - 1) }]);
    expect(digest(one("One[]", nest(MAX_VALUE_DEPTH / 2 - 1)))).toBeTruthy();
    expect(refusal(one("One[]", nest(MAX_VALUE_DEPTH / 2))).message).toContain("nested too deep");
    const error = refusal({ ...MAIL, message: { ...message, ["x".repeat(10_000)]: 1 } });
    expect([error.message.length, error.field!.length].every((length) => length < 200)).toBe(true);
  });
});

describe("types are refused", () => {
  it.each([
    "uint",
    "int",
    "uint0",
    "uint7",
    "uint264",
    "int512",
    "uint08",
    "bytes0",
    "bytes33",
    "fixed128x18",
    "function",
    "",
    "Missing",
    "toString",
    "constructor",
    "__proto__",
    "EIP712Domain",
    "uint256 b,address",
    "One,",
    "One)",
    "One[0]",
    "One[",
    "One]",
    "One[-1]",
    "One[01]",
    "[]",
    "uint8[][][][][]",
    "uint8[100000]",
    " uint8",
    "mapping(address=>bool)",
  ])("a member of type %o", (type) => {
    expect(refusal(one(type, 1))).toMatchObject({ code: "invalid_input", field: "types.One[0].type" });
  });

  it.each([
    "uint256",
    "uint",
    "address",
    "bool",
    "string",
    "bytes",
    "bytes32",
    "function",
    "fixed",
    "",
    "1a",
    "a b",
    "A$",
    "a,b",
    "Ä",
  ])("a struct called %o", (name) => {
    const error = refusal({ ...MAIL, types: { ...types, [name]: [] }, primaryType: "Mail" });
    expect(error).toMatchObject({ field: `types.${name}` });
  });

  it.each<[string, unknown]>([
    ["no list", {}],
    ["text", "Person"],
    ["null", null],
    ["a member that is text", ["uint8 a"]],
    ["a member that is null", [null]],
    ["a member without type", [{ name: "a" }]],
    ["a member with more", [{ name: "a", type: "uint8", indexed: true }]],
    ["a member without name", [{ name: "", type: "uint8" }]],
    ["a name with a comma", [{ name: "a,uint8 b", type: "uint8" }]],
    ["a name that is no text", [{ name: 1, type: "uint8" }]],
    ["a type that is no text", [{ name: "a", type: 1 }]],
    [
      "two members of one name",
      [
        { name: "a", type: "uint8" },
        { name: "a", type: "bool" },
      ],
    ],
  ])("a struct that is %s", (_, struct) => {
    expect(refusal({ types: { One: struct }, domain: {}, message: {} }).field).toMatch(/^types\.One/);
  });

  it("too many of them, or too long", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`S${at}`, []] as const));
    const request = { domain: {}, message: {}, primaryType: "S0" };
    expect(digest({ ...request, types: many(MAX_STRUCTS) })).toBeTruthy();
    expect(refusal({ ...request, types: many(MAX_STRUCTS + 1) }).field).toBe("types");
    const long = (length: number) => ({ S0: [], S1: [{ name: "x".repeat(length), type: "S0" }] });
    expect(digest({ ...request, types: long(MAX_TYPES_LENGTH - 20) })).toBeTruthy();
    expect(refusal({ ...request, types: long(MAX_TYPES_LENGTH) }).field).toBe("types");
  });

  it("that do not say what is signed", () => {
    expect(refusal({ ...MAIL, types: {} }).field).toBe("primaryType");
    expect(refusal({ ...MAIL, types: { EIP712Domain } }).field).toBe("primaryType");
    for (const primaryType of ["Male", "EIP712Domain", "toString"]) {
      expect(refusal({ ...MAIL, types: { EIP712Domain, ...types }, primaryType })).toMatchObject({
        field: "primaryType",
        hint: expect.stringContaining("Mail"),
      });
    }
    const ring = { A: [{ name: "b", type: "B[]" }], B: [{ name: "a", type: "A[]" }] };
    expect(refusal({ types: ring, domain: {}, message: { b: [] } }).message).toContain("cannot be told");
    expect(digest({ types: ring, domain: {}, message: { b: [] }, primaryType: "A" })).toBeTruthy();
  });
});
