import type { SignatureParts } from "@quorate/authority";
import { hex, isEcdsa } from "@quorate/orders";
import type { SignatureRequest } from "./api-client.ts";
import { checkSpend, numbersOf, readPsbt, type Spend } from "./checks/bitcoin.ts";
import { addressOf, readSignedTransaction, type SignedTransaction } from "./checks/ethereum.ts";
import { checkSignature } from "./checks/signature.ts";
import { checkSolana, readSolana } from "./checks/solana.ts";
import { CliError, EXIT } from "./exit.ts";
import type { VerifyingKey } from "./key-lookup.ts";
import type { SigningInput } from "./signing-input.ts";

/** What a signing came to, checked here. */
export interface SignedResult {
  /** 64 bytes each, of ECDSA 65 with the recovery id, in the order of what was to sign. */
  readonly signatures: readonly Uint8Array[];
  /** The signed Solana or Ethereum transaction, or PSBT. */
  readonly signedData?: Uint8Array;
  /** Of a PSBT that needs nobody else: the Bitcoin transaction, ready to broadcast. */
  readonly transaction?: Uint8Array;
  /** Of an Ethereum transaction: who sends it, and by which hash the chain will know it. */
  readonly ethereum?: SignedTransaction;
}

/**
 * Checks an answer against what was asked for, with libraries that had no part in making it: every signature over exactly what
 * this input means, and the signed transaction or PSBT the one that was given.
 *
 * @throws CliError with exit code 3: nothing of the answer is to be used
 */
export function checkedResult(request: SignatureRequest, input: SigningInput, key: VerifyingKey): SignedResult {
  try {
    const signatures = checkedSignatures(request, input, key);
    if (input.kind !== "solana" && input.kind !== "psbt" && input.kind !== "evm") return { signatures };
    const signedData = bytesOf(request.signedData);
    if (input.kind === "psbt") return { signatures, signedData, ...checkPsbtAnswer(signedData, input, signatures) };
    if (input.kind === "evm") return { signatures, signedData, ethereum: checkEvmAnswer(signedData, input, key) };
    checkSolanaAnswer(signedData, input, signatures);
    return { signatures, signedData };
  } catch (error) {
    const problem = `the answer to request ${request.id} does not verify: ${(error as Error).message}`;
    const hint = "use nothing of it; quorate status and quorate logs coordinator show who is at fault";
    throw new CliError(EXIT.safety, problem, hint, { request: request.id });
  }
}

/**
 * A signature as those take it who are to check it: for Ethereum r, s and 27 or 28, behind 0x; of ECDSA otherwise r, s and the
 * recovery id; of all others its 64 bytes.
 */
export function signatureText({ derived }: SigningInput, signature: Uint8Array): string {
  return derived.encoding === "evm" ? `0x${hex(signature.with(64, 27 + signature[64]!))}` : hex(signature);
}

/** A signed transaction or PSBT as text: of Ethereum behind 0x. */
export function dataText({ kind }: SigningInput, signedData: Uint8Array): string {
  return kind === "evm" ? `0x${hex(signedData)}` : hex(signedData);
}

function bytesOf(text: string | undefined): Uint8Array {
  if (text === undefined || !/^0x([0-9a-f]{2})+$/.test(text)) throw new Error("a part of it is missing or not hex");
  return new Uint8Array(Buffer.from(text.slice(2), "hex"));
}

function checkedSignatures(request: SignatureRequest, { derived }: SigningInput, key: VerifyingKey): Uint8Array[] {
  const parts = request.signatures ?? (request.signature === undefined ? [] : [request.signature]);
  const { items } = derived;
  if (parts.length !== items.length) throw new Error(`${parts.length} signatures where ${items.length} belong`);
  return items.map(({ message, merkleRoot }, at) => {
    const signature = isEcdsa(key.suite) ? recoverable(parts[at]!) : bytesOf(parts[at]!.encoded);
    if (checkSignature(key, message, merkleRoot, signature)) return signature;
    throw new Error(`signature ${at + 1} of ${items.length} is not this key's over what was to be signed`);
  });
}

/** r, s and the recovery id: 65 bytes. `encoded` differs by chain, and is made anew where it is needed. */
function recoverable({ r, s, recid }: SignatureParts): Uint8Array {
  if (recid !== 0 && recid !== 1) throw new Error("its recovery id is missing or neither 0 nor 1");
  const [first, second] = [bytesOf(r), bytesOf(s)];
  if (first.length !== 32 || second.length !== 32) throw new Error("its r or s has not 32 bytes");
  return Uint8Array.of(...first, ...second, recid);
}

function checkEvmAnswer(signedData: Uint8Array, { original }: SigningInput, key: VerifyingKey): SignedTransaction {
  const signed = readSignedTransaction(signedData);
  if (hex(signed.unsigned) !== hex(original)) throw new Error("it is another transaction than the one given");
  const own = addressOf(key.publicKey);
  if (signed.sender !== own) throw new Error(`its sender is ${signed.sender}, and this key is ${own}`);
  return signed;
}

function checkSolanaAnswer(signedData: Uint8Array, { derived }: SigningInput, [own]: readonly Uint8Array[]): void {
  const signed = readSolana(signedData);
  if (hex(Uint8Array.from(signed.messageBytes)) !== hex(derived.items[0]!.message)) {
    throw new Error("it is another transaction than the one given");
  }
  const signatures = Object.values(signed.signatures).map((one) => one && hex(Uint8Array.from(one)));
  if (!signatures.includes(hex(own!))) throw new Error("the transaction does not carry the signature");
  const invalid = checkSolana(signed).filter(({ verdict }) => verdict === "invalid");
  if (invalid.length > 0) throw new Error(`the signature of ${invalid[0]!.signer} does not verify`);
}

/** Amounts and scripts are taken from the PSBT that was given, not from the one that came back. */
function checkPsbtAnswer(
  signedData: Uint8Array,
  { original }: SigningInput,
  own: readonly Uint8Array[],
): { transaction?: Uint8Array } {
  const given = readPsbt(original);
  const signed = readPsbt(signedData);
  if (signed.transaction.getId() !== given.transaction.getId()) {
    throw new Error("it is another transaction than the one given");
  }
  const spend: Spend = { ...signed, spent: given.spent };
  const carried = spend.witnesses.map((one) => (Array.isArray(one) ? numbersOf(one) : undefined));
  const verdicts = checkSpend(spend);
  for (const [at, signature] of own.entries()) {
    const input = carried.indexOf(hex(signature.subarray(0, 64)));
    if (verdicts[input]?.verdict !== "valid") throw new Error(`no input carries signature ${at + 1} validly`);
  }
  return signed.final === undefined ? {} : { transaction: signed.final };
}
