import { InputError, isEcdsa } from "@quorate/orders";
import { derivePsbt } from "./bitcoin/psbt.ts";
import { type ChainHints, chainField, isFor, saysChain } from "./chain.ts";
import type { Derived, EcdsaEncoding } from "./derived.ts";
import { personalMessageDigest } from "./ethereum/message.ts";
import { deriveEvmTransaction } from "./ethereum/transaction.ts";
import { deriveTypedData } from "./ethereum/typed-data.ts";
import type { PublicKeyFacts } from "./key.ts";
import { parseRequest, type RequestOf } from "./request.ts";
import { deriveSolana } from "./solana.ts";

function unsupported(field: string, problem: string, hint: string): never {
  throw new InputError("unsupported", `${field}: ${problem}`, { field, hint });
}

/** How the signature of a bare hash is written: as the chain does, where one is named. */
function encodingOf(request: ChainHints): EcdsaEncoding {
  if (!saysChain(request)) return "plain";
  if (isFor("Evm", request)) return "evm";
  return isFor("Bitcoin", request) ? "der" : "plain";
}

/**
 * The caller's own 32 bytes: an ECDSA key signs them in full, interactive rounds, never with a presignature (see `prehashed`), so
 * such a request takes longer than one whose message the signers hash themselves.
 */
function deriveHash(request: RequestOf<"Hash">, { suite }: PublicKeyFacts): Derived {
  const { hash, taprootMerkleRoot } = request;
  const field = "taprootMerkleRoot";
  if (suite === "taproot" && taprootMerkleRoot === undefined) {
    throw new InputError("invalid_input", `${field}: is missing`, {
      field,
      hint: 'give "" for an output without scripts, or the 32 bytes of its merkle root',
    });
  }
  if (suite !== "taproot" && taprootMerkleRoot !== undefined) {
    throw new InputError("invalid_input", `${field}: a key of suite ${suite} has no taproot output`, {
      field,
      hint: `leave ${field} out, or sign with a taproot key`,
    });
  }
  const items = [{ message: hash, merkleRoot: taprootMerkleRoot ?? null, prehashed: true }];
  return isEcdsa(suite) ? { items, encoding: encodingOf(request) } : { items };
}

function derivePersonalMessage(request: RequestOf<"Message">): Derived {
  if (saysChain(request) && isFor("Evm", request)) {
    return {
      items: [{ message: personalMessageDigest(request.message), merkleRoot: null, prehashed: false }],
      encoding: "evm",
    };
  }
  return unsupported(
    chainField(request),
    "how an ECDSA key hashes a message depends on the chain, and none is named whose way is known",
    'add blockchainKind "Evm" for a personal message of Ethereum, or hash it yourself and sign kind "Hash"',
  );
}

function deriveMessage(request: RequestOf<"Message">, { suite }: PublicKeyFacts): Derived {
  if (isEcdsa(suite)) return derivePersonalMessage(request);
  if (isFor("Solana", request)) return { items: [{ message: request.message, merkleRoot: null, prehashed: false }] };
  return unsupported(
    chainField(request),
    "messages are signed as they are, with no form of this chain",
    "leave blockchainKind and network out to sign the bytes themselves",
  );
}

function deriveTransaction(request: RequestOf<"Transaction">, key: PublicKeyFacts): Derived {
  const family = isEcdsa(key.suite) ? "Evm" : "Solana";
  if (!saysChain(request) || !isFor(family, request)) {
    return unsupported(
      chainField(request),
      `which chain the transaction is for decides what is signed, and this key signs those of ${family}`,
      `add blockchainKind "${family}", or sign its hash with kind "Hash"`,
    );
  }
  const { transaction } = request;
  return family === "Evm" ? deriveEvmTransaction(transaction) : deriveSolana(transaction, key);
}

function deriveEip712(request: RequestOf<"Eip712">): Derived {
  if (isFor("Evm", request)) return deriveTypedData(request);
  return unsupported(chainField(request), "typed data is for Ethereum", 'leave it out, or say blockchainKind "Evm"');
}

function derivePsbtRequest(request: RequestOf<"Psbt">, key: PublicKeyFacts): Derived {
  if (isFor("Bitcoin", request)) return derivePsbt(request.psbt, key);
  return unsupported(chainField(request), "a PSBT is for Bitcoin", 'leave it out, or say "Bitcoin"');
}

/**
 * What a signature request means for a key: the messages that are signed, in order, and with which tweak. Coordinator and
 * signers derive it each for themselves, from the request alone.
 *
 * @param body parsed JSON of the request
 * @throws InputError naming the field and the way out
 */
export function deriveDigests(body: unknown, key: PublicKeyFacts): Derived {
  const request = parseRequest(body, key);
  switch (request.kind) {
    case "Hash":
      return deriveHash(request, key);
    case "Message":
      return deriveMessage(request, key);
    case "Transaction":
      return deriveTransaction(request, key);
    case "Eip712":
      return deriveEip712(request);
    case "Psbt":
      return derivePsbtRequest(request, key);
  }
}
