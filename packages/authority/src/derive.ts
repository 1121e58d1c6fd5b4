import { InputError } from "@quorate/orders";
import type { Derived } from "./derived.ts";
import { type PublicKeyFacts, SIGNS } from "./key.ts";
import { derivePsbt } from "./psbt.ts";
import { parseRequest, type RequestOf, type SignatureRequest } from "./request.ts";
import { deriveSolana } from "./solana.ts";

type Chain = Pick<SignatureRequest, "network" | "blockchainKind">;

/** Whether the request says nothing of a chain, or names `kind`: by `blockchainKind`, or by a network such as `SolanaDevnet`. */
function isFor(kind: string, { blockchainKind = kind, network = kind }: Chain): boolean {
  return blockchainKind === kind && network.startsWith(kind);
}

function saysChain({ blockchainKind, network }: Chain): boolean {
  return blockchainKind !== undefined || network !== undefined;
}

function unsupported(field: string, problem: string, hint: string): never {
  throw new InputError("unsupported", `${field}: ${problem}`, { field, hint });
}

function unsupportedKind(request: SignatureRequest, { suite }: PublicKeyFacts): never {
  return unsupported("kind", `a key of suite ${suite} does not sign kind "${request.kind}"`, SIGNS[suite]);
}

function chainField({ blockchainKind }: Chain): string {
  return blockchainKind === undefined ? "network" : "blockchainKind";
}

function deriveHash(request: RequestOf<"Hash">, key: PublicKeyFacts): Derived {
  const { hash, taprootMerkleRoot } = request;
  const field = "taprootMerkleRoot";
  if (key.suite === "taproot") {
    if (taprootMerkleRoot !== undefined) return { items: [{ message: hash, merkleRoot: taprootMerkleRoot }] };
    throw new InputError("invalid_input", `${field}: is missing`, {
      field,
      hint: 'give "" for an output without scripts, or the 32 bytes of its merkle root',
    });
  }
  if (taprootMerkleRoot === undefined) return { items: [{ message: hash, merkleRoot: null }] };
  throw new InputError("invalid_input", `${field}: a key of suite ${key.suite} has no taproot output`, {
    field,
    hint: `leave ${field} out, or sign with a taproot key`,
  });
}

function deriveMessage(request: RequestOf<"Message">, key: PublicKeyFacts): Derived {
  if (key.suite !== "ed25519") return unsupportedKind(request, key);
  if (isFor("Solana", request) || isFor("KeyEdDSA", request)) {
    return { items: [{ message: request.message, merkleRoot: null }] };
  }
  return unsupported(
    chainField(request),
    "messages are signed as they are, with no form of this chain",
    "leave blockchainKind and network out to sign the bytes themselves",
  );
}

function deriveTransaction(request: RequestOf<"Transaction">, key: PublicKeyFacts): Derived {
  if (key.suite !== "ed25519") return unsupportedKind(request, key);
  if (saysChain(request) && isFor("Solana", request)) return deriveSolana(request.transaction, key);
  return unsupported(
    saysChain(request) ? chainField(request) : "blockchainKind",
    "which chain the transaction is for decides what is signed, and it is not Solana",
    'add blockchainKind "Solana", or sign its hash with kind "Hash"',
  );
}

function derivePsbtRequest(request: RequestOf<"Psbt">, key: PublicKeyFacts): Derived {
  if (key.suite !== "taproot") return unsupportedKind(request, key);
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
    case "Psbt":
      return derivePsbtRequest(request, key);
  }
}
