import { hex, InputError, unhex } from "@quorate/orders";
import fc from "fast-check";
import {
  type Hex,
  keccak256,
  parseTransaction,
  recoverTransactionAddress,
  serializeTransaction,
  type TransactionSerializable,
  toRlp,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, it } from "vitest";
import { assemble } from "../finish.ts";
import { ecdsaPair } from "../testing/keys.ts";
import { evmAddress } from "./address.ts";
import { deriveEvmTransaction } from "./transaction.ts";

type RlpItem = Hex | RlpItem[];

const ours = ecdsaPair(0x46);
const to = "0x3535353535353535353535353535353535353535";
const TRANSFER = {
  type: "eip1559",
  chainId: 1,
  nonce: 3,
  maxPriorityFeePerGas: 1n,
  maxFeePerGas: 9n,
  gas: 21_000n,
  to,
  value: 5n,
} as const;

const bytesOf = (text: string): Uint8Array => unhex(text.replace(/^0x/, ""));
const serialized = (transaction: TransactionSerializable): Uint8Array => bytesOf(serializeTransaction(transaction));
const digest = (bytes: Uint8Array): string => hex(deriveEvmTransaction(bytes).items[0]!.message);

/** The whole answer of a network whose key is ours. */
function answer(bytes: Uint8Array) {
  const body = { kind: "Transaction", blockchainKind: "Evm", transaction: hex(bytes) };
  return assemble(
    body,
    ours.key,
    deriveEvmTransaction(bytes).items.map(({ message }) => ours.sign(message)),
  );
}

const EIP155 = {
  unsigned: "ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080",
  digest: "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53",
  signed:
    "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
};

describe("a transaction", () => {
  it("of EIP-155's example has its digest, and is signed into its bytes", () => {
    const bytes = unhex(EIP155.unsigned);
    expect(digest(bytes)).toBe(EIP155.digest);
    expect(answer(bytes).signedData).toBe(`0x${EIP155.signed}`);
  });

  const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Hex => `0x${hex(bytes)}`);
  const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes): Hex => `0x${hex(bytes)}`);
  const amount = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
  const small = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const common = {
    chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    nonce: fc.nat(),
    gas: small,
    value: amount,
    data: fc.uint8Array({ maxLength: 300 }).map((bytes): Hex => `0x${hex(bytes)}`),
  };
  const fees = fc
    .tuple(amount, amount)
    .map(([a, b]) => ({ maxPriorityFeePerGas: a < b ? a : b, maxFeePerGas: a < b ? b : a }));
  const accessList = fc.array(fc.record({ address, storageKeys: fc.array(word, { maxLength: 3 }) }), { maxLength: 3 });
  const maybeTo = fc.option(address, { nil: undefined });
  const authorization = fc.record({
    address,
    chainId: fc.nat(),
    nonce: fc.nat(),
    r: word,
    s: word,
    yParity: fc.nat(1),
  });
  const KINDS: Readonly<Record<string, fc.Arbitrary<TransactionSerializable>>> = {
    legacy: fc.record({ ...common, type: fc.constant("legacy" as const), gasPrice: amount, to: maybeTo }),
    eip2930: fc.record({ ...common, type: fc.constant("eip2930" as const), gasPrice: amount, to: maybeTo, accessList }),
    eip1559: fc
      .tuple(fc.record({ ...common, type: fc.constant("eip1559" as const), to: maybeTo, accessList }), fees)
      .map(([rest, fee]) => ({ ...rest, ...fee })),
    eip7702: fc
      .tuple(
        fc.record({
          ...common,
          type: fc.constant("eip7702" as const),
          to: address,
          accessList,
          authorizationList: fc.array(authorization, { minLength: 1, maxLength: 3 }),
        }),
        fees,
      )
      .map(([rest, fee]) => ({ ...rest, ...fee })),
    eip4844: fc
      .tuple(
        fc.record({
          ...common,
          type: fc.constant("eip4844" as const),
          to: address,
          accessList,
          maxFeePerBlobGas: amount,
          blobVersionedHashes: fc.array(
            word.map((hash): Hex => `0x01${hash.slice(4)}`),
            { minLength: 1, maxLength: 3 },
          ),
        }),
        fees,
      )
      .map(([rest, fee]) => ({ ...rest, ...fee })),
  };

  it.each(Object.keys(KINDS))("of kind %s has the digest of viem, and comes back as viem signs it", async (kind) => {
    const account = privateKeyToAccount(`0x${hex(ours.privateKey)}`);
    await fc.assert(
      fc.asyncProperty(KINDS[kind]!, async (transaction) => {
        const bytes = serialized(transaction);
        expect(digest(bytes)).toBe(keccak256(bytes).slice(2));
        const { signedData, signature } = answer(bytes);
        expect(signedData).toBe(await account.signTransaction(transaction));
        expect(signature?.encoded).toBe(
          `${signature?.r}${signature?.s.slice(2)}${signature?.recid === 0 ? "1b" : "1c"}`,
        );
        const signed = { serializedTransaction: signedData as `0x02${string}` };
        expect(await recoverTransactionAddress(signed)).toBe(evmAddress(ours.key.publicKey));
      }),
      { numRuns: 25 },
    );
  });
});

/** The fields of a transfer of type 2, as RLP takes them. */
const FIELDS: readonly RlpItem[] = ["0x01", "0x03", "0x01", "0x09", "0x5208", to, "0x05", "0x", []];
const typed = (type: number, fields: readonly RlpItem[]): Uint8Array =>
  Uint8Array.of(type, ...toRlp(fields as RlpItem[], "bytes"));
const legacy = (fields: readonly RlpItem[]): Uint8Array => toRlp(fields as RlpItem[], "bytes");
const LEGACY: readonly RlpItem[] = ["0x09", "0x04a817c800", "0x5208", to, "0x05", "0x", "0x01", "0x", "0x"];

function refusal(bytes: Uint8Array): InputError {
  try {
    deriveEvmTransaction(bytes);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("a transaction is refused", () => {
  it("not, where these tests start from", () => {
    expect(typed(2, FIELDS)).toEqual(serialized(TRANSFER));
    expect(deriveEvmTransaction(typed(2, FIELDS)).items).toHaveLength(1);
    expect(deriveEvmTransaction(legacy(LEGACY)).items).toHaveLength(1);
  });

  const word = `0x${"11".repeat(32)}` as const;
  it.each<[string, number, RlpItem, string]>([
    ["chain 0", 0, "0x", "chainId"],
    ["a chain of 2^63", 0, "0x8000000000000000", "chainId"],
    ["a chain that is a list", 0, [], "chainId"],
    ["a nonce with a leading zero", 1, "0x0003", "nonce"],
    ["a nonce that is a zero byte", 1, "0x00", "nonce"],
    ["a nonce of 9 bytes", 1, "0x010000000000000000", "nonce"],
    ["a fee of 33 bytes", 3, `0x01${"00".repeat(32)}`, "maxFeePerGas"],
    ["a tip with a leading zero", 2, "0x0001", "maxPriorityFeePerGas"],
    ["gas of 9 bytes", 4, "0x010000000000000000", "gas"],
    ["a recipient of 19 bytes", 5, `0x${"35".repeat(19)}`, "to"],
    ["a recipient of 21 bytes", 5, `0x${"35".repeat(21)}`, "to"],
    ["a recipient that is a list", 5, [], "to"],
    ["a value with a leading zero", 6, "0x0005", "value"],
    ["data that is a list", 7, [], "data"],
    ["an access list that is bytes", 8, "0x", "accessList"],
    ["an access list of bytes", 8, ["0x11"], "accessList"],
    ["an access list without keys", 8, [[to]], "accessList"],
    ["an access list with more", 8, [[to, [], []]], "accessList"],
    ["an access list with an address of 19 bytes", 8, [[`0x${"35".repeat(19)}`, []]], "accessList"],
    ["an access list with a key of 31 bytes", 8, [[to, [`0x${"11".repeat(31)}`]]], "accessList"],
    ["an access list with keys that are bytes", 8, [[to, word]], "accessList"],
  ])("with %s", (_, at, item, field) => {
    expect(refusal(typed(2, FIELDS.with(at, item)))).toMatchObject({
      code: "invalid_input",
      field: "transaction",
      message: expect.stringContaining(`${field} has to be`),
    });
  });

  const authorization: RlpItem[] = ["0x01", to, "0x", "0x01", word, word];
  it.each<[string, number, RlpItem, string]>([
    ["blobs and no recipient", 3, FIELDS.with(5, "0x").concat("0x01", [`0x01${word.slice(4)}`]) as RlpItem[], "to"],
    ["no blobs", 3, [...FIELDS, "0x01", []], "blobVersionedHashes"],
    ["a blob hash of another version", 3, [...FIELDS, "0x01", [word]], "blobVersionedHashes"],
    ["a blob hash of 31 bytes", 3, [...FIELDS, "0x01", [`0x01${"11".repeat(30)}`]], "blobVersionedHashes"],
    ["authorizations and no recipient", 4, [...FIELDS.with(5, "0x"), [authorization]], "to"],
    ["no authorizations", 4, [...FIELDS, []], "authorizationList"],
    ["an authorization of 5 fields", 4, [...FIELDS, [authorization.slice(1)]], "authorizationList"],
    ["an authorization with a leading zero", 4, [...FIELDS, [authorization.with(2, "0x00")]], "authorizationList"],
    ["an authorization with a long s", 4, [...FIELDS, [authorization.with(5, `${word}11`)]], "authorizationList"],
  ])("with %s", (_, type, fields, field) => {
    expect(refusal(typed(type, fields as RlpItem[])).message).toContain(`${field} has to be`);
  });

  it("that is signed already, naming the way out", () => {
    const hint = expect.stringMatching(/without its last three|unsigned/);
    for (const bytes of [typed(2, [...FIELDS, "0x01", word, word]), unhex(EIP155.signed)]) {
      expect(refusal(bytes)).toMatchObject({ message: expect.stringContaining("carries a signature"), hint });
    }
  });

  it("that is good on every chain", () => {
    expect(refusal(legacy(LEGACY.slice(0, 6)))).toMatchObject({ message: expect.stringContaining("names no chain") });
    expect(refusal(legacy(LEGACY.with(6, "0x"))).message).toContain("chainId has to be");
  });

  it("of the legacy kind with anything but nothing where the signature will be", () => {
    expect(refusal(legacy(LEGACY.with(7, []))).message).toContain("r has to be empty");
    expect(refusal(legacy(LEGACY.with(8, []))).message).toContain("s has to be empty");
    expect(refusal(legacy(LEGACY.with(8, "0x00"))).message).toContain("s has to be empty");
    expect(refusal(legacy(LEGACY.with(8, "0x01"))).message).toContain("carries a signature");
    expect(refusal(legacy(LEGACY.with(0, "0x00"))).message).toContain("nonce has to be");
  });

  it("with a tip above the whole fee", () => {
    expect(refusal(typed(2, FIELDS.with(2, "0x0a"))).message).toContain("maxPriorityFeePerGas above maxFeePerGas");
    expect(deriveEvmTransaction(typed(2, FIELDS.with(2, "0x09"))).items).toHaveLength(1);
  });

  it("with fields missing or to spare", () => {
    for (const fields of [FIELDS.slice(1), [...FIELDS, "0x01" as const], []]) {
      expect(refusal(typed(2, fields)).message).toContain("where one of type 2 has 9");
    }
    for (const fields of [LEGACY.slice(0, 8), [...LEGACY, "0x01" as const], []]) {
      expect(refusal(legacy(fields)).message).toContain("where a legacy transaction has 9");
    }
  });

  it.each([0, 5, 0x7f, 0x80, 0xbf])("of the unknown type %i", (type) => {
    expect(refusal(typed(type, FIELDS)).message).toContain(`type ${type}, which is not known`);
  });

  it("that is not RLP, is written another way, or has something behind", () => {
    const bytes = typed(2, FIELDS);
    expect(refusal(Uint8Array.of(2)).field).toBe("transaction");
    expect(refusal(Uint8Array.of(2, 0x83, 1, 2, 3)).message).toContain("no list of fields");
    expect(refusal(bytes.subarray(0, -1)).message).toContain("not whole");
    expect(refusal(Uint8Array.of(...bytes, 0)).field).toBe("transaction");
    // The chain as 81 01 where 01 has to stand; and the length of the list in a byte of its own.
    const [type, length, ...rest] = bytes;
    expect(refusal(Uint8Array.of(type!, length! + 1, 0x81, ...rest)).message).toMatch(/one way|RLP/);
    expect(refusal(Uint8Array.of(type!, 0xf8, length! - 0xc0, ...rest)).message).toMatch(/one way|RLP/);
  });

  it("whatever it is, with an InputError; and what is accepted says in viem what was sent", () => {
    const starts = [typed(2, FIELDS), legacy(LEGACY), typed(1, FIELDS.toSpliced(2, 1))];
    fc.assert(
      fc.property(
        fc.constantFrom(...starts),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.uint8Array({ maxLength: 2 }),
        (start, place, change, more) => {
          const at = place % start.length;
          const bytes = Uint8Array.of(...start.with(at, start[at]! ^ change), ...more);
          try {
            expect(digest(bytes)).toBe(keccak256(bytes).slice(2));
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            return;
          }
          const parsed = parseTransaction(`0x${hex(bytes)}` as `0x02${string}`);
          expect(serialized(parsed as TransactionSerializable)).toEqual(bytes);
        },
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        expect(refusal(bytes)).toBeInstanceOf(InputError);
      }),
      { numRuns: 300 },
    );
  });
});
