import type { EcdsaEncoding } from "./derived.ts";

/** r, s and the recovery id: how ECDSA signatures come in. */
export const ECDSA_SIGNATURE_BYTES = 65;

/** What Ethereum adds to the recovery id, from the days of Bitcoin's signed messages. */
const EVM_OFFSET = 27;

/** An integer of DER: no leading zeros but the one that keeps it positive. */
function derInteger(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  const padded = digits[0]! < 0x80 ? digits : Uint8Array.of(0, ...digits);
  return Uint8Array.of(0x02, padded.length, ...padded);
}

/** DER (X.690) of r and s, as Bitcoin has it in front of the sighash byte (BIP-66). */
export function derSignature(signature: Uint8Array): Uint8Array {
  const body = [...derInteger(signature.subarray(0, 32)), ...derInteger(signature.subarray(32, 64))];
  return Uint8Array.of(0x30, body.length, ...body);
}

/** Which of two points belongs to r on Ethereum. @throws Error for a recovery id above 1: Ethereum has no way to write it (chance: 2^-127) */
export function parity(signature: Uint8Array): 0 | 1 {
  const recid = signature[64];
  if (recid === 0 || recid === 1) return recid;
  throw new Error(`Ethereum has no signatures with recovery id ${recid}`);
}

/** @param signature 65 bytes: r, s and the recovery id */
export function encodeEcdsa(signature: Uint8Array, encoding: EcdsaEncoding): Uint8Array {
  switch (encoding) {
    case "plain":
      return signature;
    case "evm":
      return signature.with(64, EVM_OFFSET + parity(signature));
    case "der":
      return derSignature(signature);
  }
}
