import { hex, isEcdsa, type SuiteName } from "@quorate/orders";
import { deriveDigests } from "./derive.ts";
import type { Derived, EcdsaEncoding } from "./derived.ts";
import { ECDSA_SIGNATURE_BYTES, encodeEcdsa } from "./ecdsa-signature.ts";
import type { PublicKeyFacts } from "./key.ts";

/**
 * One signature, its numbers hex behind 0x. `encoded` is `r` then `s`; EdDSA `r` and `s` are in wire order (RFC 8032). Of ECDSA it
 * is what the chain takes: for Ethereum `r`, `s` and 27 or 28, for Bitcoin DER, and with no chain `r`, `s` and `recid`.
 */
export interface SignatureParts {
  readonly r: string;
  readonly s: string;
  readonly encoded: string;
  /** Of ECDSA: which point belongs to `r`, so that the key can be recovered. 0 or 1; above only if x(R) is no scalar, which is chance. */
  readonly recid?: number;
}

/** What a finished signature request answers. */
export interface Assembled {
  /** Of a request that asked for one signature. */
  readonly signature?: SignatureParts;
  /** Of a request that asked for several, in the order of the inputs that they sign. */
  readonly signatures?: readonly SignatureParts[];
  /** The whole signed transaction or PSBT, hex behind 0x, where the request carried one. */
  readonly signedData?: string;
}

/** 64 bytes; where RFC 9591 puts a compressed point in front, 65; of ECDSA r, s and the recovery id. */
const SIGNATURE_BYTES: Readonly<Record<SuiteName, number>> = {
  ed25519: 64,
  taproot: 64,
  secp256k1: 65,
  p256: 65,
  "ecdsa-secp256k1": ECDSA_SIGNATURE_BYTES,
  "ecdsa-p256": ECDSA_SIGNATURE_BYTES,
};

function prefixed(bytes: Uint8Array): string {
  return `0x${hex(bytes)}`;
}

function parts(signature: Uint8Array): SignatureParts {
  const split = signature.length - 32;
  return {
    r: prefixed(signature.subarray(0, split)),
    s: prefixed(signature.subarray(split)),
    encoded: prefixed(signature),
  };
}

function ecdsaParts(signature: Uint8Array, encoding: EcdsaEncoding): SignatureParts {
  return {
    r: prefixed(signature.subarray(0, 32)),
    s: prefixed(signature.subarray(32, 64)),
    recid: signature[64]!,
    encoded: prefixed(encodeEcdsa(signature, encoding)),
  };
}

/**
 * Puts finished signatures into the form that the API answers with.
 *
 * @param signatures one per item of `deriveDigests(body, key)`, in order
 * @throws Error when they are not as many, or not as long, as the request asked for: a mistake of the caller
 */
export function assemble(body: unknown, key: PublicKeyFacts, signatures: readonly Uint8Array[]): Assembled {
  return assembleDerived(deriveDigests(body, key), key, signatures);
}

/** As `assemble`, for what was derived before. */
export function assembleDerived(
  { items, encoding = "plain", finish }: Derived,
  { suite }: Pick<PublicKeyFacts, "suite">,
  signatures: readonly Uint8Array[],
): Assembled {
  const length = SIGNATURE_BYTES[suite];
  if (signatures.length !== items.length || signatures.some((signature) => signature.length !== length)) {
    throw new Error(`${items.length} signatures of ${length} bytes were asked for`);
  }
  const shown = signatures.map((one) => (isEcdsa(suite) ? ecdsaParts(one, encoding) : parts(one)));
  return {
    ...(items.length === 1 ? { signature: shown[0]! } : { signatures: shown }),
    ...(finish === undefined ? {} : { signedData: prefixed(finish(signatures)) }),
  };
}
