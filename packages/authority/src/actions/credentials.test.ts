import { beforeEach, describe, expect, it } from "vitest";
import { CREDENTIAL_CODE_PATH, CREDENTIAL_PATH, idOf } from "../index.ts";
import {
  creationChallenge,
  type KeyCredential,
  keyCredential,
  type Person,
  passkey,
  person,
  TestOrganisation,
} from "../testing/index.ts";

let organisation: TestOrganisation;
let clerk: Person;
let other: Person;

const MAKE_KEY = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;

beforeEach(() => {
  organisation = new TestOrganisation();
  clerk = person(organisation, "clerk@example.test", { operations: ["Keys:Create"] });
  other = person(organisation, "other@example.test");
});

type Changes = Parameters<typeof creationChallenge>[4];

function asked(
  path: string,
  user: string,
  key: Pick<KeyCredential, "attest">,
  changes?: Changes,
  purpose = "credential",
) {
  const challenge = creationChallenge(organisation, purpose as "credential", path, user, changes);
  const body = { ...key.attest(challenge), credentialName: "second", challengeIdentifier: "any" };
  return { method: "POST", path, body } as const;
}

const add = (key: Pick<KeyCredential, "attest">, changes?: Changes, by = clerk) =>
  idOf("cr", organisation.act(asked(CREDENTIAL_PATH, clerk.id, key, changes), by.key));
const addByCode = (key: KeyCredential, user = clerk.id) =>
  idOf("cr", organisation.act(asked(CREDENTIAL_CODE_PATH, user, key), null));
const put = (verb: string, credentialUuid: string, by: Person | KeyCredential = clerk) =>
  organisation.act(
    { method: "PUT", path: `${CREDENTIAL_PATH}/${verb}`, body: { credentialUuid } },
    "id" in by ? by.key : by,
  );

describe("a credential that its user adds", () => {
  it.each([
    ["a key", keyCredential("secp256k1")],
    ["a key that its user wrapped", keyCredential("P-256", "PasswordProtectedKey")],
    ["a passkey", passkey({ origin: "http://localhost:8080", rpId: "localhost" })],
  ])("acts for that user from then on: %s", (_, key) => {
    const uuid = add(key as KeyCredential);
    expect(organisation.state.credentials.get(uuid)).toMatchObject({ user: clerk.id, name: "second", isActive: true });
    organisation.act(MAKE_KEY, key as KeyCredential);
  });

  it.each<[string, string, Changes]>([
    ["for another user", "made for another user", { user: "us-other" }],
    ["to register", "purpose registration", { purpose: "registration" }],
    ["for another path", "path: the user signed", { path: CREDENTIAL_CODE_PATH }],
    ["for another organisation", "organisation: the user signed", { organisation: "or-other" }],
    ["for another network", "network: the user signed", { network: "other" }],
    ["too long ago", "expired", { expires: 1_790_000_000_000 - 100_000 }],
  ])("is refused when it was made %s", (_, problem, changes) => {
    expect(() => add(keyCredential("Ed25519"), changes)).toThrow(problem);
  });

  it("is refused without the private key, or with an id that is taken, by an archived one too", () => {
    const key = keyCredential("Ed25519");
    const stolen = {
      attest: (challenge: string) => keyCredential("Ed25519").attest(challenge, { publicKey: key.publicKey }),
    };
    expect(() => add(stolen)).toThrow("signature");
    add(key);
    expect(() => add(key)).toThrow("of this id already");
    expect(() => add(clerk.key)).toThrow("of this id already");
  });

  it("is refused when somebody else signs for it, or it proves nothing to a signer", () => {
    expect(() => add(keyCredential("Ed25519"), {}, other)).toThrow("made for another user");
    const body = {
      credentialKind: "Password",
      credentialInfo: { password: "x" },
      credentialName: "n",
      challengeIdentifier: "c",
    };
    expect(() => organisation.act({ method: "POST", path: CREDENTIAL_PATH, body }, clerk.key)).toThrow(
      "proves nothing",
    );
  });

  it("of kind RecoveryKey acts in nothing", () => {
    expect(() => organisation.act(MAKE_KEY, clerk.recovery)).toThrow("a RecoveryKey recovers its user");
  });
});

describe("a credential that a code adds", () => {
  it("acts for nobody until a credential of its user activates it", () => {
    const key = keyCredential("Ed25519");
    const uuid = addByCode(key);
    expect(() => organisation.act(MAKE_KEY, key)).toThrow("is not active");
    expect(() => put("activate", uuid, key)).toThrow("is not active");
    expect(() => put("activate", uuid, other)).toThrow("of yours");
    put("activate", uuid);
    organisation.act(MAKE_KEY, key);
  });

  it("is activated only by whoever was shown its fingerprint", () => {
    const uuid = addByCode(keyCredential("Ed25519"));
    const request = { method: "PUT", path: `${CREDENTIAL_PATH}/activate`, body: { credentialUuid: uuid } } as const;
    const refs = { [uuid]: "00".repeat(32) };
    expect(() => organisation.follow(organisation.record(request, clerk.key, { refs }))).toThrow(
      "does not name what stands",
    );
    expect(() => organisation.follow(organisation.record(request, clerk.key, { refs: {} }))).toThrow(
      "does not name what stands",
    );
  });

  it("waits with four others at most, and one that its user refuses makes room", () => {
    const waiting = Array.from({ length: 5 }, () => addByCode(keyCredential("Ed25519")));
    expect(() => addByCode(keyCredential("Ed25519"))).toThrow("wait to be activated");
    put("deactivate", waiting[0]!);
    addByCode(keyCredential("Ed25519"));
    expect(() => put("activate", waiting[0]!)).toThrow("of yours");
  });

  it("is refused for somebody who is not there, not active, or has none to activate it with", () => {
    expect(() => addByCode(keyCredential("Ed25519"), "us-nobody")).toThrow("no user");
    organisation.act({ method: "PUT", path: `/auth/users/${other.id}/deactivate` });
    expect(() => addByCode(keyCredential("Ed25519"), other.id)).toThrow("is not active");
    const hash = organisation.act({
      method: "POST",
      path: "/auth/users",
      body: { email: "n@example.test", kind: "CustomerEmployee" },
    });
    expect(() => addByCode(keyCredential("Ed25519"), idOf("us", hash))).toThrow("no credential to add to");
  });
});

describe("a credential that is deactivated", () => {
  it("acts for nobody until another activates it again", () => {
    const key = keyCredential("Ed25519");
    const uuid = add(key);
    put("deactivate", uuid);
    expect(() => organisation.act(MAKE_KEY, key)).toThrow("is not active");
    put("activate", uuid);
    organisation.act(MAKE_KEY, key);
  });

  it("is not the last, nor another's, nor a token's", () => {
    const mine = [...organisation.state.credentials.values()].find(
      (one) => one.user === clerk.id && one.kind === "Key",
    )!;
    expect(() => put("deactivate", mine.uuid)).toThrow("the last credential");
    const second = add(keyCredential("Ed25519"));
    expect(() => put("deactivate", second, other)).toThrow("of yours");
    put("deactivate", mine.uuid);
    expect(() => put("deactivate", "cr-none")).toThrow("is not active");
  });
});
