import { beforeEach, describe, expect, it } from "vitest";
import { type Assertion, fingerprintOf, idOf, type LogRecord, REGISTRATION_PATH } from "../index.ts";
import {
  type Asked,
  challengeFor,
  creationChallenge,
  enter,
  give,
  type KeyCredential,
  keyCredential,
  person,
  registrationOf,
  TestOrganisation,
  TestUser,
} from "../testing/index.ts";

let organisation: TestOrganisation;
let id: string;
let key: KeyCredential;

beforeEach(() => {
  organisation = new TestOrganisation();
  id = enter(organisation, "new@example.test", "CustomerEmployee");
  key = keyCredential("Ed25519");
});

/** A registration as somebody sends it who has the key, with what is changed of its challenge. */
function registration(changes: Parameters<typeof creationChallenge>[4], user: string | undefined = id): Asked {
  const challenge = creationChallenge(organisation, "registration", REGISTRATION_PATH, user, changes);
  return { method: "POST", path: REGISTRATION_PATH, body: { firstFactorCredential: key.attest(challenge) } };
}

describe("a registration by trust on first use", () => {
  it("gives a user its first credentials, and remembers on what trust", () => {
    organisation.act(registrationOf(organisation, id, key, keyCredential("P-256", "RecoveryKey")), null);
    expect(organisation.state.users.get(id)).toMatchObject({ isRegistered: true, trustedOnFirstUse: true });
    expect(
      [...organisation.state.credentials.values()].filter((one) => one.user === id).map((one) => one.kind),
    ).toEqual(["Key", "RecoveryKey"]);
    give(organisation, id, ["Keys:Create"]);
    organisation.act({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } }, key);
  });

  it("is for users that never had a credential: a second time, and for the first user, it is refused", () => {
    organisation.act(registrationOf(organisation, id, key), null);
    const [admin] = organisation.state.users.keys();
    for (const user of [id, admin!]) {
      const again = registrationOf(organisation, user, keyCredential("Ed25519"));
      expect(() => organisation.act(again, null)).toThrow("is registered already");
    }
  });

  it.each<[string, string, Parameters<typeof creationChallenge>[4]]>([
    ["another purpose", "purpose credential", { purpose: "credential" }],
    ["another network", "network: the user signed", { network: "other" }],
    ["another organisation", "organisation: the user signed", { organisation: "or-other" }],
    ["another path", "path: the user signed", { path: "/auth/registration/enduser" }],
    ["a body", "body: the user signed", { body: "11".repeat(32) }],
    ["a time that is over", "expired", { expires: 1_790_000_000_000 - 100_000 }],
    ["a user that is not there", "no user", { user: "us-none" }],
  ])("is refused with a challenge for %s", (_, problem, changes) => {
    expect(() => organisation.act(registration(changes), null)).toThrow(problem);
  });

  it("is refused with a challenge of nobody", () => {
    const challenge = challengeFor(
      organisation.state,
      organisation.network,
      { method: "POST", path: REGISTRATION_PATH },
      organisation.time,
      { purpose: "registration" },
    );
    const body = { firstFactorCredential: key.attest(challenge) };
    expect(() => organisation.act({ method: "POST", path: REGISTRATION_PATH, body }, null)).toThrow("names no user");
  });

  it("is refused without the private key, and with a credential that somebody has", () => {
    const { body, ...rest } = registrationOf(organisation, id, key);
    const first = structuredClone(body.firstFactorCredential) as { credentialInfo: { attestationData: string } };
    const data = JSON.parse(Buffer.from(first.credentialInfo.attestationData, "base64url").toString());
    data.publicKey = keyCredential("Ed25519").publicKey;
    first.credentialInfo.attestationData = Buffer.from(JSON.stringify(data)).toString("base64url");
    expect(() => organisation.act({ ...rest, body: { firstFactorCredential: first } }, null)).toThrow("signature");
    const { key: taken } = person(organisation, "other@example.test");
    expect(() => organisation.act(registrationOf(organisation, id, taken), null)).toThrow("of this id already");
  });

  it("is refused when its credentials are out of place, of different users, or one twice", () => {
    const recovery = keyCredential("P-256", "RecoveryKey");
    expect(() => organisation.act(registrationOf(organisation, id, recovery), null)).toThrow("does not belong there");
    expect(() => organisation.act(registrationOf(organisation, id, key, keyCredential("P-256")), null)).toThrow(
      "does not belong there",
    );
    const mixed = (user: string, second: KeyCredential) => {
      const { body, ...rest } = registrationOf(organisation, id, key);
      const challenge = creationChallenge(organisation, "registration", REGISTRATION_PATH, user);
      return { ...rest, body: { ...body, secondFactorCredential: second.attest(challenge) } };
    };
    const other = enter(organisation, "other@example.test", "CustomerEmployee");
    expect(() => organisation.act(mixed(other, keyCredential("Ed25519")), null)).toThrow("different users");
    expect(() => organisation.act(mixed(id, key), null)).toThrow("one id");
    expect(() => organisation.act({ method: "POST", path: REGISTRATION_PATH, body: {} }, null)).toThrow(
      "firstFactorCredential",
    );
  });

  it("is refused for somebody who was deactivated, and for service accounts", () => {
    organisation.act({ method: "PUT", path: `/auth/users/${id}/deactivate` });
    expect(() => organisation.act(registrationOf(organisation, id, key), null)).toThrow("is not active");
    const body = { name: "robot", publicKey: new TestUser().publicKey };
    const robot = idOf("us", organisation.act({ method: "POST", path: "/auth/service-accounts", body }));
    expect(() => organisation.act(registrationOf(organisation, robot, key), null)).toThrow("is registered already");
  });
});

describe("the registration of an end user", () => {
  const complete = (user: string, wallets: object[]) => {
    const { body } = registrationOf(organisation, user, key);
    return organisation.act({ method: "POST", path: `${REGISTRATION_PATH}/enduser`, body: { ...body, wallets } }, null);
  };

  it("makes keys and wallets in the same record, its own from the start", () => {
    const user = enter(organisation, "end@example.test", "EndUser");
    const hash = complete(user, [{ network: "EthereumSepolia" }, { network: "SolanaDevnet", name: "second" }]);
    const { keys, wallets } = organisation.state;
    const made = [0, 1].map((n) => wallets.get(idOf("wa", hash, n))!);
    expect(made.map((one) => one.network)).toEqual(["EthereumSepolia", "SolanaDevnet"]);
    expect(made.map((one) => keys.get(one.key))).toMatchObject([
      { id: idOf("key", hash, 0), scheme: "ECDSA", delegatedTo: user, creator: user, record: hash },
      { id: idOf("key", hash, 1), scheme: "EdDSA", delegatedTo: user, creator: user, record: hash },
    ]);
  });

  it("is refused for employees, without wallets, and with a network of which no key is known", () => {
    expect(() => complete(id, [{ network: "EthereumSepolia" }])).toThrow("is no end user");
    const user = enter(organisation, "end@example.test", "EndUser");
    expect(() => complete(user, [])).toThrow("wallets");
    expect(() => complete(user, [{ network: "Elsewhere" }])).toThrow("wallets.0.network");
    expect(organisation.state.users.get(user)!.isRegistered).toBe(false);
  });
});

describe("a registration that somebody must endorse", () => {
  beforeEach(() => {
    organisation = new TestOrganisation({ settings: { registration: "endorsed" } });
    id = enter(organisation, "new@example.test", "CustomerEmployee");
  });

  const robot = (operations: readonly string[]) => {
    const key = new TestUser();
    organisation.act({
      method: "POST",
      path: "/auth/service-accounts",
      body: { name: `r ${operations}`, publicKey: key.publicKey },
    });
    const token = [...organisation.state.tokens.values()].at(-1)!;
    if (operations.length > 0) give(organisation, token.user, operations);
    return key.as(organisation.state.credentials.get(token.credential)!.credentialId);
  };

  function endorsement(
    by: Pick<TestUser, "assert">,
    { user = id, of = [key], ...changes }: { user?: string; of?: KeyCredential[]; purpose?: "action" } = {},
  ): Assertion {
    const fingerprints = of.map((one) => ({ fingerprint: keyFingerprint(one) }));
    const asked = {
      method: "POST",
      path: REGISTRATION_PATH,
      body: { fingerprint: fingerprintOf(fingerprints) },
    } as const;
    return by.assert(
      challengeFor(organisation.state, organisation.network, asked, organisation.time, {
        purpose: "endorsement",
        user,
        ...changes,
      }),
    );
  }

  const register = (endorsed: Assertion | null, user = id, recovery?: KeyCredential) => {
    const record = organisation.record(registrationOf(organisation, user, key, recovery), null);
    const endorsing: LogRecord = { ...record, action: { ...record.action, endorsement: endorsed } };
    return organisation.follow(endorsing);
  };

  it("is taken with the word of an administrator, and remembers no trust in anybody else", () => {
    expect(() => register(null)).toThrow("nobody vouches");
    register(endorsement(organisation.admin));
    expect(organisation.state.users.get(id)).toMatchObject({ isRegistered: true, trustedOnFirstUse: false });
  });

  it("is refused when another credential was endorsed, or one was slipped in beside", () => {
    expect(() => register(endorsement(organisation.admin, { of: [keyCredential("Ed25519")] }))).toThrow(
      "body: the user signed",
    );
    const recovery = keyCredential("P-256", "RecoveryKey");
    expect(() => register(endorsement(organisation.admin), id, recovery)).toThrow("body: the user signed");
    register(endorsement(organisation.admin, { of: [key, recovery] }), id, recovery);
  });

  it("is refused when it was endorsed for another user or purpose, or by somebody who may not", () => {
    expect(() => register(endorsement(organisation.admin, { user: "us-other" }))).toThrow("vouches for another user");
    expect(() => register(endorsement(organisation.admin, { purpose: "action" }))).toThrow("purpose action");
    expect(() => register(endorsement(robot([])))).toThrow("may not vouch");
    expect(() => register(endorsement(robot(["Auth:Register:Delegated"])))).toThrow("may not vouch");
    expect(() => register(endorsement(new TestUser()))).toThrow("no credential");
    register(endorsement(robot(["Auth:Users:Create"])));
  });

  it("is refused when the user was given more than whoever endorses it has", () => {
    give(organisation, id, ["Keys:Export"]);
    expect(() => register(endorsement(robot(["Auth:Users:Create"])))).toThrow("not permitted Keys:Export");
    register(endorsement(robot(["Auth:Users:Create", "Keys:Export"])));
  });

  it("of an end user takes the word of who may register end users", () => {
    const user = enter(organisation, "end@example.test", "EndUser");
    register(endorsement(robot(["Auth:Register:Delegated"]), { user }), user);
  });
});

function keyFingerprint(key: KeyCredential): string {
  const alone = new TestOrganisation();
  const user = enter(alone, "any@example.test", "CustomerEmployee");
  const isRecovery = key.kind === "RecoveryKey";
  alone.act(
    registrationOf(alone, user, isRecovery ? keyCredential("Ed25519") : key, isRecovery ? key : undefined),
    null,
  );
  return [...alone.state.credentials.values()].at(-1)!.fingerprint;
}
