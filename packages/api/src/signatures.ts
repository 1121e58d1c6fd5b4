import type { Page, RequestRecord } from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import { readObject } from "./input.ts";
import type { ApiOptions } from "./options.ts";
import { pageToken, readPage } from "./paging.ts";
import { type App, ask, route, segment } from "./routes.ts";
import { signatureShape } from "./shapes.ts";

/** Signature requests, as Dfns has them. Signing is synchronous: the answer comes with the signature. */
export function signatureRoutes(app: App, { coordinator }: ApiOptions): void {
  route(app, "/keys/:keyId/signatures", {
    // The body goes on as it came: the authority parses it, here and at each signer. A client that leaves ends nothing.
    async POST(c) {
      const body = await readObject(c);
      const request = { keyId: segment(c, "keyId"), body };
      return c.json(signatureShape(await ask<RequestRecord>((reply) => coordinator.sign(request, reply))));
    },
    async GET(c) {
      const { id } = coordinator.key(segment(c, "keyId"));
      const { limit, after } = readPage(c, id);
      const page = await ask<Page<RequestRecord>>((reply) => coordinator.signatures(id, limit, after, reply));
      const items = page.items.map(signatureShape);
      return c.json({ keyId: id, items, ...(page.next === null ? {} : { nextPageToken: pageToken(id, page.next) }) });
    },
  });
  route(app, "/keys/:keyId/signatures/:signatureId", {
    async GET(c) {
      const key = coordinator.key(segment(c, "keyId"));
      const id = segment(c, "signatureId");
      const record = await ask<RequestRecord>((reply) => coordinator.signature(id, reply));
      if (record.keyId === key.id) return c.json(signatureShape(record));
      throw new InputError("not_found", `key ${key.id} has no signature request ${id}`, { field: "signatureId" });
    },
  });
}
