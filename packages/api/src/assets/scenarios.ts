import { randomBytes } from "node:crypto";
import type { RequestRecord } from "@quorate/coordinator";
import { InputError, publicId } from "@quorate/orders";
import { z } from "zod";
import type { Access } from "../access/access.ts";
import { checked, readObject } from "../input.ts";
import { type App, route } from "../routes.ts";

const KEPT_MS = 24 * 3600_000;

const scenario = z.strictObject({
  /** `key-…`. */
  keyId: z.string().min(1).max(64),
  outcome: z.enum(["pending", "rejected", "failed", "slow"]),
  /** How long it takes, with outcome `slow`. */
  seconds: z.number().min(0).max(600).optional(),
  reason: z.string().min(1).max(200).optional(),
});
type Scenario = z.output<typeof scenario>;

/** What the next requests of keys come to, for tests of applications: in order, one each. No signer hears of those that end here. */
export function scenarioRoutes(app: App, access: Access): void {
  const { records, now, authority } = access;
  route(app, "/_quorate/scenarios", {
    async POST(c) {
      const told = checked(scenario, await readObject(c));
      if (!authority.organisations().some(({ keys }) => keys.has(told.keyId))) {
        throw new InputError("not_found", `no key ${told.keyId}`, { field: "keyId" });
      }
      if ((told.outcome === "slow") !== (told.seconds !== undefined)) {
        throw new InputError("invalid_input", "seconds: goes with outcome slow, and only with it", {
          field: "seconds",
        });
      }
      const id = publicId("sc", randomBytes(17));
      await records.put({ kind: "scenario", id, scope: told.keyId, value: told, expires: now() + KEPT_MS });
      return c.json({ id, ...told });
    },
    async GET(c) {
      const keyId = c.req.query("keyId") ?? "";
      const items = await records.list("scenario", keyId);
      return c.json({ items: items.map(({ id, value }) => ({ id, ...(value as Scenario) })) });
    },
    async DELETE(c) {
      const { keyId } = checked(scenario.pick({ keyId: true }), await readObject(c));
      await records.end("scenario", keyId);
      return c.json({ items: [] });
    },
  });
}

const STATUS = { pending: "Pending", rejected: "Rejected", failed: "Failed" } as const;
const REASON = {
  pending: null,
  rejected: "an approver denied it",
  failed: "the signers did not sign in time",
} as const;

/** What the next request of a key comes to: its end where that is scripted; nothing, perhaps later, where it is to be signed. */
export async function scripted(
  access: Access,
  told: Pick<RequestRecord, "keyId" | "body" | "organisation" | "requester" | "authority" | "path" | "walletId">,
): Promise<RequestRecord | undefined> {
  const [first] = await access.records.list("scenario", told.keyId);
  const taken = first === undefined ? undefined : await access.records.take("scenario", first.id);
  if (taken === undefined) return undefined;
  const { outcome, seconds = 0, reason } = taken.value as Scenario;
  if (outcome === "slow") {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return undefined;
  }
  const at = access.now();
  const { externalId } = told.body;
  const record: RequestRecord = {
    ...{ ...told, id: publicId("sig", randomBytes(17)), transaction: null, bodyDigest: "" },
    ...{ externalId: typeof externalId === "string" ? externalId : null, dateRequested: at, deadline: at + KEPT_MS },
    ...{ status: STATUS[outcome], reason: reason ?? REASON[outcome], dateSigned: null, result: null },
    ...{ attempts: [], timing: null },
  };
  await access.records.put({
    kind: "scripted",
    id: record.id,
    scope: told.keyId,
    value: record,
    expires: at + KEPT_MS,
  });
  return record;
}

/** A request whose end was scripted. */
export async function scriptedRequest({ records }: Access, id: string): Promise<RequestRecord | undefined> {
  return (await records.get("scripted", id))?.value as RequestRecord | undefined;
}
