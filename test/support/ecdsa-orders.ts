import type { KeyRecord } from "@quorate/coordinator";
import type { OrderOf, OutcomeOf } from "@quorate/orders";
import { authorityOf, logOf, signaturePath } from "./authorised-orders.ts";
import { forgeOrder, outcomesOf } from "./forged-order.ts";
import type { VirtualNetwork } from "./virtual-network.ts";

/** An order to make a presignature; the execution, 16 times one byte, names it. */
export function presignOrder(
  key: KeyRecord,
  execution: number,
  signers: readonly number[],
  changes: Partial<OrderOf<"presign">> = {},
): OrderOf<"presign"> {
  const executionId = new Uint8Array(16).fill(execution);
  const keyId = Buffer.from(key.keyId, "hex");
  return { kind: "presign", executionId, keyId, epoch: 0, path: [], signers, ...changes };
}

/** Has all signers of a set make a presignature, and lets it finish. */
export function makePresignature(
  network: VirtualNetwork,
  key: KeyRecord,
  execution: number,
  signers: readonly number[],
): void {
  for (const signer of signers) give(network, signer, presignOrder(key, execution, signers));
  network.pass(100);
}

/** An order to sign a text with a presignature, under a new authorisation by the admin each time. */
export function presignedOrder(
  network: VirtualNetwork,
  key: KeyRecord,
  execution: number,
  text: string,
  changes: Partial<OrderOf<"signPresigned">> = {},
): OrderOf<"signPresigned"> {
  const message = Buffer.from(text).toString("hex");
  const body = { kind: "Message", message, blockchainKind: "Evm" };
  return {
    kind: "signPresigned",
    requestId: `sig-${text}`,
    executionId: new Uint8Array(Buffer.alloc(16, text)),
    keyId: Buffer.from(key.keyId, "hex"),
    authority: authorityOf(logOf(network), signaturePath(key), body),
    epoch: 0,
    path: [],
    request: new TextEncoder().encode(JSON.stringify(body)),
    deadline: 1_790_000_000_000 + 3600_000,
    presignatures: [new Uint8Array(16).fill(execution)],
    ...changes,
  };
}

/** Hands a signer an order of the coordinator's and lets no time pass. */
export function give(network: VirtualNetwork, signer: number, order: Parameters<typeof forgeOrder>[2]): void {
  forgeOrder(network, `signer-${signer}`, order, 0);
}

/** What a signer answered of one kind, oldest first. */
export function answers<K extends "presigned" | "ecdsaShares" | "aborted" | "refused" | "pairs" | "presignatures">(
  network: VirtualNetwork,
  signer: number,
  kind: K,
): readonly OutcomeOf<K>[] {
  return outcomesOf(network, `signer-${signer}`).filter((one): one is OutcomeOf<K> => one.kind === kind);
}
