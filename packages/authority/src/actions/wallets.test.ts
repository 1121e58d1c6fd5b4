import { describe, expect, it } from "vitest";
import { idOf } from "../log/identifiers.ts";
import { addEndUser, addServiceAccount } from "../testing/members.ts";
import { TestOrganisation } from "../testing/organisation.ts";

const make = (body: Readonly<Record<string, unknown>>) => ({ method: "POST", path: "/wallets", body }) as const;

function withWallet(body: Readonly<Record<string, unknown>> = {}) {
  const organisation = new TestOrganisation();
  const hash = organisation.act(make({ network: "EthereumSepolia", ...body }));
  return { organisation, id: idOf("wa", hash), key: idOf("key", hash) };
}

describe("a new wallet", () => {
  it.each([
    ["EthereumSepolia", {}, { scheme: "ECDSA", curve: "secp256k1" }],
    ["SolanaDevnet", {}, { scheme: "EdDSA", curve: "ed25519" }],
    ["BitcoinTestnet3", {}, { scheme: "ECDSA", curve: "secp256k1" }],
    ["BitcoinTestnet3", { scheme: "Schnorr" }, { scheme: "Schnorr", curve: "secp256k1" }],
    ["KeyEdDSA", {}, { scheme: "EdDSA", curve: "ed25519" }],
    ["Nowhere", { scheme: "ECDSA", curve: "secp256r1" }, { scheme: "ECDSA", curve: "secp256r1" }],
  ])("on %s, asked with %o, gets a key of its own that goes with it", (network, signingKey, spec) => {
    const { organisation, id, key } = withWallet({ network, signingKey });
    expect(organisation.state.wallets.get(id)).toMatchObject({ network, key, archivedAt: null });
    expect(organisation.state.keys.get(key)).toMatchObject({ ...spec, delegatedTo: null });
  });

  it.each<[string, string, Readonly<Record<string, unknown>>]>([
    [
      "with a key of another curve",
      "no key of SolanaDevnet",
      { network: "SolanaDevnet", signingKey: { scheme: "ECDSA" } },
    ],
    [
      "with a key that no chain of its network knows",
      "is no key of EthereumSepolia",
      { signingKey: { scheme: "EdDSA", curve: "ed25519" } },
    ],
    ["on a network of which nothing is known", "is not known here", { network: "Nowhere" }],
    ["with more labels than ten", "tags", { tags: Array.from({ length: 11 }, (_, at) => `t${at}`) }],
    ["for an owner now and later", "delayDelegation", { delegateTo: "us-x", delayDelegation: true }],
    ["for an owner that does not exist", "no user us-x", { delegateTo: "us-x" }],
    ["with a field that nobody knows", "custodial", { custodial: true }],
  ])("%s is refused", (_, message, body) => expect(() => withWallet(body)).toThrow(message));

  it("on a key that exists needs Keys:Reuse besides, and only one wallet a network", () => {
    const { organisation, key } = withWallet();
    const robot = addServiceAccount(organisation, ["Wallets:Create"]);
    const reuse = make({ network: "PolygonAmoy", signingKey: { id: key } });
    expect(() => organisation.act(reuse, robot)).toThrow("is not permitted Keys:Reuse");
    organisation.act(reuse);
    expect(() => organisation.act(reuse)).toThrow(`key ${key} has wallet`);
    const dressed = make({ network: "Base", signingKey: { id: key, scheme: "ECDSA" } });
    expect(() => organisation.act(dressed)).toThrow("signingKey.scheme: does not go with signingKey.id");
    const given = make({ network: "Base", signingKey: { id: key }, delegateTo: "us-x" });
    expect(() => organisation.act(given)).toThrow("delegateTo: does not go with signingKey.id");
  });

  it("on a child of a key has the kind of its parent", () => {
    const { organisation, key } = withWallet();
    const deriveFrom = { keyId: key, path: "m/1/2" };
    const hash = organisation.act(make({ network: "PolygonAmoy", signingKey: { deriveFrom } }));
    expect(organisation.state.keys.get(idOf("key", hash))).toMatchObject({
      scheme: "ECDSA",
      derivedFrom: { keyId: key, path: "m/1/2" },
    });
    const wrong = make({ network: "KeyEdDSA", signingKey: { deriveFrom, scheme: "EdDSA" } });
    expect(() => organisation.act(wrong)).toThrow("as its parent is");
    const elsewhere = make({ network: "SolanaDevnet", signingKey: { deriveFrom } });
    expect(() => organisation.act(elsewhere)).toThrow("is no key of SolanaDevnet");
  });

  it("of an end user obeys that user alone, down to its labels", () => {
    const organisation = new TestOrganisation();
    const alice = addEndUser(organisation, "alice@example.test");
    const hash = organisation.act(make({ network: "EthereumSepolia" }), alice.user);
    const id = idOf("wa", hash);
    expect(organisation.state.keys.get(idOf("key", hash))?.delegatedTo).toBe(alice.id);
    const label = { method: "PUT", path: `/wallets/${id}/tags`, body: { tags: ["cold"] } } as const;
    expect(() => organisation.act(label)).toThrow("cannot use it");
    organisation.act(label, alice.user);
    expect(organisation.state.wallets.get(id)?.tags).toEqual(["cold"]);
  });
});

describe("a wallet", () => {
  it("is renamed and labelled; a label is there once, and goes", () => {
    const { organisation, id } = withWallet({ tags: ["a", "a"] });
    organisation.act({ method: "PUT", path: `/wallets/${id}`, body: { name: "till", externalId: "7" } });
    organisation.act({ method: "PUT", path: `/wallets/${id}/tags`, body: { tags: ["a", "b"] } });
    expect(organisation.state.wallets.get(id)).toMatchObject({ name: "till", externalId: "7", tags: ["a", "b"] });
    organisation.act({ method: "DELETE", path: `/wallets/${id}/tags`, body: { tags: ["a"] } });
    expect(organisation.state.wallets.get(id)?.tags).toEqual(["b"]);
  });

  it("ends with its key", () => {
    const { organisation, id, key } = withWallet();
    organisation.act({ method: "DELETE", path: `/keys/${key}` });
    expect(organisation.state.wallets.get(id)?.archivedAt).toBe(organisation.time);
    const rename = { method: "PUT", path: `/wallets/${id}`, body: { name: "late" } } as const;
    expect(() => organisation.act(rename)).toThrow("is archived");
  });

  it("is delegated with its key, once, and only when it was made for that", () => {
    const { organisation, id, key } = withWallet({ delayDelegation: true });
    const { id: alice } = addEndUser(organisation, "alice@example.test");
    const give = { method: "POST", path: `/wallets/${id}/delegate`, body: { userId: alice } } as const;
    organisation.act(give);
    expect(organisation.state.keys.get(key)?.delegatedTo).toBe(alice);
    expect(() => organisation.act(give)).toThrow("cannot use it");
    const kept = idOf("wa", organisation.act(make({ network: "EthereumSepolia" })));
    expect(() => organisation.act({ ...give, path: `/wallets/${kept}/delegate` })).toThrow(
      "was not made to be delegated",
    );
  });
});
