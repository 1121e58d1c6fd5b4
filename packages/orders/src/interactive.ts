import { encode, H, u64be } from "@quorate/curves";
import { type DerivationPath, derivationPath } from "./path.ts";

/** What a request asks of which key. */
export interface Asked {
  readonly keyId: Uint8Array;
  readonly path: DerivationPath;
  /** The request as the user sent it. */
  readonly request: Uint8Array;
}

/** What an authorisation is bound to: key, path and request together. 32 bytes. */
export function bindingDigest({ keyId, path, request }: Asked): Uint8Array {
  return H("signer/v1", "binding", keyId, encode(derivationPath, path), request);
}

/** What the signers of one order agree on before they exchange anything for it. */
export interface Interaction {
  readonly networkHash: Uint8Array;
  readonly asked: Asked;
  /** The authorisation's id, 32 bytes. */
  readonly authorisation: Uint8Array;
  readonly epoch: number;
  readonly signers: readonly number[];
}

/** All that the signers of an order must agree on, 32 bytes: who shows one of them another request gets frames that do not verify. */
export function interactiveContext({ networkHash, asked, authorisation, epoch, signers }: Interaction): Uint8Array {
  const agreed = [bindingDigest(asked), authorisation, u64be(epoch), Uint8Array.from(signers)];
  return H("signer/v1", "interactive", networkHash, ...agreed);
}
