import { beforeEach, describe, expect, it } from "vitest";
import { idOf } from "../log/identifiers.ts";
import { addEmployee, addEndUser } from "../testing/members.ts";
import { TestOrganisation, type TestUser } from "../testing/organisation.ts";

const ECDSA = { scheme: "ECDSA", curve: "secp256k1" };
const EXPORT = {
  encryptionKey: "AQNPNVvct8wK9yjvPM65YV2QaEu1sspfhZqw8LcEB1hxqg==",
  supportedSchemes: [{ protocol: "CGGMP24", curve: "secp256k1" }],
};

let organisation: TestOrganisation;
let owner: ReturnType<typeof addEndUser>;

beforeEach(() => {
  organisation = new TestOrganisation({ settings: { exportedKeysSign: true } });
  owner = addEndUser(organisation, "owner");
});

const make = (body: object, by?: TestUser) =>
  idOf("key", organisation.act({ method: "POST", path: "/keys", body: { ...ECDSA, ...body } }, by));
const delegate = (key: string, delegateTo = owner.id) =>
  organisation.act({ method: "POST", path: `/keys/${key}/delegate`, body: { delegateTo } });
const give = (key: string, by?: TestUser) =>
  organisation.act({ method: "POST", path: `/keys/${key}/export`, body: EXPORT }, by);

describe("a child that exists", () => {
  it("is not made again for an end user, who would sign with the organisation's key", () => {
    const keyId = make({});
    make({ deriveFrom: { keyId, path: "m/5" } });
    const insider = addEmployee(organisation, "insider", ["Keys:Create"]);
    const again = { deriveFrom: { keyId, path: "m/5" }, delegateTo: owner.id };
    expect(() => make(again, insider.user)).toThrow("is the same key, and of another owner");
  });

  it("is not made again for the organisation, which would sign with an end user's key", () => {
    const keyId = make({});
    make({ deriveFrom: { keyId }, delegateTo: owner.id });
    expect(() => make({ deriveFrom: { keyId, path: "m/0" } })).toThrow("is the same key, and of another owner");
  });

  it("is not given away while the organisation has it under another id", () => {
    const keyId = make({});
    make({ deriveFrom: { keyId } });
    const twin = make({ deriveFrom: { keyId, path: "m/0" }, delayDelegation: true });
    expect(() => delegate(twin)).toThrow("is the same key, and of another owner");
  });

  it("is made again for whoever owns it, by one path told in two ways", () => {
    const keyId = make({});
    const child = make({ deriveFrom: { keyId, path: "m/1" } });
    make({ deriveFrom: { keyId, path: "m/1/2" } });
    make({ deriveFrom: { keyId: child, path: "m/2" } });
    expect(() => make({ deriveFrom: { keyId: child, path: "m/2" }, delegateTo: owner.id })).toThrow("another owner");
  });
});

describe("a key with children", () => {
  it("is not exported by the organisation when one of them is an end user's", () => {
    const keyId = make({});
    give(keyId);
    const other = make({});
    make({ deriveFrom: { keyId: other }, delegateTo: owner.id });
    expect(() => give(other)).toThrow("is of another owner");
  });

  it("is not given to an end user when one of them is the organisation's", () => {
    const keyId = make({ delayDelegation: true });
    make({ deriveFrom: { keyId } });
    expect(() => delegate(keyId)).toThrow("is of another owner");
  });

  it("gives none of them to an end user once it was exported", () => {
    const keyId = make({ delayDelegation: true });
    give(keyId);
    expect(() => make({ deriveFrom: { keyId }, delegateTo: owner.id })).toThrow("was exported");
    expect(() => delegate(keyId)).toThrow("was exported");
  });
});

describe("a key that is locked after a recovery", () => {
  it("is not exported before the lock ends: it would sign elsewhere", () => {
    const key = make({}, owner.user);
    const user = organisation.state.users.get(owner.id)!;
    user.lockedUntil = organisation.time + 10_000;
    expect(() => give(key, owner.user)).toThrow("are locked after a recovery until");
    organisation.time = user.lockedUntil;
    give(key, owner.user);
  });
});
