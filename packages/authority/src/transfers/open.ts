import { hex, InputError, unhex } from "@quorate/orders";
import { AuthorityError } from "../error.ts";
import { evmCall } from "../ethereum/transaction.ts";
import type { SignatureForm } from "../log/signature-request.ts";
import type { KeyEntity, Settings, Wallet } from "../log/state.ts";
import { chainIdOf } from "../wallet-network.ts";
import { deriveFilled } from "./filled.ts";
import { type Intent, parseCall, parseTransfer, transferIntent } from "./intent.ts";

type Body = Readonly<Record<string, unknown>>;

/** Whether a transaction of this body has to be filled in. */
export function leavesOpen({ kind, transaction }: Body): boolean {
  return kind === "Evm" || kind === "Eip1559" || (kind === "Transaction" && typeof transaction === "object");
}

/** The call that such a body fixes. @throws InputError */
export function callOf(body: Body): Intent {
  const { kind, externalId: _, network: __, transaction, ...fields } = body;
  if (kind !== "Transaction") return parseCall(fields);
  const [field] = Object.keys(fields);
  if (field !== undefined) {
    throw new InputError("invalid_input", `${field}: there is no such field here`, { field });
  }
  return parseCall(transaction);
}

/**
 * Whether what is signed is not fixed by the body alone. Two signers could then be shown two fillings of it, so that such a request is
 * signed only as it stands in the log, where there is one for all.
 *
 * @throws InputError
 */
export function isOpen(form: SignatureForm, body: Body): boolean {
  if (form === "transfer") return true;
  if (form === "signature" || !leavesOpen(body)) return false;
  const { nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = callOf(body);
  return [nonce, gas, maxFeePerGas, maxPriorityFeePerGas].includes(undefined);
}

/** The refusal of a request that is signed only as the log has it. */
export function mustBeAdmitted(): AuthorityError {
  const problem = "the request leaves nonce or fees to whoever fills it in";
  return new AuthorityError("must_be_admitted", `${problem}: it has to be admitted to the log first, filled in`);
}

/** A request that is put into the log. */
interface Admission {
  readonly form: SignatureForm;
  readonly body: Body;
  readonly wallet: Pick<Wallet, "network"> | null;
  readonly key: Pick<KeyEntity, "scheme" | "curve">;
}

/**
 * The transaction with which a request is put into the log: there where the body leaves something open, and only there; and within what
 * the user fixed. The log knows no public keys, so that the sender in the transfer of one piece (ERC-721) is taken as it is filled in:
 * who signs compares it with the wallet, as everything else once more.
 *
 * @param filled hex behind 0x
 * @returns the same; `null` where nothing is open
 * @throws AuthorityError `invalid_input`
 */
export function checkedFilling(
  asked: Admission,
  filled: string | undefined,
  { maxNetworkFee }: Pick<Settings, "maxNetworkFee">,
): string | null {
  try {
    if (!isOpen(asked.form, asked.body)) {
      if (filled !== undefined) throw invalid("was filled in, where the body says everything itself");
      return null;
    }
    if (filled === undefined) throw invalid("is missing: the body leaves nonce or fees open");
    checkWithin(asked, unhex(filled.slice(2)), BigInt(maxNetworkFee));
    return filled;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message, field, hint } = error;
    throw new AuthorityError("invalid_input", message, {
      ...(field === undefined ? {} : { field }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

function checkWithin({ form, body, wallet, key }: Admission, filled: Uint8Array, maxNetworkFee: bigint): void {
  const chainId = wallet === null ? undefined : chainIdOf(wallet.network);
  if (chainId === undefined || key.scheme !== "ECDSA" || key.curve !== "secp256k1") {
    throw invalid("is filled in for wallets on Ethereum and its like alone");
  }
  const intent = form === "transfer" ? transferIntent(parseTransfer(body), senderIn(filled)) : callOf(body);
  deriveFilled(filled, intent, chainId, maxNetworkFee);
}

/** Who gives, where what is called is the transfer of one piece: the first argument of the call. */
function senderIn(filled: Uint8Array): string {
  const { data } = evmCall(filled) ?? { data: new Uint8Array() };
  return `0x${hex(data.subarray(16, 36)).padStart(40, "0")}`;
}

function invalid(problem: string): AuthorityError {
  return new AuthorityError("invalid_input", `filled: ${problem}`, { field: "filled" });
}
