import { InputError, unhex } from "@quorate/orders";
import { z } from "zod";
import { isRecord } from "./ethereum/typed-structs.ts";
import { KINDS, type PublicKeyFacts, SIGNS } from "./key.ts";

/** The longest byte strings that a request may carry. The code of a new Ethereum contract is up to 49,152 bytes (EIP-3860). */
export const MAX_MESSAGE_BYTES = 60_000;
export const MAX_PSBT_BYTES = 60_000;
export const MAX_TRANSACTION_BYTES = 60_000;

/** Hex with or without 0x, between `min` and `max` bytes. */
function hexBytes(min: number, max: number) {
  const length = min === max ? `exactly ${min} bytes` : `${min} to ${max} bytes`;
  return z
    .string()
    .max(2 * max + 2, `at most ${max} bytes`)
    .regex(/^(0x)?([0-9a-fA-F]{2})*$/, "hex digits, two a byte, with or without 0x")
    .transform((text) => unhex(text.toLowerCase().replace(/^0x/, "")))
    .refine((bytes) => bytes.length >= min && bytes.length <= max, length);
}

const common = {
  network: z.string().min(1).max(50).optional(),
  blockchainKind: z.string().min(1).max(50).optional(),
  externalId: z.string().min(1).max(50).optional(),
};

const merkleRoot = hexBytes(0, 32).refine(({ length }) => length === 0 || length === 32, 'empty text ("") or 32 bytes');

const jsonObject = z.custom<Readonly<Record<string, unknown>>>(isRecord, "has to be an object");

const SCHEMAS = {
  /**
   * 32 bytes as they are. An ECDSA key signs them by four rounds among the signers and not in one round trip with a presignature:
   * who knows the nonce point before choosing what is signed turns the signature into one on another message (`prehashed`).
   */
  Hash: z.strictObject({
    kind: z.literal("Hash"),
    hash: hexBytes(32, 32),
    taprootMerkleRoot: merkleRoot.optional(),
    ...common,
  }),
  Message: z.strictObject({ kind: z.literal("Message"), message: hexBytes(0, MAX_MESSAGE_BYTES), ...common }),
  Transaction: z.strictObject({
    kind: z.literal("Transaction"),
    transaction: hexBytes(1, MAX_TRANSACTION_BYTES),
    ...common,
  }),
  Eip712: z.strictObject({
    kind: z.literal("Eip712"),
    types: jsonObject,
    domain: jsonObject,
    message: jsonObject,
    primaryType: z.string().min(1).max(100).optional(),
    ...common,
  }),
  Psbt: z.strictObject({ kind: z.literal("Psbt"), psbt: hexBytes(1, MAX_PSBT_BYTES), ...common }),
};

/** The bodies of signature requests by kind, for whoever describes them. */
export const REQUEST_SCHEMAS: Readonly<Record<keyof typeof SCHEMAS, z.ZodType>> = SCHEMAS;

export type RequestKind = keyof typeof SCHEMAS;
export type RequestOf<K extends RequestKind> = z.output<(typeof SCHEMAS)[K]>;

/** The body of a signature request, its hex decoded. */
export type SignatureRequest = { [K in RequestKind]: RequestOf<K> }[RequestKind];

function isKind(kind: string): kind is RequestKind {
  return Object.hasOwn(SCHEMAS, kind);
}

function refusal(error: z.ZodError, kind: RequestKind): InputError {
  const issue = error.issues[0]!;
  const known = Object.keys(SCHEMAS[kind].shape).join(", ");
  if (issue.code === "unrecognized_keys") {
    const field = (issue.keys[0] ?? "body").slice(0, 50);
    return new InputError("invalid_input", `${field}: not a field of kind ${kind}`, {
      field,
      hint: `it takes ${known}`,
    });
  }
  const field = issue.path.map(String).join(".") || "body";
  return new InputError("invalid_input", `${field}: ${issue.message}`, { field, hint: `kind ${kind} takes ${known}` });
}

/**
 * Checks the body of a signature request: its kind, its fields, no others.
 *
 * @param body parsed JSON
 * @throws InputError naming the field; `unsupported` for kinds that this key does not sign, with what it does sign
 */
export function parseRequest(body: unknown, { suite }: PublicKeyFacts): SignatureRequest {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new InputError("invalid_input", "the body is not a JSON object", { field: "body", hint: SIGNS[suite] });
  }
  const kind: unknown = Reflect.get(body, "kind");
  if (typeof kind !== "string") {
    throw new InputError("invalid_input", "kind: is missing or not text", { field: "kind", hint: SIGNS[suite] });
  }
  if (!isKind(kind) || !KINDS[suite].includes(kind)) {
    const problem = `kind: a key of suite ${suite} does not sign kind "${kind.slice(0, 50)}"`;
    throw new InputError("unsupported", problem, { field: "kind", hint: SIGNS[suite] });
  }
  const parsed = SCHEMAS[kind].safeParse(body);
  if (!parsed.success) throw refusal(parsed.error, kind);
  return parsed.data;
}
