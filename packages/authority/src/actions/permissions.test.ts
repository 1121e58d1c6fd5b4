import { beforeEach, describe, expect, it } from "vitest";
import { EVERY_OPERATION, FULL_ADMIN, idOf } from "../index.ts";
import { give, type Person, person, TestOrganisation, TestUser } from "../testing/index.ts";

let organisation: TestOrganisation;
let clerk: Person;

const OPERATIONS = [
  "Permissions:Create",
  "Permissions:Update",
  "Permissions:Archive",
  "Permissions:Assign",
  "Permissions:Revoke",
];

beforeEach(() => {
  organisation = new TestOrganisation();
  clerk = person(organisation, "clerk@example.test", { operations: OPERATIONS });
});

const named = (name: string) => [...organisation.state.permissions.values()].find((one) => one.name === name)!;
const adminId = () => [...organisation.state.users.keys()][0]!;
const make = (operations: readonly string[], name = operations.join(" "), by?: Person) =>
  idOf("pm", organisation.act({ method: "POST", path: "/permissions", body: { name, operations } }, by?.key));
const assign = (permission: string, identityId: string, by?: Person) =>
  idOf(
    "as",
    organisation.act({ method: "POST", path: `/permissions/${permission}/assignments`, body: { identityId } }, by?.key),
  );
const revoke = (permission: string, assignment: string, by?: Person) =>
  organisation.act({ method: "DELETE", path: `/permissions/${permission}/assignments/${assignment}` }, by?.key);
const change = (permission: string, operations: readonly string[], by?: Person, name = "changed") =>
  organisation.act({ method: "PUT", path: `/permissions/${permission}`, body: { name, operations } }, by?.key);
const archive = (permission: string, by?: Person, isArchived = true) =>
  organisation.act({ method: "PUT", path: `/permissions/${permission}/archive`, body: { isArchived } }, by?.key);

describe("a permission", () => {
  it("is made, changed and archived, and gives what it says for just as long", () => {
    const id = make(["Keys:Read"], "readers");
    const reader = person(organisation, "reader@example.test");
    assign(id, reader.id);
    expect(() => make(["Keys:Read"], "by a reader", reader)).toThrow("not permitted Permissions:Create");
    change(id, ["Permissions:Create"]);
    make(["Keys:Read"], "by a reader", reader);
    archive(id);
    expect(() => make(["Keys:Read"], "again", reader)).toThrow("not permitted Permissions:Create");
    expect(() => assign(id, clerk.id)).toThrow("is archived");
  });

  it("may name operations that nobody knows yet, and nothing that is no operation", () => {
    make(["Futures:Trade:Create"]);
    for (const wrong of [["keys"], ["Keys:Read", "Keys:*"], []])
      expect(() => make(wrong, "wrong")).toThrow("operations");
  });

  it("has a name of its own", () => expect(() => make(["Keys:Read"], FULL_ADMIN)).toThrow("there is a permission"));

  it("stays archived", () => {
    const id = make(["Keys:Read"]);
    expect(() => archive(id, undefined, false)).toThrow("only true");
  });

  it("of the founding is never changed, archived or taken from the first user", () => {
    const full = named(FULL_ADMIN);
    const [first] = [...organisation.state.assignments.values()];
    expect(() => change(full.id, ["Keys:Read"])).toThrow("is never changed");
    expect(() => archive(full.id)).toThrow("is never changed");
    expect(() => revoke(full.id, first!.id)).toThrow("is never changed");
  });
});

describe("whoever may assign, but not everything, is refused", () => {
  const wide = () => make(["Keys:Export"], "wide");

  it("giving others or itself what it does not have", () => {
    const permission = wide();
    const other = person(organisation, "other@example.test");
    expect(() => assign(permission, other.id, clerk)).toThrow("not permitted Keys:Export");
    expect(() => assign(permission, clerk.id, clerk)).toThrow("not permitted Keys:Export");
    expect(() => assign(named(FULL_ADMIN).id, clerk.id, clerk)).toThrow(`not permitted ${EVERY_OPERATION}`);
    assign(make(["Permissions:Assign"], "narrow"), other.id, clerk);
  });

  it("adding what it does not have to a permission, its own above all", () => {
    const own = [...organisation.state.assignments.values()].find((one) => one.identity === clerk.id)!.permission;
    expect(() => change(own, [...OPERATIONS, "Keys:Export"], clerk)).toThrow("not permitted Keys:Export");
    expect(() => change(own, [EVERY_OPERATION], clerk)).toThrow(`not permitted ${EVERY_OPERATION}`);
    change(own, OPERATIONS, clerk, "another name");
  });

  it("giving them to a service account that it makes", () => {
    give(organisation, clerk.id, ["Auth:ServiceAccounts:Create"]);
    const body = { name: "robot", publicKey: new TestUser().publicKey, permissionId: wide() };
    const ask = { method: "POST", path: "/auth/service-accounts", body } as const;
    expect(() => organisation.act(ask, clerk.key)).toThrow("not permitted Keys:Export");
    const maker = person(organisation, "maker@example.test", {
      operations: ["Auth:ServiceAccounts:Create", "Keys:Export"],
    });
    expect(() => organisation.act(ask, maker.key)).toThrow("not permitted Permissions:Assign");
  });

  it("taking full access from an administrator, however it was given", () => {
    const all = make([EVERY_OPERATION], "all");
    const second = person(organisation, "second@example.test");
    const given = assign(all, second.id);
    expect(() => revoke(all, given, clerk)).toThrow(`not permitted ${EVERY_OPERATION}`);
    expect(() => archive(all, clerk)).toThrow(`not permitted ${EVERY_OPERATION}`);
    expect(() => change(all, OPERATIONS, clerk)).toThrow(`not permitted ${EVERY_OPERATION}`);
  });
});

describe("an assignment", () => {
  it("is made once, to somebody who is there", () => {
    const id = make(["Keys:Read"]);
    assign(id, clerk.id);
    expect(() => assign(id, clerk.id)).toThrow("has this permission");
    expect(() => assign(id, "us-nobody")).toThrow("no identity");
    expect(() => assign(id, "to-nobody")).toThrow("no identity");
    organisation.act({ method: "DELETE", path: `/auth/users/${clerk.id}` });
    expect(() => assign(make(["Keys:Update"]), clerk.id)).toThrow("no identity");
  });

  it("is taken under its own permission alone", () => {
    const [one, other] = [make(["Keys:Read"]), make(["Keys:Update"])];
    const given = assign(one, clerk.id);
    expect(() => revoke(other, given)).toThrow("no assignment");
    revoke(one, given);
    expect(organisation.state.assignments.has(given)).toBe(false);
  });

  it("that narrows a token cannot be taken: the token would do more afterwards", () => {
    const publicKey = new TestUser().publicKey;
    const narrow = make(["Keys:Read"]);
    const hash = organisation.act({
      method: "POST",
      path: "/auth/pats",
      body: { name: "mine", publicKey, permissionId: narrow },
    });
    const only = [...organisation.state.assignments.values()].find((one) => one.identity === idOf("to", hash))!;
    expect(() => revoke(narrow, only.id)).toThrow("could do all that its user can");
    assign(make(["Keys:Update"]), idOf("to", hash));
    revoke(narrow, only.id);
  });
});

describe("an organisation keeps an administrator", () => {
  it("whether the last one is deactivated, or the permission goes that makes them one", () => {
    const all = make([EVERY_OPERATION], "all");
    const second = person(organisation, "second@example.test");
    const given = assign(all, second.id);
    organisation.act({ method: "PUT", path: `/auth/users/${adminId()}/deactivate` }, second.key);
    expect(() => revoke(all, given, second)).toThrow("nobody would be left");
    expect(() => archive(all, second)).toThrow("nobody would be left");
    expect(() => change(all, ["Keys:Read"], second)).toThrow("nobody would be left");
    expect(() => organisation.act({ method: "DELETE", path: `/auth/users/${second.id}` }, second.key)).toThrow(
      "nobody would be left",
    );
  });
});
