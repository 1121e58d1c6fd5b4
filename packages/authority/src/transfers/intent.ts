import { InputError, unhex } from "@quorate/orders";
import * as Address from "ox/Address";
import { z } from "zod";

/** What a user fixed of an EVM transaction by signing its request; the rest is filled in for them. */
export interface Intent {
  /** 20 bytes. */
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly nonce?: bigint;
  readonly gas?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
}

const WORD_BITS = 256n;
/** ERC-20 `transfer(address,uint256)`. */
export const ERC20_TRANSFER = "a9059cbb";
/** ERC-721 `safeTransferFrom(address,address,uint256)`. */
const ERC721_TRANSFER = "42842e0e";

/** An address of Ethereum; one that mixes cases has to have the checksum of EIP-55. */
export const evmAddressField = z.string().refine((text) => /^0x[0-9a-fA-F]{40}$/.test(text) && Address.validate(text), {
  error: "0x and 40 hex digits; in mixed case with the checksum of EIP-55",
});

/** A number as text: decimal, or hex behind 0x; below 2^256. */
export const amountField = z
  .string()
  .max(78)
  .regex(/^([0-9]+|0x[0-9a-fA-F]+)$/, "a whole number as text, in the smallest unit")
  .transform(BigInt)
  .refine((value) => value < 1n << WORD_BITS, "below 2^256");

const quantityField = z.union([z.int().min(0).transform(BigInt), amountField]);
const externalId = z.string().min(1).max(50).optional();
/** How eager the coordinator is with fees; what it may spend is fixed elsewhere. */
const priority = z.enum(["Slow", "Standard", "Fast"]).optional();

const TRANSFERS = {
  Native: z.strictObject({
    kind: z.literal("Native"),
    to: evmAddressField,
    amount: amountField,
    priority,
    externalId,
  }),
  Erc20: z.strictObject({
    kind: z.literal("Erc20"),
    contract: evmAddressField,
    to: evmAddressField,
    amount: amountField,
    priority,
    externalId,
  }),
  Erc721: z.strictObject({
    kind: z.literal("Erc721"),
    contract: evmAddressField,
    to: evmAddressField,
    tokenId: amountField,
    priority,
    externalId,
  }),
};

/** A transaction whose fields the user names, and of which the rest is filled in. */
const CALL = z.strictObject({
  to: evmAddressField,
  value: quantityField.optional(),
  data: z
    .string()
    .max(50_002)
    .regex(/^0x([0-9a-fA-F]{2})*$/, "hex behind 0x")
    .optional(),
  nonce: quantityField.optional(),
  gasLimit: quantityField.optional(),
  maxFeePerGas: quantityField.optional(),
  maxPriorityFeePerGas: quantityField.optional(),
});

/** The bodies of transfers by kind, and the transaction that is filled in, for whoever describes them. */
export const TRANSFER_SCHEMAS: Readonly<Record<keyof typeof TRANSFERS, z.ZodType>> = TRANSFERS;
export const CALL_SCHEMA: z.ZodType = CALL;

export type TransferKind = keyof typeof TRANSFERS;
/** The body of a transfer, its numbers read. */
export type Transfer = { [K in TransferKind]: z.output<(typeof TRANSFERS)[K]> }[TransferKind];

function refusal(error: z.ZodError): InputError {
  const issue = error.issues[0]!;
  const unknown = issue.code === "unrecognized_keys" ? [(issue.keys[0] ?? "").slice(0, 50)] : [];
  const field = [...issue.path, ...unknown].map(String).join(".") || "body";
  const problem = issue.code === "unrecognized_keys" ? "there is no such field here" : issue.message;
  return new InputError("invalid_input", `${field}: ${problem}`, { field });
}

/** @throws InputError naming the field */
export function parseTransfer(body: Readonly<Record<string, unknown>>): Transfer {
  const { kind } = body;
  if (typeof kind !== "string" || !Object.hasOwn(TRANSFERS, kind)) {
    const hint = `there are ${Object.keys(TRANSFERS).join(", ")}; sign anything else as a transaction`;
    throw new InputError("unsupported", `kind: no transfer of kind ${String(kind).slice(0, 50)}`, {
      field: "kind",
      hint,
    });
  }
  const parsed = TRANSFERS[kind as TransferKind].safeParse(body);
  if (!parsed.success) throw refusal(parsed.error);
  return parsed.data as Transfer;
}

/** The fields of a transaction that is to be filled in. @throws InputError naming the field */
export function parseCall(fields: unknown): Intent {
  const parsed = CALL.safeParse(fields);
  if (!parsed.success) throw refusal(parsed.error);
  const { to, value = 0n, data = "0x", nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = parsed.data;
  return {
    ...{ to: bytesOf(to), value, data: bytesOf(data) },
    ...(nonce === undefined ? {} : { nonce }),
    ...(gasLimit === undefined ? {} : { gas: gasLimit }),
    ...(maxFeePerGas === undefined ? {} : { maxFeePerGas }),
    ...(maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas }),
  };
}

/** The call that moves what a transfer says. @param sender address of the wallet, which an ERC-721 token leaves */
export function transferIntent(transfer: Transfer, sender: string): Intent {
  switch (transfer.kind) {
    case "Native":
      return { to: bytesOf(transfer.to), value: transfer.amount, data: new Uint8Array() };
    case "Erc20":
      return call(transfer.contract, ERC20_TRANSFER, [addressWord(transfer.to), word(transfer.amount)]);
    case "Erc721": {
      const words = [addressWord(sender), addressWord(transfer.to), word(transfer.tokenId)];
      return call(transfer.contract, ERC721_TRANSFER, words);
    }
  }
}

function call(contract: string, selector: string, words: readonly string[]): Intent {
  return { to: bytesOf(contract), value: 0n, data: unhex(selector + words.join("")) };
}

function word(value: bigint): string {
  return value.toString(16).padStart(64, "0");
}

function addressWord(address: string): string {
  return address.slice(2).toLowerCase().padStart(64, "0");
}

function bytesOf(text: string): Uint8Array {
  return unhex(text.slice(2).toLowerCase());
}
