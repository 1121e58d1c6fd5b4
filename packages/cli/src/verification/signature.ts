import { hex } from "@quorate/orders";
import { checkEs256 } from "../checks/ecdsa.ts";
import { addressOf, senderOf } from "../checks/ethereum.ts";
import { checkSignature, VERIFIER } from "../checks/signature.ts";
import type { CommandContext } from "../commands/context.ts";
import { refuseArgument } from "../exit.ts";
import type { VerifyingKey } from "../key-lookup.ts";
import { hexArgument, merkleRootOf, messageBytes, signingInput } from "../signing-input.ts";
import type { Finding, VerifyOptions } from "./finding.ts";
import { namedOwner } from "./owner.ts";

type Kind = "message" | "messageHex" | "file" | "hash" | "eip712";

/** Checks `--signature` over what the input options say. @throws CliError if what is given cannot be checked */
export async function signatureFinding(options: VerifyOptions, kind: Kind, context: CommandContext): Promise<Finding> {
  if (options.signature === undefined) refuseArgument("--signature", "is missing", "give its bytes in hex");
  const given = hexArgument("--signature", options.signature, 64, 65);
  const owner = await namedOwner(options, context);
  if (owner === undefined) {
    refuseArgument("--key", "is missing", "give --key, --public-key and --scheme, or for Ethereum --address");
  }
  if ("address" in owner) return addressFinding(options, owner.address, given);
  const { key } = owner;
  if (key.suite === "ecdsa-secp256k1") return ethereumFinding(options, key, given);
  if (key.suite === "ecdsa-p256") return p256Finding(options, kind, key, given);
  if (given.length !== 64) refuseArgument("--signature", "65 bytes where 64 belong", "give the signature alone");
  return frostFinding(options, kind, key, given);
}

function frostFinding(options: VerifyOptions, kind: Kind, key: VerifyingKey, signature: Uint8Array): Finding {
  const merkleRoot = merkleRootOf(options);
  if (key.suite === "taproot" && kind !== "hash") {
    refuseArgument("--hash", "is missing: a Schnorr key signs 32 bytes", "give the hash of what was signed");
  }
  if (kind === "eip712") refuseArgument("--eip712", "goes with ECDSA keys only", "give --message or --hash");
  if (key.suite === "taproot" && merkleRoot === null && options.key !== undefined) {
    const problem = "is missing: the network signs with a taproot tweak";
    refuseArgument("--key-path", problem, "add it, or --merkle-root <hex>");
  }
  if (key.suite === "ed25519" && merkleRoot !== null) {
    refuseArgument("--key-path or --merkle-root", "goes with Schnorr keys only", "leave it out");
  }
  const message = kind === "hash" ? hexArgument("--hash", options.hash!, 32) : messageBytes(kind, options);
  return keyFinding(key, checkSignature(key, message, merkleRoot, signature));
}

/** A digest as it is; a message by ES256. */
function p256Finding(options: VerifyOptions, kind: Kind, key: VerifyingKey, given: Uint8Array): Finding {
  if (kind === "eip712") refuseArgument("--eip712", "goes with ECDSA keys on secp256k1 only", "give --hash");
  if (kind === "hash") return keyFinding(key, checkSignature(key, digestOf(options, key), null, recoverable(given)));
  const valid = checkEs256(key.publicKey, messageBytes(kind, options), given.subarray(0, 64));
  return { ...keyFinding(key, valid), by: "OpenSSL, as ES256" };
}

function ethereumFinding(options: VerifyOptions, key: VerifyingKey, given: Uint8Array): Finding {
  const signature = recoverable(given);
  const found = keyFinding(key, checkSignature(key, digestOf(options, key), null, signature));
  const address = addressOf(key.publicKey);
  return { ...found, facts: { ...found.facts, address }, rows: [...found.rows, ["address", address]] };
}

/** As `ecrecover` does: the signature leads to an address, and that has to be the one given. */
function addressFinding(options: VerifyOptions, address: string, given: Uint8Array): Finding {
  if (given.length !== 65) {
    refuseArgument("--signature", `${given.length} bytes where 65 belong`, "--address takes r, s and the recovery id");
  }
  // What is hashed does not depend on the key.
  const digest = digestOf(options, { suite: "ecdsa-secp256k1", publicKey: new Uint8Array(33) });
  const recovered = senderOf(digest, recoverable(given));
  return {
    valid: recovered === address,
    by: VERIFIER["ecdsa-secp256k1"],
    facts: { address, recovered: recovered ?? null },
    rows: [
      ["address", address],
      ["signed by", recovered ?? "nobody: no key leads to this signature, or its s is high"],
    ],
  };
}

function digestOf(options: VerifyOptions, key: VerifyingKey): Uint8Array {
  return signingInput(options, key).derived.items[0]!.message;
}

function keyFinding({ suite, publicKey }: VerifyingKey, valid: boolean): Finding {
  const text = hex(publicKey);
  return { valid, by: VERIFIER[suite], facts: { publicKey: text, suite }, rows: [["key", text]] };
}

/** r, s and the recovery id, for which Ethereum writes 27 and 28 instead of 0 and 1; without it as it is. */
function recoverable(signature: Uint8Array): Uint8Array {
  const last = signature[64];
  if (last === undefined || last <= 1) return signature;
  if (last === 27 || last === 28) return signature.with(64, last - 27);
  return refuseArgument("--signature", `ends in ${last}`, "the last of 65 bytes is the recovery id: 0, 1, 27 or 28");
}
