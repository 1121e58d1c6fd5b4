import { idOf, type Organisation, type Wallet } from "@quorate/authority";
import type { Endpoints, LoggedCall } from "../access/endpoints.ts";
import { pageOf } from "../paging.ts";
import { type ApiContext, segment } from "../routes.ts";
import { exportFor, importFor, makeFor } from "./keys.ts";
import { madeFor, ownedBy, sees, walletOf } from "./owned.ts";
import { walletShape } from "./shapes.ts";

const FILTERS = ["owner", "ownerId", "ownerUsername"];

function listings(endpoints: Endpoints): void {
  const { access } = endpoints;
  endpoints.read("/wallets", "Wallets:Read", (c, session) => {
    const { organisation } = session;
    const isOwned = ownedBy(
      organisation,
      FILTERS.map((name) => c.req.query(name)).find((one) => one !== undefined),
    );
    const shown = [...organisation.wallets.values()].flatMap((wallet) => {
      const key = organisation.keys.get(wallet.key)!;
      const made = sees(session, key) && isOwned(key) ? madeFor(access, key) : undefined;
      return made === undefined ? [] : [walletShape(wallet, key, made)];
    });
    return pageOf(c, "wallets", shown, (one) => one, FILTERS);
  });
  endpoints.read("/wallets/:walletId", "Wallets:Read", async (c, session) => {
    const { wallet, key } = walletOf(session, segment(c, "walletId"));
    return walletShape(wallet, key, madeFor(access, key) ?? (await makeFor(access, session.organisation.id, key.id)));
  });
  for (const [path, list] of [
    ["assets", "assets"],
    ["nfts", "nfts"],
    ["history", "items"],
  ] as const) {
    endpoints.read(`/wallets/:walletId/${path}`, "Wallets:Read", (c, session) => {
      const { wallet } = walletOf(session, segment(c, "walletId"));
      return { walletId: wallet.id, network: wallet.network, [list]: [] };
    });
  }
  endpoints.read("/wallets/all/history", "Wallets:Read", () => ({ items: [] }));
}

/** Wallets, as Dfns has them. What is on the chains is not watched: assets and history are empty. */
export function walletEndpoints(endpoints: Endpoints): void {
  const { access } = endpoints;
  listings(endpoints);
  const shape = (organisation: Organisation, wallet: Wallet) => {
    return walletShape(wallet, organisation.keys.get(wallet.key)!, access.authority.key(wallet.key));
  };
  const told = (organisation: Organisation, kind: string, wallet: Wallet) => {
    const shown = shape(organisation, wallet);
    access.hooks.publish(organisation.id, kind, { wallet: shown });
    return shown;
  };
  const named = (c: ApiContext, { session }: LoggedCall) => walletOf(session, segment(c, "walletId"));
  endpoints.logged("POST", "/wallets", async (_, { session: { organisation }, committed }) => {
    const wallet = organisation.wallets.get(idOf("wa", committed.hash))!;
    await makeFor(access, organisation.id, wallet.key);
    return told(organisation, "wallet.created", wallet);
  });
  endpoints.logged("PUT", "/wallets/:walletId", (c, call) => shape(call.session.organisation, named(c, call).wallet));
  for (const method of ["PUT", "DELETE"] as const) {
    endpoints.logged(method, "/wallets/:walletId/tags", (c, call) => {
      told(call.session.organisation, "wallet.tags.modified", named(c, call).wallet);
      return {};
    });
  }
  endpoints.logged("POST", "/wallets/:walletId/delegate", (c, call) => {
    return told(call.session.organisation, "wallet.delegated", named(c, call).wallet);
  });
  endpoints.logged("POST", "/wallets/:walletId/export", async (c, call) => {
    const { wallet, key } = named(c, call);
    const answer = await exportFor(access, call, key);
    told(call.session.organisation, "wallet.exported", wallet);
    return answer;
  });
  endpoints.logged("POST", "/wallets/import", async (_, call) => {
    const { organisation } = call.session;
    await importFor(access, call);
    return told(organisation, "wallet.created", organisation.wallets.get(idOf("wa", call.committed.hash))!);
  });
}
