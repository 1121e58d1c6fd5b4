import { MAX_POOL } from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import { z } from "zod";
import { checked, readObject } from "./input.ts";
import type { ApiOptions } from "./options.ts";
import { pageToken, readPage } from "./paging.ts";
import { type App, ask, route, segment } from "./routes.ts";
import { keyShape, signersShape, singleKeyShape } from "./shapes.ts";

const newKey = z.strictObject({
  scheme: z.enum(["EdDSA", "Schnorr", "ECDSA"]),
  curve: z.enum(["ed25519", "secp256k1", "secp256r1"]),
  name: z
    .string()
    .min(1)
    .max(100)
    .regex(/^\P{Cc}*$/u, "no control characters")
    .optional(),
  deriveFrom: z.strictObject({ keyId: z.string().max(100), path: z.string().max(200).optional() }).optional(),
  // Ours, beside what Dfns has: clients that know nothing of them lose nothing.
  minSigners: z.int().min(2).optional(),
  presign: z.int().min(0).max(MAX_POOL).optional(),
});

/** Fields of Dfns that change what key is made: to ignore one would be to make another key than was asked for. */
const NOT_YET = ["masterKey", "storeId", "delegateTo", "delayDelegation"];

/** Keys and signers, as Dfns has them. */
export function keyRoutes(app: App, { coordinator, network }: ApiOptions): void {
  route(app, "/keys", {
    async POST(c) {
      const body = await readObject(c);
      const field = NOT_YET.find((name) => Object.hasOwn(body, name));
      if (field !== undefined) {
        throw new InputError("unsupported", `${field}: not part of this version`, { field, hint: "leave it out" });
      }
      const request = checked(newKey, body);
      return c.json(keyShape(await ask((reply) => coordinator.createKey(request, reply))));
    },
    GET(c) {
      const { limit, after = 0 } = readPage(c, "keys");
      const keys = coordinator.keys();
      const end = after + limit;
      const items = keys.slice(after, end).map(keyShape);
      return c.json({ items, ...(end < keys.length ? { nextPageToken: pageToken("keys", end) } : {}) });
    },
  });
  route(app, "/keys/:keyId", {
    GET: (c) => c.json(singleKeyShape(coordinator.key(segment(c, "keyId")), network)),
  });
  route(app, "/signers", { GET: (c) => c.json(signersShape(coordinator.signers(), network)) });
}
