import { hex, InputError } from "@quorate/orders";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveDigests } from "./derive.ts";
import { personalMessageDigest } from "./ethereum/message.ts";
import { assemble } from "./finish.ts";
import type { PublicKeyFacts } from "./key.ts";
import { MAX_MESSAGE_BYTES, MAX_PSBT_BYTES, MAX_TRANSACTION_BYTES } from "./request.ts";
import { ecdsaPair, ed25519Pair, plainKeys, taprootPair } from "./testing/keys.ts";

const ed25519 = ed25519Pair().key;
const taproot = taprootPair(1).key;
const ecdsa = ecdsaPair(3).key;
const ecdsaP256 = ecdsaPair(3, "ecdsa-p256").key;
const hash = "5a".repeat(32);
const bytes = new Uint8Array(32).fill(0x5a);
const root = "7b".repeat(32);

function refusal(body: unknown, key: PublicKeyFacts): InputError {
  try {
    deriveDigests(body, key);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("what is signed", () => {
  it.each([ed25519, ...plainKeys, ecdsa, ecdsaP256])("Hash, $suite: the 32 bytes themselves", (key) => {
    for (const spelling of [hash, `0x${hash}`, `0x${hash.toUpperCase()}`]) {
      expect(deriveDigests({ kind: "Hash", hash: spelling }, key).items).toEqual([
        { message: bytes, merkleRoot: null, prehashed: true },
      ]);
    }
  });
  it("Hash, taproot: the 32 bytes, with the root that is given", () => {
    const items = (taprootMerkleRoot: string) =>
      deriveDigests({ kind: "Hash", hash, taprootMerkleRoot }, taproot).items;
    expect(items("")).toEqual([{ message: bytes, merkleRoot: new Uint8Array(), prehashed: true }]);
    expect(items(`0x${root}`)).toEqual([
      { message: bytes, merkleRoot: new Uint8Array(32).fill(0x7b), prehashed: true },
    ]);
  });
  it.each([{}, { blockchainKind: "Solana" }, { network: "SolanaDevnet" }, { network: "KeyEdDSA" }])(
    "Message, ed25519, %o: the bytes themselves, even none",
    (chain) => {
      expect(deriveDigests({ kind: "Message", message: "0xC0ffee", ...chain }, ed25519).items).toEqual([
        { message: Uint8Array.of(0xc0, 0xff, 0xee), merkleRoot: null, prehashed: false },
      ]);
      expect(deriveDigests({ kind: "Message", message: "", ...chain }, ed25519).items[0]?.message).toHaveLength(0);
    },
  );
  it.each([
    { blockchainKind: "Evm" },
    { network: "EthereumSepolia" },
    { network: "Base" },
    { network: "SomeNewChain", blockchainKind: "Evm" },
    { network: "KeyECDSA", blockchainKind: "Evm" },
  ])("Message, ecdsa-secp256k1, %o: the digest of a personal message", (chain) => {
    expect(deriveDigests({ kind: "Message", message: "0xC0ffee", ...chain }, ecdsa)).toMatchObject({
      items: [{ message: personalMessageDigest(Uint8Array.of(0xc0, 0xff, 0xee)), merkleRoot: null, prehashed: false }],
      encoding: "evm",
    });
  });
  it("only the kind Hash is prehashed", () => {
    const Mail = [{ name: "a", type: "bool" }];
    const requests = [
      { kind: "Message", message: "00", blockchainKind: "Evm" },
      { kind: "Eip712", types: { Mail }, domain: {}, message: { a: true } },
      { kind: "Transaction", blockchainKind: "Evm", transaction: "c9010203808080018080" },
      { kind: "Hash", hash },
    ];
    expect(requests.map((body) => deriveDigests(body, ecdsa).items.map(({ prehashed }) => prehashed))).toEqual([
      [false],
      [false],
      [false],
      [true],
    ]);
  });
  it("externalId, network and blockchainKind do not change what a Hash signs", () => {
    const body = { kind: "Hash", hash, externalId: "x".repeat(50), network: "Anything", blockchainKind: "Evm" };
    for (const key of [ed25519, ecdsa]) {
      expect(deriveDigests(body, key).items).toEqual([{ message: bytes, merkleRoot: null, prehashed: true }]);
    }
  });
});

describe("a refusal names the field and the way out", () => {
  it.each([
    ["no object", null, "body"],
    ["a list", [], "body"],
    ["text", '{"kind":"Hash"}', "body"],
    ["no kind", { hash }, "kind"],
    ["a kind that is not text", { kind: 1 }, "kind"],
    ["no hash", { kind: "Hash" }, "hash"],
    ["a hash that is not text", { kind: "Hash", hash: 5 }, "hash"],
    ["a short hash", { kind: "Hash", hash: hash.slice(2) }, "hash"],
    ["a long hash", { kind: "Hash", hash: `${hash}00` }, "hash"],
    ["half a byte", { kind: "Hash", hash: hash.slice(1) }, "hash"],
    ["no hex", { kind: "Hash", hash: "zz".repeat(32) }, "hash"],
    ["two prefixes", { kind: "Hash", hash: `0x0x${hash}` }, "hash"],
    ["an empty hash", { kind: "Hash", hash: "0x" }, "hash"],
    ["an unknown field", { kind: "Hash", hash, colour: "red" }, "colour"],
    ["a field of another kind", { kind: "Hash", hash, message: "00" }, "message"],
    ["a tweak for a key without", { kind: "Hash", hash, taprootMerkleRoot: "" }, "taprootMerkleRoot"],
    ["an empty externalId", { kind: "Hash", hash, externalId: "" }, "externalId"],
    ["a long externalId", { kind: "Hash", hash, externalId: "x".repeat(51) }, "externalId"],
    ["an externalId that is not text", { kind: "Hash", hash, externalId: null }, "externalId"],
    ["a network that is not text", { kind: "Hash", hash, network: 1 }, "network"],
    ["an empty blockchainKind", { kind: "Hash", hash, blockchainKind: "" }, "blockchainKind"],
    ["no message", { kind: "Message" }, "message"],
    ["a long message", { kind: "Message", message: "00".repeat(MAX_MESSAGE_BYTES + 1) }, "message"],
    ["no transaction", { kind: "Transaction", blockchainKind: "Solana" }, "transaction"],
    ["an empty transaction", { kind: "Transaction", blockchainKind: "Solana", transaction: "" }, "transaction"],
    [
      "a long transaction",
      { kind: "Transaction", blockchainKind: "Solana", transaction: "00".repeat(MAX_TRANSACTION_BYTES + 1) },
      "transaction",
    ],
    ["no transaction of Solana", { kind: "Transaction", blockchainKind: "Solana", transaction: "00" }, "transaction"],
  ])("%s", (_, body, field) => {
    const error = refusal(body, ed25519);
    expect(error).toMatchObject({ code: "invalid_input", field });
    expect(error.message).toMatch(field === "body" ? /body|object/ : field);
    expect(error.hint).toBeTruthy();
  });
  it.each([
    ["no root", { kind: "Hash", hash }, "taprootMerkleRoot"],
    ["a root of 31 bytes", { kind: "Hash", hash, taprootMerkleRoot: root.slice(2) }, "taprootMerkleRoot"],
    ["a root of 33 bytes", { kind: "Hash", hash, taprootMerkleRoot: `${root}00` }, "taprootMerkleRoot"],
    ["no psbt", { kind: "Psbt" }, "psbt"],
    ["an empty psbt", { kind: "Psbt", psbt: "0x" }, "psbt"],
    ["a long psbt", { kind: "Psbt", psbt: "00".repeat(MAX_PSBT_BYTES + 1) }, "psbt"],
    ["what is no PSBT", { kind: "Psbt", psbt: "00" }, "psbt"],
  ])("of a taproot key: %s", (_, body, field) => {
    expect(refusal(body, taproot)).toMatchObject({ code: "invalid_input", field });
  });
  it.each([
    ["no types", { kind: "Eip712", domain: {}, message: {} }, "types"],
    ["types in a list", { kind: "Eip712", types: [], domain: {}, message: {} }, "types"],
    ["no domain", { kind: "Eip712", types: {}, message: {} }, "domain"],
    ["a domain that is null", { kind: "Eip712", types: {}, domain: null, message: {} }, "domain"],
    ["a message that is text", { kind: "Eip712", types: {}, domain: {}, message: "00" }, "message"],
    ["an empty primaryType", { kind: "Eip712", types: {}, domain: {}, message: {}, primaryType: "" }, "primaryType"],
    [
      "a transaction in Eip712",
      { kind: "Eip712", types: {}, domain: {}, message: {}, transaction: "00" },
      "transaction",
    ],
    ["a tweak", { kind: "Hash", hash, taprootMerkleRoot: "" }, "taprootMerkleRoot"],
    ["no PSBT", { kind: "Psbt", psbt: "00" }, "psbt"],
    ["no transaction", { kind: "Transaction", transaction: "00", network: "Ethereum" }, "transaction"],
  ])("of an ECDSA key: %s", (_, body, field) => {
    expect(refusal(body, ecdsa)).toMatchObject({ code: "invalid_input", field });
  });
  it.each(["Eip712", "Eip7702", "Bip322", "SignDocDirect", "SignerPayload", "Cip8", "Snip12", "toString", "__proto__"])(
    "kind %s is not signed here; what this key signs is said",
    (kind) => {
      expect(refusal({ kind }, ed25519)).toMatchObject({
        code: "unsupported",
        field: "kind",
        hint: expect.stringContaining("an ed25519 key signs"),
      });
      expect(refusal({ kind }, taproot).hint).toContain("a taproot key signs");
    },
  );
  it.each([
    [{ kind: "Message", message: "00" }, taproot, "kind"],
    [{ kind: "Message", message: "00" }, plainKeys[0]!, "kind"],
    [{ kind: "Transaction", transaction: "00", blockchainKind: "Solana" }, taproot, "kind"],
    [{ kind: "Psbt", psbt: "00" }, ed25519, "kind"],
    [{ kind: "Psbt", psbt: "00" }, plainKeys[1]!, "kind"],
    [{ kind: "Psbt", psbt: "00", blockchainKind: "Solana" }, taproot, "blockchainKind"],
    [{ kind: "Psbt", psbt: "00", network: "Litecoin" }, taproot, "network"],
    [{ kind: "Message", message: "00", blockchainKind: "Evm" }, ed25519, "blockchainKind"],
    [{ kind: "Message", message: "00", network: "Sui" }, ed25519, "network"],
    [{ kind: "Transaction", transaction: "00" }, ed25519, "blockchainKind"],
    [{ kind: "Transaction", transaction: "00" }, ecdsa, "blockchainKind"],
    [{ kind: "Transaction", transaction: "00", network: "KeyECDSA" }, ecdsa, "blockchainKind"],
    [{ kind: "Transaction", transaction: "00", network: "SolanaDevnet" }, ecdsa, "network"],
    [{ kind: "Transaction", transaction: "00", network: "SomeNewChain" }, ecdsa, "network"],
    [{ kind: "Message", message: "00" }, ecdsa, "blockchainKind"],
    [{ kind: "Message", message: "00", network: "KeyECDSA" }, ecdsa, "blockchainKind"],
    [{ kind: "Message", message: "00", network: "Bitcoin" }, ecdsa, "network"],
    [{ kind: "Message", message: "00", network: "Solana", blockchainKind: "Evm" }, ecdsa, "blockchainKind"],
    [{ kind: "Eip712", types: {}, domain: {}, message: {}, blockchainKind: "Solana" }, ecdsa, "blockchainKind"],
    [{ kind: "Psbt", psbt: "00", network: "BitcoinCash" }, ecdsa, "network"],
    [{ kind: "Psbt", psbt: "00", network: "BitcoinCash" }, taproot, "network"],
    [{ kind: "Psbt", psbt: "00", network: "SomeNewChain", blockchainKind: "Bitcoin" }, ecdsa, "blockchainKind"],
    [{ kind: "Message", message: "00", blockchainKind: "Evm" }, ecdsaP256, "kind"],
    [{ kind: "Transaction", transaction: "00", blockchainKind: "Evm" }, ecdsaP256, "kind"],
    [{ kind: "Eip712", types: {} }, ecdsaP256, "kind"],
    [{ kind: "Psbt", psbt: "00" }, ecdsaP256, "kind"],
    [{ kind: "Eip712", types: {} }, plainKeys[0]!, "kind"],
    [{ kind: "Transaction", transaction: "00", network: "Aptos" }, ed25519, "network"],
    [{ kind: "Transaction", transaction: "00", network: "Solana", blockchainKind: "Evm" }, ed25519, "blockchainKind"],
  ])("%o is unsupported for that key", (body, key, field) => {
    expect(refusal(body, key)).toMatchObject({ code: "unsupported", field, hint: expect.any(String) });
  });
  it("a refusal does not repeat what was sent at length", () => {
    expect(refusal({ kind: "x".repeat(10_000) }, ed25519).message.length).toBeLessThan(200);
    expect(refusal({ kind: "Hash", hash, ["y".repeat(10_000)]: 1 }, ed25519).message.length).toBeLessThan(200);
    expect(refusal({ kind: "Message", message: "z".repeat(100_000) }, ed25519).message.length).toBeLessThan(200);
  });
});

describe("whatever is sent", () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(hash, `0x${hash}`, "", "00"),
    fc.string({ unit: fc.constantFrom(..."0123456789abcdef") }),
  );
  const body = fc.record(
    {
      kind: fc.constantFrom("Hash", "Message", "Transaction", "Psbt", "Eip712"),
      hash: value,
      message: value,
      transaction: value,
      psbt: value,
      types: fc.oneof(fc.constant({ A: [{ name: "a", type: "uint8" }] }), value),
      domain: fc.oneof(fc.constant({}), value),
      primaryType: fc.oneof(fc.constant("A"), value),
      taprootMerkleRoot: value,
      externalId: value,
      network: fc.oneof(fc.constantFrom("Solana", "Bitcoin", "Evm", "Ethereum"), value),
      blockchainKind: fc.oneof(fc.constantFrom("Solana", "Bitcoin", "Evm", "Ethereum"), value),
    },
    { requiredKeys: [] },
  );
  it.each([ed25519, taproot, ecdsa, ecdsaP256, ...plainKeys])("only an InputError is thrown: $suite", (key) => {
    fc.assert(
      fc.property(fc.oneof(body, fc.anything()), (sent) => {
        try {
          expect(deriveDigests(sent, key).items.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("assemble", () => {
  const signature = Uint8Array.from({ length: 64 }, (_, at) => at);
  it("gives r, s and both together, padded, behind 0x", () => {
    expect(assemble({ kind: "Hash", hash }, ed25519, [signature])).toEqual({
      signature: {
        r: "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        s: "0x202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
        encoded:
          "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
      },
    });
  });
  it("of a plain FROST curve has a compressed point as r", () => {
    const { signature: given } = assemble({ kind: "Hash", hash }, plainKeys[0]!, [Uint8Array.of(2, ...signature)]);
    expect([given?.r.length, given?.s.length, given?.encoded.length]).toEqual([68, 66, 132]);
  });
  it.each([ecdsa, ecdsaP256])(
    "of $suite has the recovery id, and is written as the chain does where one is named",
    (key) => {
      const given = Uint8Array.of(...signature, 1);
      const [r, s] = [hex(signature.subarray(0, 32)), hex(signature.subarray(32))];
      const parts = { r: `0x${r}`, s: `0x${s}`, recid: 1 };
      const of = (chain: object) => assemble({ kind: "Hash", hash, ...chain }, key, [given]);
      for (const chain of [{}, { network: "KeyECDSA" }, { network: "Solana" }, { network: "SomeNewChain" }]) {
        expect(of(chain)).toEqual({ signature: { ...parts, encoded: `0x${r}${s}01` } });
      }
      for (const chain of [{ blockchainKind: "Evm" }, { network: "Polygon" }]) {
        expect(of(chain)).toEqual({ signature: { ...parts, encoded: `0x${r}${s}1c` } });
      }
      const der = `0x3043021f${r.slice(2)}0220${s}`;
      for (const chain of [{ blockchainKind: "Bitcoin" }, { network: "BitcoinSignet" }]) {
        expect(of(chain)).toEqual({ signature: { ...parts, encoded: der } });
      }
    },
  );
  it("takes exactly the signatures that were asked for", () => {
    const body = { kind: "Hash", hash };
    expect(() => assemble(body, ed25519, [])).toThrow(/1 signatures of 64 bytes/);
    expect(() => assemble(body, ed25519, [signature, signature])).toThrow();
    expect(() => assemble(body, ed25519, [signature.subarray(1)])).toThrow();
    expect(() => assemble(body, plainKeys[1]!, [signature])).toThrow(/65 bytes/);
    expect(() => assemble(body, ecdsa, [signature])).toThrow(/65 bytes/);
  });
});
