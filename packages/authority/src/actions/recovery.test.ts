import { beforeEach, describe, expect, it } from "vitest";
import { RECOVERY_PATH } from "../index.ts";
import {
  creationChallenge,
  type KeyCredential,
  keyCredential,
  type Person,
  person,
  TestOrganisation,
  TestUser,
} from "../testing/index.ts";

let organisation: TestOrganisation;
let lost: Person;
let fresh: KeyCredential;

const MAKE_KEY = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;

beforeEach(() => {
  organisation = new TestOrganisation();
  lost = person(organisation, "lost@example.test", { operations: ["Keys:Create", "Auth:Pats:Create"] });
  fresh = keyCredential("Ed25519");
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function credentials(changes: Parameters<typeof creationChallenge>[4] = {}, user = lost.id, key = fresh) {
  const challenge = creationChallenge(organisation, "recovery", RECOVERY_PATH, user, changes);
  return { firstFactorCredential: key.attest(challenge) };
}

const recover = (newCredentials: object, by = lost.recovery, signed: unknown = newCredentials) =>
  organisation.act(
    { method: "POST", path: RECOVERY_PATH, body: { recovery: by.assert(encoded(signed)), newCredentials } },
    null,
  );

describe("a recovery", () => {
  it("gives a user new credentials in place of all that acted for it, tokens too, and locks its keys for a while", () => {
    const token = new TestUser();
    organisation.act(
      { method: "POST", path: "/auth/pats", body: { name: "mine", publicKey: token.publicKey } },
      lost.key,
    );
    recover(credentials());
    const { users, tokens, settings, time } = organisation.state;
    expect(() => organisation.act(MAKE_KEY, lost.key)).toThrow("is not active");
    expect([...tokens.values()].map((one) => [one.isActive, one.isArchived])).toEqual([[false, true]]);
    organisation.act(MAKE_KEY, fresh);
    expect(users.get(lost.id)!.lockedUntil).toBe(time + settings.recoveryLockDays * 86_400_000);
  });

  it("locks for at most an hour less than the organisation wants, whatever date the coordinator gives it", () => {
    const newCredentials = credentials({ expires: organisation.time + 1000 });
    const body = { recovery: lost.recovery.assert(encoded(newCredentials)), newCredentials };
    const dated = organisation.record({ method: "POST", path: RECOVERY_PATH, body }, null);
    organisation.time += 3600_001;
    expect(() => organisation.follow(dated)).toThrow("behind this node's clock");
    organisation.time -= 1;
    organisation.follow(dated);
    const { users, settings } = organisation.state;
    const wanted = settings.recoveryLockDays * 86_400_000;
    expect(users.get(lost.id)!.lockedUntil).toBe(organisation.time + wanted - 3600_000);
  });

  it("works once with one recovery key: it is archived as well", () => {
    recover(credentials());
    fresh = keyCredential("Ed25519");
    expect(() => recover(credentials())).toThrow("is not active");
  });

  it("locks nothing where the organisation wants no lock", () => {
    organisation = new TestOrganisation({ settings: { recoveryLockDays: 0 } });
    lost = person(organisation, "lost@example.test");
    recover(credentials());
    expect(organisation.state.users.get(lost.id)!.lockedUntil).toBeNull();
  });

  it("takes the members of the new credentials in any order: what is compared is what they say", () => {
    const { firstFactorCredential } = credentials();
    const { credentialKind, credentialInfo } = firstFactorCredential;
    recover({ firstFactorCredential }, lost.recovery, { firstFactorCredential: { credentialInfo, credentialKind } });
  });
});

describe("a recovery is refused", () => {
  it("when other new credentials were signed than are sent, or something else", () => {
    const other = credentials({}, lost.id, keyCredential("Ed25519"));
    expect(() => recover(credentials(), lost.recovery, other)).toThrow("other new credentials were signed");
    expect(() => recover(credentials(), lost.recovery, { ...credentials(), more: 1 })).toThrow("other new credentials");
    const body = { recovery: lost.recovery.assert("no-json-at-all"), newCredentials: credentials() };
    expect(() => organisation.act({ method: "POST", path: RECOVERY_PATH, body }, null)).toThrow(
      "other new credentials",
    );
  });

  it("by any credential but a recovery key that the user has", () => {
    expect(() => recover(credentials(), lost.key)).toThrow("a Key recovers nothing");
    expect(() => recover(credentials(), keyCredential("P-256", "RecoveryKey"))).toThrow("no credential");
    const thief = {
      ...lost.recovery,
      ...keyCredential("P-256", "RecoveryKey"),
      credentialId: lost.recovery.credentialId,
    };
    const forged = keyCredential("P-256", "RecoveryKey").assert(encoded(credentials()));
    const claimed = { ...forged, credentialAssertion: { ...forged.credentialAssertion, credId: thief.credentialId } };
    const body = { recovery: claimed, newCredentials: credentials() };
    expect(() => organisation.act({ method: "POST", path: RECOVERY_PATH, body }, null)).toThrow("signature");
  });

  it("by somebody else's recovery key", () => {
    const other = person(organisation, "other@example.test");
    expect(() => recover(credentials(), other.recovery)).toThrow("made for another user");
  });

  it.each<[string, string, Parameters<typeof creationChallenge>[4]]>([
    ["to register", "purpose registration", { purpose: "registration" }],
    ["for another network", "network: the user signed", { network: "other" }],
    ["for another organisation", "organisation: the user signed", { organisation: "or-other" }],
    ["too long ago", "expired", { expires: 1_790_000_000_000 - 100_000 }],
  ])("with new credentials that were made %s", (_, problem, changes) => {
    expect(() => recover(credentials(changes))).toThrow(problem);
  });

  it("for somebody who was deactivated", () => {
    organisation.act({ method: "PUT", path: `/auth/users/${lost.id}/deactivate` });
    expect(() => recover(credentials())).toThrow("is not active");
  });

  it("with a credential that somebody has, and with the one that is lost", () => {
    expect(() => recover(credentials({}, lost.id, lost.key))).toThrow("of this id already");
  });
});
