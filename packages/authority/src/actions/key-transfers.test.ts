import { describe, expect, it } from "vitest";
import { idOf } from "../log/identifiers.ts";
import { addServiceAccount } from "../testing/members.ts";
import { TestOrganisation } from "../testing/organisation.ts";

/** From the format's test vector: version 1 and a point. */
const ENCRYPTION_KEY = "AQNPNVvct8wK9yjvPM65YV2QaEu1sspfhZqw8LcEB1hxqg==";
const SUPPORTED = [{ protocol: "CGGMP24", curve: "secp256k1" }];
const SHARE = Buffer.alloc(80, 7).toString("base64");

function withKey(settings: ConstructorParameters<typeof TestOrganisation>[0] = {}) {
  const organisation = new TestOrganisation(settings);
  const hash = organisation.act({ method: "POST", path: "/wallets", body: { network: "EthereumSepolia" } });
  const ask = (path: string, body: Readonly<Record<string, unknown>> = {}) => {
    return organisation.act({ method: "POST", path, body });
  };
  return { organisation, ask, key: idOf("key", hash), wallet: idOf("wa", hash) };
}

const wanted = (change: Readonly<Record<string, unknown>> = {}) => {
  return { encryptionKey: ENCRYPTION_KEY, supportedSchemes: SUPPORTED, ...change };
};

describe("the export of a key", () => {
  it("is in the log with the encryption key that the user signed, by key or by wallet", () => {
    const { organisation, ask, key, wallet } = withKey();
    const first = ask(`/keys/${key}/export`, wanted());
    const at = organisation.time;
    const second = ask(`/wallets/${wallet}/export`, wanted());
    const { causes, exportedAt } = organisation.state.keys.get(key)!;
    const cause = { kind: "export", encryptionKey: ENCRYPTION_KEY };
    expect([...causes]).toMatchObject([
      [first, cause],
      [second, cause],
    ]);
    expect(exportedAt).toBe(at);
  });

  it.each<[string, string, Readonly<Record<string, unknown>>]>([
    ["a key of another length", "encryptionKey", { encryptionKey: Buffer.alloc(33, 2).toString("base64") }],
    ["a key of another version", "not version 1", { encryptionKey: Buffer.alloc(34, 2).toString("base64") }],
    [
      "a key that is no point",
      "not version 1",
      { encryptionKey: Buffer.concat([Buffer.of(1, 2), Buffer.alloc(32, 0xff)]).toString("base64") },
    ],
    [
      "no protocol that the key has",
      "supportedSchemes",
      { supportedSchemes: [{ protocol: "FROST", curve: "secp256k1" }] },
    ],
    ["another curve", "supportedSchemes", { supportedSchemes: [{ protocol: "CGGMP24", curve: "stark" }] }],
  ])("to %s is refused", (_, message, change) => {
    const { ask, key } = withKey();
    expect(() => ask(`/keys/${key}/export`, wanted(change))).toThrow(message);
  });

  it("of a child is refused, naming the key above", () => {
    const { ask, key } = withKey();
    const child = ask("/keys", { scheme: "ECDSA", curve: "secp256k1", deriveFrom: { keyId: key } });
    expect(() => ask(`/keys/${idOf("key", child)}/export`, wanted())).toThrow("is a child");
  });

  it("needs Keys:Export", () => {
    const { organisation, key } = withKey();
    const robot = addServiceAccount(organisation, ["Keys:Create"]);
    const asked = { method: "POST", path: `/keys/${key}/export`, body: wanted() } as const;
    expect(() => organisation.act(asked, robot)).toThrow("is not permitted Keys:Export");
  });
});

describe("the import of a key", () => {
  const shares = ["a", "b", "c"].map((signerId) => ({ signerId, encryptedKeyShare: SHARE }));
  const brought = (change: Readonly<Record<string, unknown>> = {}) => {
    return { curve: "secp256k1", protocol: "CGGMP21", minSigners: 2, encryptedKeyShares: shares, ...change };
  };

  it("makes a key whose shares stand in the record, sealed to each signer", () => {
    const { organisation, ask } = withKey();
    const hash = ask("/keys/import", brought({ name: "old" }));
    const key = organisation.state.keys.get(idOf("key", hash))!;
    expect(key).toMatchObject({ scheme: "ECDSA", curve: "secp256k1", imported: true, minSigners: 2, name: "old" });
    expect(key.causes.get(hash)).toMatchObject({ kind: "import", shares });
  });

  it("into a wallet makes both, on a network that the key goes with", () => {
    const { organisation, ask } = withKey();
    const hash = ask("/wallets/import", brought({ network: "Base" }));
    expect(organisation.state.wallets.get(idOf("wa", hash))).toMatchObject({ network: "Base", key: idOf("key", hash) });
    expect(() => ask("/wallets/import", brought({ network: "SolanaDevnet" }))).toThrow("is no key of SolanaDevnet");
  });

  it.each<[string, string, Readonly<Record<string, unknown>>]>([
    ["that needs more shares than there are", "minSigners: 3 shares", { minSigners: 4 }],
    ["that one share would sign for", "minSigners", { minSigners: 1 }],
    ["with two shares for one signer", "two are for one signer", { encryptedKeyShares: [...shares, shares[0]] }],
    ["of a curve that its protocol does not have", "does not go with", { protocol: "FROST" }],
    ["of a protocol that nobody knows", "protocol", { protocol: "GG18" }],
    ["as a master key", "masterKey", { masterKey: true }],
    [
      "with a share that is not base64",
      "base64",
      { encryptedKeyShares: [shares[0], { signerId: "z", encryptedKeyShare: "%" }] },
    ],
  ])("%s is refused", (_, message, change) => {
    const { ask } = withKey();
    expect(() => ask("/keys/import", brought(change))).toThrow(message);
  });
});

describe("new shares for a key", () => {
  it("are a cause in the log, of which a key remembers the last 32", () => {
    const { organisation, ask, key } = withKey();
    const hashes = Array.from({ length: 33 }, () => ask(`/keys/${key}/refresh`));
    const { causes } = organisation.state.keys.get(key)!;
    expect([...causes.keys()]).toEqual(hashes.slice(1));
    expect(causes.get(hashes[32]!)).toMatchObject({ kind: "refresh" });
  });

  it("are not made for a child, nor for an archived key", () => {
    const { organisation, ask, key } = withKey();
    const child = idOf("key", ask("/keys", { scheme: "ECDSA", curve: "secp256k1", deriveFrom: { keyId: key } }));
    expect(() => ask(`/keys/${child}/refresh`)).toThrow("is a child");
    organisation.act({ method: "DELETE", path: `/keys/${key}` });
    expect(() => ask(`/keys/${key}/refresh`)).toThrow("is archived");
  });
});
