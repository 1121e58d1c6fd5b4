import { hex, type SuiteName } from "@quorate/orders";
import { deriveDigests } from "./derive.ts";
import type { PublicKeyFacts } from "./key.ts";

/** One signature, each member hex behind 0x. `encoded` is `r` then `s`; EdDSA `r` and `s` are in wire order (RFC 8032). */
export interface SignatureParts {
  readonly r: string;
  readonly s: string;
  readonly encoded: string;
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

/** 64 bytes; where RFC 9591 puts a compressed point in front, 65. */
const SIGNATURE_BYTES: Readonly<Record<SuiteName, number>> = { ed25519: 64, taproot: 64, secp256k1: 65, p256: 65, "ecdsa-secp256k1": 65, "ecdsa-p256": 65 };

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

/**
 * Puts finished signatures into the form that the API answers with.
 *
 * @param signatures one per item of `deriveDigests(body, key)`, in order
 * @throws Error when they are not as many, or not as long, as the request asked for: a mistake of the caller
 */
export function assemble(body: unknown, key: PublicKeyFacts, signatures: readonly Uint8Array[]): Assembled {
  const { items, finish } = deriveDigests(body, key);
  const length = SIGNATURE_BYTES[key.suite];
  if (signatures.length !== items.length || signatures.some((signature) => signature.length !== length)) {
    throw new Error(`${items.length} signatures of ${length} bytes were asked for`);
  }
  const [only] = signatures;
  return {
    ...(items.length === 1 ? { signature: parts(only!) } : { signatures: signatures.map(parts) }),
    ...(finish === undefined ? {} : { signedData: prefixed(finish(signatures)) }),
  };
}
