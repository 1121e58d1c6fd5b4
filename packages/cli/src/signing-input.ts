import { addresses, type Derived, deriveDigests, type PublicKeyFacts } from "@quorate/authority";
import { hex, InputError, isEcdsa, unhex } from "@quorate/orders";
import { Option } from "commander";
import { isRecord } from "./ethereum/json-fields.ts";
import { readTransactionFile, type UnsignedTransaction } from "./ethereum/transaction-file.ts";
import { asCliError, CliError, EXIT, refuseArgument } from "./exit.ts";
import { type Form, readBytes, readFormed, readJson, readJsonOrBytes } from "./files.ts";

/** What is to be signed or verified, as the command line says it: exactly one of these, with its companions. */
export interface InputOptions {
  readonly message?: string;
  readonly messageHex?: string;
  readonly file?: string;
  readonly hash?: string;
  readonly merkleRoot?: string;
  readonly keyPath?: boolean;
  readonly solanaTx?: string;
  readonly psbt?: string;
  readonly evmTx?: string;
  readonly eip712?: string;
}

const KINDS = ["message", "messageHex", "file", "hash", "solanaTx", "psbt", "evmTx", "eip712"] as const;
export type InputKind = (typeof KINDS)[number];

const FLAGS: Readonly<Record<InputKind, string>> = {
  message: "--message",
  messageHex: "--message-hex",
  file: "--file",
  hash: "--hash",
  solanaTx: "--solana-tx",
  psbt: "--psbt",
  evmTx: "--evm-tx",
  eip712: "--eip712",
};

/** The options of `InputOptions`, for `sign` and `verify` alike. */
export function inputOptions(verb: "sign" | "check"): Option[] {
  const evmTx =
    verb === "sign"
      ? "an unsigned Ethereum transaction: JSON as viem and ethers write it, or its serialised hex (ECDSA)"
      : "a signed Ethereum transaction: hex or binary";
  const hash = verb === "sign" ? "; an ECDSA key takes four rounds for it" : "";
  return [
    new Option("--message <text>", `${verb} this text, as UTF-8 (EdDSA; ECDSA as a personal message of Ethereum)`),
    new Option("--message-hex <hex>", `${verb} these bytes, as --message does`),
    new Option("--file <path>", `${verb} the bytes of this file, as --message does`),
    new Option("--hash <hex>", `${verb} these 32 bytes as they are${hash}`),
    new Option("--key-path", "with --hash and a Schnorr key: taproot key path, no scripts (BIP-86)"),
    new Option("--merkle-root <hex>", "with --hash and a Schnorr key: taproot key path, this script tree"),
    new Option("--solana-tx <path>", "a Solana transaction or its message: binary, hex or base64 (EdDSA)"),
    new Option("--psbt <path>", "a PSBT with taproot (Schnorr) or P2WPKH (ECDSA) inputs: binary, hex or base64"),
    new Option("--evm-tx <path>", evmTx),
    new Option(
      "--eip712 <path>",
      `${verb} typed data of Ethereum: JSON with types, domain, primaryType, message (ECDSA)`,
    ),
  ];
}

/** A request to the API, what it means, and where it came from. */
export interface SigningInput {
  readonly kind: "message" | "hash" | "solana" | "psbt" | "evm" | "typed";
  readonly body: Readonly<Record<string, unknown>>;
  readonly derived: Derived;
  /** The transaction or PSBT as given. */
  readonly original: Uint8Array;
  /** How it stood in its file. */
  readonly form: Form;
}

/** Hex from the command line, with or without 0x. @param lengths in bytes; none for any */
export function hexArgument(argument: string, text: string, ...lengths: readonly number[]): Uint8Array {
  const digits = text.replace(/^0x/i, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) {
    refuseArgument(argument, "is not hex", "two hex digits a byte, with or without 0x in front");
  }
  if (lengths.length > 0 && !lengths.includes(digits.length / 2)) {
    refuseArgument(
      argument,
      `${digits.length / 2} bytes where ${lengths.join(" or ")} belong`,
      "give all of its hex digits",
    );
  }
  return unhex(digits);
}

/** Which one of the inputs is given. */
export function inputKind(options: InputOptions): InputKind {
  const given = KINDS.filter((kind) => options[kind] !== undefined);
  const [kind, other] = given;
  if (kind === undefined) {
    throw new CliError(
      EXIT.usage,
      "nothing to sign or verify is given",
      `give one of ${Object.values(FLAGS).join(", ")}`,
    );
  }
  if (other !== undefined) refuseArgument(FLAGS[other], `cannot go with ${FLAGS[kind]}`, "give one of them");
  const companion = options.keyPath ? "--key-path" : options.merkleRoot === undefined ? undefined : "--merkle-root";
  if (companion !== undefined && kind !== "hash") refuseArgument(companion, "goes with --hash only", "leave it out");
  if (options.keyPath && options.merkleRoot !== undefined) {
    refuseArgument("--merkle-root", "cannot go with --key-path", "give the one that the output was made with");
  }
  return kind;
}

/** The bytes of a message option. */
export function messageBytes(kind: "message" | "messageHex" | "file", options: InputOptions): Uint8Array {
  if (kind === "file") return readBytes("--file", options.file!);
  return kind === "message" ? Buffer.from(options.message!, "utf8") : hexArgument("--message-hex", options.messageHex!);
}

/** The tweak of `--hash`: `null` for none, empty for the key path alone, 32 bytes for a script tree. */
export function merkleRootOf({ keyPath, merkleRoot }: InputOptions): Uint8Array | null {
  if (merkleRoot !== undefined) return hexArgument("--merkle-root", merkleRoot, 32);
  return keyPath ? new Uint8Array() : null;
}

/** What to ask the API for, before it is held against a key. */
export type Asked = Omit<SigningInput, "derived">;

/** Asks for a signature of a Solana transaction or its message. */
export function askSolana(original: Uint8Array, form: Form = "binary"): Asked {
  const body = { kind: "Transaction", blockchainKind: "Solana", transaction: hex(original) };
  return { kind: "solana", body, original, form };
}

/** Asks for the signatures that a PSBT needs of the key. */
export function askPsbt(original: Uint8Array, form: Form = "binary"): Asked {
  return { kind: "psbt", body: { kind: "Psbt", psbt: hex(original) }, original, form };
}

/** Asks for an Ethereum transaction to be signed. @param unsigned serialised as it is hashed */
export function askEvm(unsigned: Uint8Array): Asked {
  const body = { kind: "Transaction", blockchainKind: "Evm", transaction: hex(unsigned) };
  return { kind: "evm", body, original: unsigned, form: "prefixed" };
}

function askFor(kind: InputKind, options: InputOptions, key: PublicKeyFacts): Asked {
  switch (kind) {
    case "message":
    case "messageHex":
    case "file": {
      const original = messageBytes(kind, options);
      const chain = isEcdsa(key.suite) ? { blockchainKind: "Evm" } : {};
      return { kind: "message", body: { kind: "Message", message: hex(original), ...chain }, original, form: "hex" };
    }
    case "hash": {
      const original = hexArgument("--hash", options.hash!, 32);
      const root = merkleRootOf(options);
      const taproot = root === null ? {} : { taprootMerkleRoot: hex(root) };
      return { kind: "hash", body: { kind: "Hash", hash: hex(original), ...taproot }, original, form: "hex" };
    }
    case "solanaTx": {
      const { bytes, form } = readFormed("--solana-tx", options.solanaTx!);
      return askSolana(bytes, form);
    }
    case "psbt": {
      const { bytes, form } = readFormed("--psbt", options.psbt!);
      return askPsbt(bytes, form);
    }
    case "evmTx": {
      const { unsigned, from } = readUnsigned(options.evmTx!);
      const own = addresses(key).evm;
      if (from === undefined || own === undefined || from.toLowerCase() === own.toLowerCase()) return askEvm(unsigned);
      return refuseArgument("--evm-tx", `from is ${from}, and this key is ${own}`, "sign with the key of that address");
    }
    case "eip712": {
      const { bytes, json } = readJson("--eip712", options.eip712!);
      return { kind: "typed", body: { ...typedDataOf(json), kind: "Eip712" }, original: bytes, form: "prefixed" };
    }
  }
}

function readUnsigned(path: string): UnsignedTransaction {
  const read = readJsonOrBytes("--evm-tx", path);
  return "json" in read ? readTransactionFile(read.json) : { unsigned: read.bytes };
}

/** The members of typed data are the authority's to judge, but for what would change what is asked for. */
function typedDataOf(json: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(json)) refuseArgument("--eip712", "the file holds no JSON object", "see sign --help");
  const strangers = Object.keys(json).filter((name) => !TYPED_DATA.includes(name));
  if (strangers.length === 0) return json;
  return refuseArgument("--eip712", `${strangers[0]} is no field of typed data`, `it takes ${TYPED_DATA.join(", ")}`);
}

const TYPED_DATA = ["types", "domain", "primaryType", "message"];

/** Holds what is asked for against a key: what it will sign. @throws InputError if no signer would accept it */
export function understood(asked: Asked, key: PublicKeyFacts): SigningInput {
  return { ...asked, derived: deriveDigests(asked.body, key) };
}

/** An error that names a field of the request, as one that names the argument it came from. */
function inOurWords(error: InputError, kind: InputKind): CliError {
  const { exitCode, hint, facts, message } = asCliError(error);
  if (error.field === "taprootMerkleRoot") {
    return new CliError(exitCode, "--hash: how a Schnorr key is tweaked is not said or cannot be", TWEAK_HINT, facts);
  }
  // The fields of typed data are those of the file; all others are ours.
  const problem = kind === "eip712" ? message : message.replace(new RegExp(`^${error.field ?? "$"}: `), "");
  return new CliError(exitCode, `${FLAGS[kind]}: ${problem}`, hint, { ...facts, argument: FLAGS[kind] });
}

const TWEAK_HINT =
  "with a Schnorr key add --key-path, or --merkle-root <hex> if its output has scripts; with others neither";

/**
 * What the command line asks to be signed by `key`. Refused here if no signer would accept it.
 *
 * @throws CliError naming the argument and the way out
 */
export function signingInput(options: InputOptions, key: PublicKeyFacts, externalId?: string): SigningInput {
  const kind = inputKind(options);
  const asked = askFor(kind, options, key);
  const body = externalId === undefined ? asked.body : { ...asked.body, externalId };
  try {
    return understood({ ...asked, body }, key);
  } catch (error) {
    throw error instanceof InputError ? inOurWords(error, kind) : error;
  }
}
