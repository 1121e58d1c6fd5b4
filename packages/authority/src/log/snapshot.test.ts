import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { person, TestOrganisation, TestUser } from "../testing/index.ts";
import { idOf } from "./identifiers.ts";
import { decodeSnapshot, encodeSnapshot, snapshotDigest } from "./snapshot.ts";

const KEY = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;

/** With something in most maps, and maps inside them. */
function rich() {
  const organisation = new TestOrganisation();
  for (const name of ["one", "two"]) person(organisation, `${name}@example.test`, { operations: ["Keys:Create"] });
  const { publicKey } = new TestUser();
  organisation.act({ method: "POST", path: "/auth/pats", body: { name: "mine $map \u2028", publicKey } });
  const key = idOf("key", organisation.act(KEY));
  organisation.act({ method: "POST", path: "/wallets", body: { network: "EthereumSepolia" } });
  const { causes } = organisation.state.keys.get(key)!;
  causes.set("aa", { kind: "refresh", time: 1 });
  causes.set("bb", { kind: "export", time: 1, encryptionKey: randomBytes(8).toString("base64") });
  return organisation;
}

describe("a snapshot of an organisation", () => {
  it("comes back as it was, maps inside maps and their order too", () => {
    const { state } = rich();
    const again = decodeSnapshot(encodeSnapshot(state));
    expect(again).toEqual(state);
    expect([...again.credentials.keys()]).toEqual([...state.credentials.keys()]);
    expect([...again.used]).toEqual([...state.used]);
    expect(snapshotDigest(encodeSnapshot(again))).toEqual(snapshotDigest(encodeSnapshot(state)));
  });

  it("is one from which the log goes on as from its records", () => {
    const organisation = rich();
    const again = new TestOrganisation();
    Object.assign(again, { admin: organisation.admin, state: decodeSnapshot(encodeSnapshot(organisation.state)) });
    const record = organisation.record(KEY);
    expect(again.follow(record)).toBe(organisation.follow(record));
    expect(again.state).toEqual(organisation.state);
  });

  it("is several pieces when it is large, and another digest when anything in it is", () => {
    const { state } = rich();
    const user = [...state.users.values()][0]!;
    for (let at = 0; at < 10_000; at++) state.users.set(`us-${at}`, { ...user, id: `us-${at}` });
    const pieces = encodeSnapshot(state);
    expect(pieces.length).toBeGreaterThan(1);
    expect(decodeSnapshot(pieces)).toEqual(state);
    state.users.get("us-9999")!.isActive = false;
    expect(snapshotDigest(encodeSnapshot(state))).not.toEqual(snapshotDigest(pieces));
  });

  it("of another form is not read", () => {
    const [piece] = encodeSnapshot(rich().state);
    const other = Buffer.from(piece!).toString().replace('"form":3', '"form":1');
    expect(() => decodeSnapshot([new TextEncoder().encode(other)])).toThrow("form 1, known is 3");
    expect(() => decodeSnapshot([])).toThrow("without a beginning");
  });
});
