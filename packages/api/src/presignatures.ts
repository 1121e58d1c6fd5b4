import { type KeyRecord, MAX_POOL } from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import { z } from "zod";
import { checked, readObject } from "./input.ts";
import type { ApiOptions } from "./options.ts";
import { type App, ask, route } from "./routes.ts";

const keyId = z.string().max(100);
const path = z.string().max(200).optional();
const which = z.strictObject({ keyId, path });
const shown = z.strictObject({ keyId: keyId.optional(), path });
const wanted = z.strictObject({ keyId, path, count: z.int().min(1).max(MAX_POOL) });

/** Presignatures of ECDSA keys, of which Dfns says nothing: what lies ready for which key and signing set; to fill, and to drop. */
export function presignatureRoutes(app: App, { coordinator }: ApiOptions): void {
  const report = (key?: KeyRecord) => {
    const { pools, totals } = coordinator.presignatures();
    return { pools: key === undefined ? pools : coordinator.presignatureLevels(key), totals };
  };
  route(app, "/_quorate/presignatures", {
    GET(c) {
      const { keyId, path } = checked(shown, c.req.query());
      if (keyId !== undefined) return c.json(report(coordinator.keyAt(keyId, path)));
      if (path === undefined) return c.json(report());
      throw new InputError("invalid_input", "keyId: a path is one of a key's children", { field: "keyId" });
    },
    /** Answers once that many lie ready for the first set; a client that leaves ends nothing. */
    async POST(c) {
      const { keyId, path, count } = checked(wanted, await readObject(c));
      const key = coordinator.keyAt(keyId, path);
      await ask<KeyRecord>((reply) => coordinator.fillPresignatures(key, count, reply));
      return c.json(report(key));
    },
    async DELETE(c) {
      const { keyId, path } = checked(which, await readObject(c));
      const key = coordinator.keyAt(keyId, path);
      coordinator.dropPresignatures(key);
      return c.json(report(key));
    },
  });
}
