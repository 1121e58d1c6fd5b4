import { randomBytes } from "node:crypto";
import { type Hex, recoverMessageAddress } from "viem";
import { describe, expect, it } from "vitest";
import { endUser } from "../person.ts";
import { refused } from "../refusals.ts";
import { application } from "../started.ts";

const ADDRESSES = [
  { network: "EthereumSepolia", scheme: "ECDSA", address: /^0x[0-9a-fA-F]{40}$/ },
  { network: "Base", scheme: "ECDSA", address: /^0x[0-9a-fA-F]{40}$/ },
  { network: "Bitcoin", scheme: "ECDSA", address: /^bc1q[0-9a-z]{38}$/ },
  { network: "BitcoinTestnet3", scheme: "ECDSA", address: /^tb1q[0-9a-z]{38}$/ },
  { network: "SolanaDevnet", scheme: "EdDSA", address: /^[1-9A-HJ-NP-Za-km-z]{32,44}$/ },
] as const;

describe("7 wallets", () => {
  it.each(ADDRESSES)(
    "POST /wallets: a wallet of $network has an address of it and a key for $scheme",
    async ({ network, scheme, address }) => {
      const { wallets } = application().client(application().admin);
      const name = `wallet ${randomBytes(4).toString("hex")}`;
      const wallet = await wallets.createWallet({ body: { network, name, externalId: "label", tags: ["a", "b"] } });
      expect(wallet).toMatchObject({
        id: expect.stringMatching(/^wa-/),
        network,
        address: expect.stringMatching(address),
        signingKey: {
          id: expect.stringMatching(/^key-/),
          scheme,
          publicKey: expect.stringMatching(/^[0-9a-f]{64,66}$/),
        },
        status: "Active",
        custodial: true,
        name,
        externalId: "label",
        tags: ["a", "b"],
        dateCreated: expect.stringMatching(/Z$/),
      });
      expect(await wallets.getWallet({ walletId: wallet.id })).toEqual(wallet);
    },
  );

  it("POST /wallets with signingKey.scheme Schnorr: a taproot wallet", async () => {
    const { wallets } = application().client(application().admin);
    const wallet = await wallets.createWallet({ body: { network: "Bitcoin", signingKey: { scheme: "Schnorr" } } });
    expect(wallet.address).toMatch(/^bc1p[0-9a-z]{58}$/);
  });

  it("POST /wallets with signingKey.id: one key, one address on every EVM chain; another scheme is refused", async () => {
    const { wallets } = application().client(application().admin);
    const one = await wallets.createWallet({ body: { network: "EthereumSepolia" } });
    const signingKey = { id: one.signingKey.id };
    const two = await wallets.createWallet({ body: { network: "Polygon", signingKey } });
    expect([two.address, two.signingKey.id]).toEqual([one.address, one.signingKey.id]);
    await refused(wallets.createWallet({ body: { network: "SolanaDevnet", signingKey } }), 400);
  });

  it("POST /wallets on a network that nobody here knows: a wallet without an address", async () => {
    const { wallets } = application().client(application().admin);
    const network = "KeyEdDSA" as "Base";
    const wallet = await wallets.createWallet({ body: { network } });
    expect(wallet).not.toHaveProperty("address");
  });

  it("GET /wallets, PUT /wallets/:id: listed by owner, page by page, and renamed", async () => {
    const app = application();
    const person = await endUser(app);
    const mine: string[] = [];
    for (const name of ["a", "b", "c"]) {
      mine.push((await person.client.wallets.createWallet({ body: { network: "KeyEdDSA" as "Base", name } })).id);
    }
    const { wallets } = app.client(app.admin);
    const first = await wallets.listWallets({ query: { owner: person.id, limit: "2" } as never });
    const second = await wallets.listWallets({
      query: { owner: person.id, limit: "2", paginationToken: first.nextPageToken! } as never,
    });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(mine);
    expect((await person.client.wallets.listWallets()).items.map(({ id }) => id)).toEqual(mine);
    const walletId = mine[0]!;
    const renamed = await person.client.wallets.updateWallet({ walletId, body: { name: "renamed", externalId: "x" } });
    expect(renamed).toMatchObject({ id: walletId, name: "renamed", externalId: "x" });
    const other = await endUser(app);
    const error = await other.client.wallets.getWallet({ walletId }).catch((thrown) => thrown);
    expect([403, 404]).toContain(error.httpStatus);
  });

  it("PUT, DELETE /wallets/:id/tags: added once, taken away, at most ten", async () => {
    const { wallets } = application().client(application().admin);
    const { id: walletId } = await wallets.createWallet({ body: { network: "KeyEdDSA" as "Base" } });
    const tags = async () => (await wallets.getWallet({ walletId })).tags;
    expect(await wallets.tagWallet({ walletId, body: { tags: ["hot", "eu"] } })).toEqual({});
    await wallets.tagWallet({ walletId, body: { tags: ["eu"] } });
    expect(await tags()).toEqual(["hot", "eu"]);
    expect(await wallets.untagWallet({ walletId, body: { tags: ["hot"] } })).toEqual({});
    expect(await tags()).toEqual(["eu"]);
    const many = Array.from({ length: 11 }, (_, i) => `tag ${i}`);
    await refused(wallets.tagWallet({ walletId, body: { tags: many } }), 400, /tags/);
  });
});

describe("7 wallets", () => {
  it("POST, GET /wallets/:id/signatures: the twin of the keys' endpoint that helper libraries use", async () => {
    const { wallets, keys } = application().client(application().admin);
    const wallet = await wallets.createWallet({ body: { network: "EthereumSepolia" } });
    const walletId = wallet.id;
    const message = Buffer.from("hello").toString("hex");
    const signed = await wallets.generateSignature({ walletId, body: { kind: "Message", message } });
    expect(signed).toMatchObject({ walletId, network: "EthereumSepolia", status: "Signed" });
    const signature = signed.signature!.encoded as Hex;
    expect(await recoverMessageAddress({ message: "hello", signature })).toBe(wallet.address);
    const { items } = await wallets.listSignatures({ walletId });
    expect(items.map(({ id }) => id)).toEqual([signed.id]);
    expect(await wallets.getSignature({ walletId, signatureId: signed.id })).toMatchObject({ id: signed.id, walletId });
    const all = await keys.listSignatures({ keyId: wallet.signingKey.id });
    expect(all.items.map(({ id }) => id)).toContain(signed.id);
  });

  it("POST /wallets/:id/delegate: the wallet goes to an end user, with its key", async () => {
    const app = application();
    const person = await endUser(app);
    const { wallets } = app.client(app.admin);
    const { id: walletId } = await wallets.createWallet({
      body: { network: "EthereumSepolia", delayDelegation: true },
    });
    await wallets.delegateWallet({ walletId, body: { userId: person.id } });
    expect(await person.client.wallets.getWallet({ walletId })).toMatchObject({
      custodial: false,
      signingKey: { delegatedTo: person.id },
    });
    const request = { walletId, body: { kind: "Message" as const, message: "00" } };
    expect(await person.client.wallets.generateSignature(request)).toMatchObject({ status: "Signed" });
    await refused(wallets.generateSignature(request), 403);
  });

  it("GET /wallets/:id/assets, /nfts, /history: the shapes that clients expect", async () => {
    const { wallets } = application().client(application().admin);
    const { id: walletId } = await wallets.createWallet({ body: { network: "EthereumSepolia" } });
    const network = "EthereumSepolia";
    expect(await wallets.getWalletAssets({ walletId })).toMatchObject({ walletId, network, assets: [] });
    expect(await wallets.getWalletNfts({ walletId })).toMatchObject({ walletId, network, nfts: [] });
    expect(await wallets.getWalletHistory({ walletId })).toMatchObject({ walletId, network, items: [] });
  });
});
