import { beforeEach, describe, expect, it } from "vitest";
import { END_USER, EVERY_OPERATION, tokenCredentialId } from "../index.ts";
import { enter, give, type Person, person, TestOrganisation, TestUser } from "../testing/index.ts";

let organisation: TestOrganisation;
let clerk: Person;

const USERS = ["Create", "Update", "Activate", "Deactivate", "Delete"].map((verb) => `Auth:Users:${verb}`);
const PATS = ["Auth:Pats:Create"];
const READ_KEY = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;

beforeEach(() => {
  organisation = new TestOrganisation();
  clerk = person(organisation, "clerk@example.test", { operations: [...USERS, ...PATS, "Keys:Create"] });
});

const put = (path: string, by?: Person) => organisation.act({ method: "PUT", path }, by?.key);
const adminId = () => [...organisation.state.users.keys()][0]!;

describe("a user", () => {
  it("is entered without a credential, by an address that nobody has", () => {
    const id = enter(organisation, "new@example.test", "CustomerEmployee");
    expect(organisation.state.users.get(id)).toMatchObject({
      kind: "CustomerEmployee",
      isActive: true,
      isRegistered: false,
    });
    expect(() => enter(organisation, "new@example.test", "CustomerEmployee")).toThrow("exists already");
    expect(() => enter(organisation, "no address", "CustomerEmployee")).toThrow("email");
  });

  it("that is an end user has the permission of end users, and no other", () => {
    const id = enter(organisation, "end@example.test", "EndUser");
    const given = [...organisation.state.assignments.values()].filter((one) => one.identity === id);
    expect(given.map((one) => organisation.state.permissions.get(one.permission)!.name)).toEqual([END_USER]);
  });

  it("does nothing while it is deactivated, nor once it is archived", () => {
    put(`/auth/users/${clerk.id}/deactivate`);
    expect(() => organisation.act(READ_KEY, clerk.key)).toThrow("is not active");
    put(`/auth/users/${clerk.id}/activate`);
    organisation.act(READ_KEY, clerk.key);
    organisation.act({ method: "DELETE", path: `/auth/users/${clerk.id}` });
    expect(() => organisation.act(READ_KEY, clerk.key)).toThrow("is not active");
    expect(() => put(`/auth/users/${clerk.id}/activate`)).toThrow("no user");
  });

  it("that administrates is touched by administrators alone", () => {
    for (const path of ["", "/deactivate", "/activate"]) {
      expect(() => put(`/auth/users/${adminId()}${path}`, clerk)).toThrow(`not permitted ${EVERY_OPERATION}`);
    }
    expect(() => organisation.act({ method: "DELETE", path: `/auth/users/${adminId()}` }, clerk.key)).toThrow(
      EVERY_OPERATION,
    );
  });

  it("is no service account, to which other operations belong", () => {
    organisation.act({
      method: "POST",
      path: "/auth/service-accounts",
      body: { name: "r", publicKey: new TestUser().publicKey },
    });
    const robot = [...organisation.state.users.values()].at(-1)!;
    expect(() => put(`/auth/users/${robot.id}/deactivate`, clerk)).toThrow("no user");
  });

  it("cannot be required to use a single sign-on that is not there", () => {
    const asked = { method: "PUT", path: `/auth/users/${clerk.id}`, body: { isSSORequired: true } } as const;
    expect(() => organisation.act(asked)).toThrow("no single sign-on");
  });

  it.each(["deactivate", "activate", ""])("is acted upon (%s) by those to whom the operation was given", (verb) => {
    const nobody = person(organisation, "nobody@example.test");
    expect(() => put(`/auth/users/${clerk.id}/${verb}`.replace(/\/$/, ""), nobody)).toThrow(
      "is not permitted Auth:Users:",
    );
  });
});

describe("the lock after a recovery", () => {
  const lock = () => {
    organisation.state.users.get(clerk.id)!.lockedUntil = organisation.time + 1e9;
  };

  it("is lifted by another administrator", () => {
    lock();
    expect(() => put(`/auth/users/${clerk.id}/unlock`, clerk)).toThrow(`not permitted ${EVERY_OPERATION}`);
    put(`/auth/users/${clerk.id}/unlock`);
    expect(organisation.state.users.get(clerk.id)!.lockedUntil).toBeNull();
    expect(() => put(`/auth/users/${adminId()}/unlock`)).toThrow("nobody lifts the own lock");
  });

  it("is lifted by nobody where the organisation wants that", () => {
    organisation = new TestOrganisation({ settings: { liftLocks: false } });
    clerk = person(organisation, "clerk@example.test");
    lock();
    expect(() => put(`/auth/users/${clerk.id}/unlock`)).toThrow("lifts no lock early");
  });
});

describe("a personal access token", () => {
  const make = (more: object = {}, by: Pick<TestUser, "assert"> = clerk.key) => {
    const key = new TestUser();
    const body = { name: "mine", publicKey: key.publicKey, ...more };
    const hash = organisation.act({ method: "POST", path: "/auth/pats", body }, by);
    const id = [...organisation.state.tokens.keys()].at(-1)!;
    return { id, key: key.as(tokenCredentialId(hash)) };
  };

  it("does what its user may do, and dies with its user", () => {
    const { key } = make();
    organisation.act(READ_KEY, key);
    put(`/auth/users/${clerk.id}/deactivate`);
    expect(() => organisation.act(READ_KEY, key)).toThrow("is not active");
  });

  it("with a permission of its own does that alone, and never what its user may not", () => {
    const nothing = organisation.act({
      method: "POST",
      path: "/permissions",
      body: { name: "n", operations: ["Keys:Export"] },
    });
    const permissionId = [...organisation.state.permissions.keys()].at(-1)!;
    expect(nothing).toHaveLength(64);
    const { key } = make({ permissionId });
    expect(() => organisation.act(READ_KEY, key)).toThrow("through token");
    expect(() => organisation.act({ method: "POST", path: `/keys/key-x/export`, body: {} }, key)).toThrow(
      "not permitted Keys:Export",
    );
  });

  it("lives as long as it says, two years at most", () => {
    const { key } = make({ secondsValid: 10 });
    organisation.act(READ_KEY, key);
    organisation.time += 10_000;
    expect(() => organisation.act(READ_KEY, key)).toThrow("expired");
    expect(() => make({ daysValid: 731 })).toThrow("daysValid");
    expect(() => make({ daysValid: 1, secondsValid: 1 })).toThrow("does not go with daysValid");
  });

  it("makes and wakes no other token, nor a credential", () => {
    const [one, other] = [make(), make()];
    expect(() => make({}, one.key)).toThrow("not done with a token");
    put(`/auth/pats/${other.id}/deactivate`, { ...clerk, key: one.key } as Person);
    expect(() => put(`/auth/pats/${other.id}/activate`, { ...clerk, key: one.key } as Person)).toThrow(
      "not done with a token",
    );
    put(`/auth/pats/${other.id}/activate`, clerk);
    organisation.act(READ_KEY, other.key);
    const create = {
      method: "POST",
      path: "/auth/credentials",
      body: { credentialName: "n", challengeIdentifier: "c" },
    } as const;
    expect(() => organisation.act(create, one.key)).toThrow("not done with a token");
  });

  it("belongs to its user: nobody else changes it, no administrator either", () => {
    const { id } = make();
    for (const path of ["", "/activate", "/deactivate"])
      expect(() => put(`/auth/pats/${id}${path}`)).toThrow("of yours");
    expect(() => organisation.act({ method: "DELETE", path: `/auth/pats/${id}` })).toThrow("of yours");
  });

  it("ends for good when it is deleted", () => {
    const { id, key } = make();
    organisation.act({ method: "DELETE", path: `/auth/pats/${id}` }, clerk.key);
    expect(() => organisation.act(READ_KEY, key)).toThrow("is not active");
    expect(() => put(`/auth/pats/${id}/activate`, clerk)).toThrow("of yours");
  });

  it("needs the operation, and a permission that is there", () => {
    const nobody = person(organisation, "nobody@example.test");
    expect(() => make({}, nobody.key)).toThrow("not permitted Auth:Pats:Create");
    expect(() => make({ permissionId: "pm-none" })).toThrow("no permission");
    give(organisation, nobody.id, PATS);
    make({}, nobody.key);
  });
});
