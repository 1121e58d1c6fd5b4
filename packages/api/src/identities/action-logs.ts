import type { Organisation } from "@quorate/authority";
import { InputError } from "@quorate/orders";
import { z } from "zod";
import type { NotedAction } from "../access/action-log.ts";
import type { Endpoints } from "../access/endpoints.ts";
import { checked } from "../input.ts";
import { segment } from "../routes.ts";
import { date } from "../shapes.ts";

const PATH = "/auth/action/logs";
const MAX_RANGE_MS = 7 * 86_400_000;

const moment = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  context.addIssue({ code: "custom", message: "a time such as 2026-01-31T12:00:00.000Z" });
  return z.NEVER;
});
const range = z.strictObject({ startTime: moment, endTime: moment, userId: z.string().max(64).optional() });

const HEAD = ["id", "datePerformed", "action", "userId", "username", "credentialId", "credentialKind"];

/** RFC 4180; what a spreadsheet would take for a formula is marked as text. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function row(id: string, { at, method, path, user, username, proof }: NotedAction): string {
  const { credId } = proof.credentialAssertion;
  return [id, date(at), `${method} ${path}`, user, username, credId, proof.kind].map(cell).join(",");
}

function detail(organisation: Organisation, id: string, { at, method, path, user, username, proof }: NotedAction) {
  const { credentialAssertion } = proof;
  const uuid = organisation.credentialIds.get(credentialAssertion.credId.replace(/=+$/, "")) ?? "";
  const { clientData, signature } = credentialAssertion;
  const authenticatorData = "authenticatorData" in credentialAssertion ? credentialAssertion.authenticatorData : "";
  const publicKey = organisation.credentials.get(uuid)?.publicKey ?? "";
  const assertion = { clientData, authenticatorData, signature };
  return {
    ...{ id, action: `${method} ${path}`, actionToken: "", datePerformed: date(at), userId: user, username },
    firstFactorCredential: { id: uuid, kind: proof.kind, publicKey, assertion },
  };
}

/** Which actions were signed. The list is CSV in a JSON text: the official client reads nothing but JSON. */
export function actionLogEndpoints(endpoints: Endpoints): void {
  const { records } = endpoints.access;
  endpoints.read(PATH, "Auth:Logs:Read", async (c, { organisation }) => {
    const { startTime, endTime, userId } = checked(range, c.req.query());
    if (endTime < startTime || endTime - startTime > MAX_RANGE_MS) {
      throw new InputError("invalid_input", "endTime: at most seven days after startTime", { field: "endTime" });
    }
    const noted = await records.list("action", organisation.id);
    const rows = noted.flatMap(({ id, value }) => {
      const one = value as NotedAction;
      const isWanted = one.at >= startTime && one.at <= endTime && (userId ?? one.user) === one.user;
      return isWanted ? [row(id, one)] : [];
    });
    return c.json([HEAD.join(","), ...rows, ""].join("\r\n"));
  });
  endpoints.read(`${PATH}/:id`, "Auth:Logs:Read", async (c, { organisation }) => {
    const found = await records.get("action", segment(c, "id"));
    if (found?.scope === organisation.id) return detail(organisation, found.id, found.value as NotedAction);
    throw new InputError("not_found", `no action ${segment(c, "id").slice(0, 64)}`, { field: "id" });
  });
}
