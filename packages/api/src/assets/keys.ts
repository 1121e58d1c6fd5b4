import { idOf, type KeyEntity, protocolFor } from "@quorate/authority";
import type { Export, KeyRecord } from "@quorate/coordinator";
import type { Access } from "../access/access.ts";
import type { Endpoints, LoggedCall } from "../access/endpoints.ts";
import { pageOf } from "../paging.ts";
import { type ApiContext, ask, segment } from "../routes.ts";
import { exportShape, signersShape } from "../shapes.ts";
import { keyOf, madeFor, ownedBy, sees } from "./owned.ts";
import { entityShape, singleEntityShape } from "./shapes.ts";

/** Has the signers make what the log created, or answers with what they made before. */
export function makeFor({ authority }: Access, organisation: string, keyId: string, presign?: unknown) {
  const options = typeof presign === "number" ? { presign } : {};
  return ask<KeyRecord>((reply) => authority.makeKey(organisation, keyId, options, reply));
}

/** Brings the shares of an import to the signers. */
export function importFor({ authority }: Access, { session, committed }: LoggedCall): Promise<KeyRecord> {
  const cause = {
    ...{ organisation: session.organisation.id, keyId: idOf("key", committed.hash), record: committed.hash },
  };
  return ask<KeyRecord>((reply) => authority.importCaused(cause, reply));
}

/** What a client recombines a key from. */
export async function exportFor(access: Access, { session, action, committed }: LoggedCall, key: KeyEntity) {
  const { authority } = access;
  const cause = { organisation: session.organisation.id, keyId: key.id, record: committed.hash };
  const given = await ask<Export>((reply) => authority.exportCaused(cause, reply));
  const supported = action.body.supportedSchemes as Parameters<typeof protocolFor>[1];
  const protocol = protocolFor(key, supported);
  // The rule of the log has refused an export that names none.
  if (protocol === undefined) throw new Error("an export without a protocol was committed");
  return exportShape(given, protocol, authority.signers());
}

function listings(endpoints: Endpoints): void {
  const { access } = endpoints;
  const { network } = access.options;
  endpoints.read("/keys", "Keys:Read", (c, session) => {
    const isOwned = ownedBy(session.organisation, c.req.query("owner"));
    const made = [...session.organisation.keys.values()]
      .filter((key) => sees(session, key) && isOwned(key))
      .flatMap((key) => ({ key, record: madeFor(access, key) }));
    const shown = made.flatMap(({ key, record }) => (record === undefined ? [] : [{ key, record }]));
    return pageOf(c, "keys", shown, ({ key, record }) => entityShape(key, record), ["owner"]);
  });
  endpoints.read("/keys/:keyId", "Keys:Read", async (c, session) => {
    const key = keyOf(session, segment(c, "keyId"));
    const { organisation } = session;
    const record = madeFor(access, key) ?? (await makeFor(access, organisation.id, key.id));
    return singleEntityShape(organisation, key, record, network.networkId);
  });
  endpoints.bearer("GET", "/signers", () => signersShape(access.authority.signers(), network));
  endpoints.bearer("GET", "/key-stores", () => {
    return { items: [{ id: network.networkId, kind: "Mpc", name: network.networkId, primary: true }] };
  });
}

/** Keys, as Dfns has them, and `refresh`, which Dfns does without being asked. */
export function keyEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  listings(endpoints);
  /** What the log did stands, even to a key that the signers have not made yet. */
  const shown = (key: KeyEntity) => entityShape(key, madeFor(access, key) ?? { publicKey: "" });
  const named = (c: ApiContext, { session }: LoggedCall) => keyOf(session, segment(c, "keyId"));
  const told = ({ session }: LoggedCall, kind: string, key: KeyEntity) => {
    const shape = shown(key);
    access.hooks.publish(session.organisation.id, kind, { key: shape });
    return shape;
  };
  endpoints.logged("POST", "/keys", async (_, { session: { organisation }, action, committed }) => {
    const key = organisation.keys.get(idOf("key", committed.hash))!;
    const shape = entityShape(key, await makeFor(access, organisation.id, key.id, action.body.presign));
    access.hooks.publish(organisation.id, "key.created", { key: shape });
    return shape;
  });
  endpoints.logged("PUT", "/keys/:keyId", (c, call) => shown(named(c, call)));
  endpoints.logged("DELETE", "/keys/:keyId", (c, call) => told(call, "key.deleted", named(c, call)));
  endpoints.logged("POST", "/keys/:keyId/delegate", (c, call) => {
    const keyId = segment(c, "keyId");
    told(call, "key.delegated", call.session.organisation.keys.get(keyId)!);
    return { keyId, status: "Delegated" };
  });
  endpoints.logged("POST", "/keys/:keyId/export", async (c, call) => {
    const key = named(c, call);
    const answer = await exportFor(access, call, key);
    told(call, "key.exported", key);
    return answer;
  });
  endpoints.logged("POST", "/keys/import", async (_, call) => {
    const made = await importFor(access, call);
    return entityShape(call.session.organisation.keys.get(idOf("key", call.committed.hash))!, made);
  });
  endpoints.logged("POST", "/keys/:keyId/refresh", async (c, call) => {
    const key = named(c, call);
    const cause = { organisation: call.session.organisation.id, keyId: key.id, record: call.committed.hash };
    const made = await ask<KeyRecord>((reply) => access.authority.refreshCaused(cause, reply));
    const { keyId, epoch, certificate } = made;
    return { ...entityShape(key, made), _quorate: { keyId, epoch, certificate } };
  });
}
