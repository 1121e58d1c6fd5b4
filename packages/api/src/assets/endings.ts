import { type SignatureForm, signatureTarget } from "@quorate/authority";
import type { RequestRecord } from "@quorate/coordinator";
import type { Access } from "../access/access.ts";
import { ask } from "../routes.ts";
import { send } from "./broadcasting.ts";
import { requestShape } from "./shapes.ts";

const ENDS = new Set(["request.signed", "request.failed", "request.rejected"]);

/**
 * Follows requests to their end, however late that comes: a transaction that was held is sent once it is signed, and webhooks hear of it.
 *
 * @returns a function that ends it
 */
export function followEndings(access: Access): () => void {
  return access.options.events.subscribe(({ event }) => {
    if (!ENDS.has(event.type)) return;
    ended(access, String(event.request)).catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : String(error);
      access.options.events.publish({
        type: "api.unfollowed",
        node: access.options.network.coordinator.name,
        at: access.now(),
        detail,
      });
    });
  });
}

async function ended(access: Access, id: string): Promise<void> {
  const record = await ask<RequestRecord>((reply) => access.authority.signature(id, reply));
  const organisation = access.authority.organisation(record.organisation);
  const { form, wallet } = signatureTarget(organisation, record.path);
  const isSent = form !== "signature" && wallet !== null && record.status === "Signed";
  const broadcast = isSent ? await send(access, record, wallet.network) : undefined;
  const shape = requestShape(organisation, record, wallet, broadcast);
  access.hooks.publish(organisation.id, `wallet.${form}.${shape.status.toLowerCase()}`, dataOf(form, shape));
}

/** How events name what they are about. */
export function dataOf(form: SignatureForm, shape: object) {
  return {
    [{ signature: "signatureRequest", transaction: "transactionRequest", transfer: "transferRequest" }[form]]: shape,
  };
}
