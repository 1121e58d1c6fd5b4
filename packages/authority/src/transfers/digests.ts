import { hex, InputError, unhex } from "@quorate/orders";
import { canonicalJson, settled } from "../canonical-json.ts";
import { deriveDigests } from "../derive.ts";
import type { Derived } from "../derived.ts";
import { AuthorityError } from "../error.ts";
import { evmAddress } from "../ethereum/address.ts";
import type { PublicKeyFacts } from "../key.ts";
import { bodyDigest } from "../log/challenge.ts";
import type { PermittedSignature, SignatureForm } from "../log/signature-request.ts";
import type { Settings, Wallet } from "../log/state.ts";
import { remembered } from "../remembered.ts";
import { chainIdOf, familyOf } from "../wallet-network.ts";
import { deriveFilled, type Filling, fillTransaction } from "./filled.ts";
import { type Intent, parseTransfer, transferIntent } from "./intent.ts";
import { callOf, isOpen, leavesOpen, mustBeAdmitted } from "./open.ts";

/** The request of a signing order, read: the body that the user signed, and the transaction that was filled in for it. */
export interface SigningRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly transaction: Uint8Array | null;
}

/**
 * The `request` of a signing order. For a signature it is the user's body as JSON; for a transaction or a transfer
 * `{ "request": <the user's body>, "transaction": "0x…" or null }`, canonical.
 */
export function encodeSigningRequest(form: SignatureForm, { body, transaction }: SigningRequest): Uint8Array {
  const filled = transaction === null ? null : `0x${hex(transaction)}`;
  return new TextEncoder().encode(canonicalJson(form === "signature" ? body : { request: body, transaction: filled }));
}

/** Reads the `request` of a signing order. @throws InputError */
export function readSigningRequest(form: SignatureForm, bytes: Uint8Array): SigningRequest {
  const outer = objectOf("request", parsed(bytes));
  if (form === "signature") return { body: outer, transaction: null };
  const { request, transaction, ...rest } = outer;
  if (Object.keys(rest).length > 0) throw invalid("request", "has members besides request and transaction");
  const body = objectOf("request.request", request);
  if (transaction === null) return { body, transaction };
  if (typeof transaction === "string" && /^0x([0-9a-f]{2}){1,60000}$/.test(transaction)) {
    return { body, transaction: unhex(transaction.slice(2)) };
  }
  throw invalid("transaction", "is neither lower-case hex behind 0x nor null");
}

/** What a body leaves to be filled in; `undefined` where it says everything itself. @throws InputError */
export function intentOf(
  form: SignatureForm,
  body: Readonly<Record<string, unknown>>,
  wallet: Pick<Wallet, "network"> | null,
  key: PublicKeyFacts,
): { readonly intent: Intent; readonly chainId: number } | undefined {
  if (form === "signature" || wallet === null) return undefined;
  if (form === "transaction" && !leavesOpen(body)) return undefined;
  const chainId = chainIdOf(wallet.network);
  if (chainId === undefined || key.suite !== "ecdsa-secp256k1") {
    throw new InputError("unsupported", `network: no transaction is filled in for ${wallet.network}`, {
      field: "network",
      hint: "build the transaction yourself, and send it with kind Transaction",
    });
  }
  if (form === "transfer") return { intent: transferIntent(parseTransfer(body), evmAddress(key.publicKey)), chainId };
  return { intent: callOf(body), chainId };
}

/** The transaction of a body that leaves something open, filled in; `null` for one that says everything itself. @throws InputError */
export function filledFor(
  form: SignatureForm,
  body: Readonly<Record<string, unknown>>,
  wallet: Pick<Wallet, "network"> | null,
  key: PublicKeyFacts,
  filling: Filling,
): Uint8Array | null {
  const open = intentOf(form, body, wallet, key);
  return open === undefined ? null : fillTransaction(open.intent, open.chainId, filling);
}

/**
 * From the `request` of a signing order to what is signed: the one way, for the coordinator and for each signer, whatever the form. What
 * was permitted is what is derived: the bytes must carry the very body that the user signed, and what was filled in for it must be what
 * stands in the log.
 *
 * @param request of the order
 * @param key of the held share, or its child
 * @throws InputError; AuthorityError `no_authorisation` for another body or filling than the permitted one, `must_be_admitted`
 */
export function digestsFor(
  permitted: Pick<PermittedSignature, "form" | "wallet" | "bodyDigest" | "filled">,
  request: Uint8Array,
  key: PublicKeyFacts,
  settings: Pick<Settings, "maxNetworkFee">,
): Derived {
  const { form, wallet } = permitted;
  const read = readSigningRequest(form, request);
  if (bodyDigest(read.body) !== permitted.bodyDigest) {
    throw new AuthorityError("no_authorisation", "body: is not the one that was signed", { field: "body" });
  }
  checkFilling(permitted, read);
  return deriveForm(form, read, wallet, key, BigInt(settings.maxNetworkFee));
}

/** Of all that could be filled in, only what stands in the log is signed: it is the same for every signing set. @throws AuthorityError, InputError */
function checkFilling(
  { form, filled }: Pick<PermittedSignature, "form" | "filled">,
  { body, transaction }: SigningRequest,
): void {
  if (filled === null) {
    if (isOpen(form, body)) throw mustBeAdmitted();
    return;
  }
  if (transaction !== null && filled === `0x${hex(transaction)}`) return;
  throw new AuthorityError("no_authorisation", "transaction: is not the one that was admitted to the log", {
    field: "transaction",
  });
}

/**
 * What is signed for a transfer: exactly the filled transaction, which has to be exactly that transfer.
 *
 * @throws InputError
 */
export function deriveTransfer(
  body: Readonly<Record<string, unknown>>,
  filledTransaction: Uint8Array,
  wallet: Pick<Wallet, "network">,
  key: PublicKeyFacts,
  settings: Pick<Settings, "maxNetworkFee">,
): Derived {
  const request = { body, transaction: filledTransaction };
  return deriveForm("transfer", request, wallet, key, BigInt(settings.maxNetworkFee));
}

function deriveForm(
  form: SignatureForm,
  { body, transaction }: SigningRequest,
  wallet: Pick<Wallet, "network"> | null,
  key: PublicKeyFacts,
  maxNetworkFee: bigint,
): Derived {
  const open = intentOf(form, body, wallet, key);
  if (open === undefined) {
    if (transaction !== null) throw invalid("transaction", "was filled in, where the body says everything itself");
    return deriveDigests(onNetwork(body, wallet), key);
  }
  if (transaction === null) throw invalid("transaction", "is missing: the body leaves nonce and fees open");
  return deriveFilled(transaction, open.intent, open.chainId, maxNetworkFee);
}

/** The body with the chain of the wallet, which the path names; where the body names one too they agree. @throws InputError */
export function onNetwork(
  body: Readonly<Record<string, unknown>>,
  wallet: Pick<Wallet, "network"> | null,
): Readonly<Record<string, unknown>> {
  if (wallet === null) return body;
  if (body.network !== undefined && body.network !== wallet.network) {
    throw invalid("network", `the wallet is on ${wallet.network}`);
  }
  if (familyOf(wallet.network) === undefined) return body;
  return { ...body, network: wallet.network };
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function parsed(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw invalid("request", "is not JSON");
  }
  return readText(text).value;
}

/** Each signer reads the request of an order several times. */
const readText = remembered((text): { readonly value: unknown } => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("request", "is not JSON");
  }
  return { value: settled(value) };
});

function objectOf(field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw invalid(field, "is not an object");
}

function invalid(field: string, problem: string): InputError {
  return new InputError("invalid_input", `${field}: ${problem}`, { field });
}
