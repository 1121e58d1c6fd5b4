import { idOf, type KeyEntity, protocolFor } from "@quorate/authority";
import type { Export, KeyRecord } from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import type { Access } from "../access/access.ts";
import type { Endpoints, LoggedCall } from "../access/endpoints.ts";
import { pageOf } from "../paging.ts";
import { type ApiContext, ask, segment } from "../routes.ts";
import { keyOf, madeFor, ownedBy, sees } from "./owned.ts";
import { entityShape, singleEntityShape } from "./shapes.ts";

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

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
  const { authority, options } = access;
  const cause = { organisation: session.organisation.id, keyId: key.id, record: committed.hash };
  const given = await ask<Export>((reply) => authority.exportCaused(cause, reply));
  const supported = action.body.supportedSchemes as Parameters<typeof protocolFor>[1];
  const identities = new Map(options.network.nodes.map((node) => [node.name, Buffer.from(node.publicKey, "hex")]));
  return {
    publicKey: given.key.publicKey,
    protocol: protocolFor(key, supported),
    curve: key.curve,
    minSigners: given.key.minSigners,
    encryptedKeyShares: given.shares.map(({ node, sealedShare }) => {
      return { signerId: base64(identities.get(node)!), encryptedKeyShare: base64(sealedShare) };
    }),
  };
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
  endpoints.bearer("GET", "/signers", () => ({
    clusters: [{ clusterId: network.networkId, signers: signers(access) }],
  }));
  endpoints.bearer("GET", "/key-stores", () => {
    return { items: [{ id: network.networkId, kind: "Mpc", name: network.networkId, primary: true }] };
  });
}

/** Sorted as clients sort them: by their ids, which are their identities. @throws InputError while one has not said its key */
function signers({ authority, options }: Access) {
  const nodes = new Map(options.network.nodes.map((node) => [node.name, node]));
  const all = authority.signers();
  const silent = all.filter((one) => one.encryption === null).map((one) => one.node);
  if (silent.length > 0) {
    throw new InputError("quorum_unavailable", `${silent.join(", ")} has not told its encryption key yet`, {
      hint: "start the signers, and ask again",
    });
  }
  return [...all]
    .sort((a, b) => Buffer.compare(a.publicKey, b.publicKey))
    .map(({ node, publicKey, encryption }) => ({
      signerId: base64(publicKey),
      encryptionKey: base64(encryption!.encryptionKey),
      _quorate: { node, region: nodes.get(node)?.region, operator: nodes.get(node)?.operator },
    }));
}

/** Keys, as Dfns has them, and `refresh`, which Dfns does without being asked. */
export function keyEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  listings(endpoints);
  const shown = (key: KeyEntity) => entityShape(key, access.authority.key(key.id));
  const named = (c: ApiContext, { session }: LoggedCall) => keyOf(session, segment(c, "keyId"));
  endpoints.logged("POST", "/keys", async (_, { session: { organisation }, action, committed }) => {
    const key = organisation.keys.get(idOf("key", committed.hash))!;
    return entityShape(key, await makeFor(access, organisation.id, key.id, action.body.presign));
  });
  endpoints.logged("PUT", "/keys/:keyId", (c, call) => shown(named(c, call)));
  endpoints.logged("DELETE", "/keys/:keyId", (c, call) => shown(named(c, call)));
  endpoints.logged("POST", "/keys/:keyId/delegate", (c) => ({ keyId: segment(c, "keyId"), status: "Delegated" }));
  endpoints.logged("POST", "/keys/:keyId/export", (c, call) => exportFor(access, call, named(c, call)));
  endpoints.logged("POST", "/keys/import", async (_, call) => {
    const made = await importFor(access, call);
    return entityShape(call.session.organisation.keys.get(idOf("key", call.committed.hash))!, made);
  });
  endpoints.logged("POST", "/keys/:keyId/refresh", async (c, call) => {
    const key = named(c, call);
    const cause = { organisation: call.session.organisation.id, keyId: key.id, record: call.committed.hash };
    return entityShape(key, await ask<KeyRecord>((reply) => access.authority.refreshCaused(cause, reply)));
  });
}
