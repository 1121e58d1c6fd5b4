import { beforeEach, describe, expect, it } from "vitest";
import { addEmployee } from "../testing/members.ts";
import { type Asked, TestOrganisation, TestUser } from "../testing/organisation.ts";
import { idOf } from "./identifiers.ts";
import { permissionDigest, policyDigest, refsOf, userDigest } from "./refs.ts";

const POLICY = {
  name: "all",
  activityKind: "Wallets:Sign",
  rule: { kind: "AlwaysTrigger" },
  action: { kind: "Block" },
};

let organisation: TestOrganisation;
let permission: string;
let policy: string;
let clerk: string;

beforeEach(() => {
  organisation = new TestOrganisation();
  const told = { name: "readers", operations: ["Keys:Read"] };
  permission = idOf("pm", organisation.act({ method: "POST", path: "/permissions", body: told }));
  policy = idOf("plc", organisation.act({ method: "POST", path: "/v2/policies", body: POLICY }));
  clerk = addEmployee(organisation, "clerk", []).id;
});

describe("what an action gives, or changes, is in its challenge by digest", () => {
  const publicKey = new TestUser().publicKey;
  const assign = (): Asked => ({
    method: "POST",
    path: `/permissions/${permission}/assignments`,
    body: { identityId: clerk },
  });

  it.each<[string, () => Asked, () => object]>([
    [
      "a permission and who gets it",
      assign,
      () => ({
        [permission]: permissionDigest(organisation.state.permissions.get(permission)!),
        [clerk]: userDigest(organisation.state, clerk),
      }),
    ],
    [
      "a permission of a new service account",
      () => ({
        method: "POST",
        path: "/auth/service-accounts",
        body: { name: "robot", publicKey, permissionId: permission },
      }),
      () => ({ [permission]: permissionDigest(organisation.state.permissions.get(permission)!) }),
    ],
    [
      "a permission that is changed",
      () => ({
        method: "PUT",
        path: `/permissions/${permission}`,
        body: { name: "readers", operations: ["Wallets:Read"] },
      }),
      () => ({ [permission]: permissionDigest(organisation.state.permissions.get(permission)!) }),
    ],
    [
      "a policy that is changed",
      () => ({ method: "PUT", path: `/v2/policies/${policy}`, body: POLICY }),
      () => ({ [policy]: policyDigest(organisation.state.policies.get(policy)!) }),
    ],
    [
      "a policy that ends",
      () => ({ method: "DELETE", path: `/v2/policies/${policy}` }),
      () => ({ [policy]: policyDigest(organisation.state.policies.get(policy)!) }),
    ],
  ])("%s", (_, asked, wanted) => {
    const told = asked();
    expect(refsOf(organisation.state, { body: {}, ...told })).toEqual(wanted());
    const swapped = Object.fromEntries(Object.keys(wanted()).map((id) => [id, "11".repeat(32)]));
    const refused = { refs: swapped };
    expect(() => organisation.follow(organisation.record(told, organisation.admin, refused))).toThrow("does not name");
    expect(() => organisation.follow(organisation.record(told, organisation.admin, { refs: {} }))).toThrow(
      "does not name",
    );
    organisation.act(told);
  });

  it("so that a permission which was changed since is not given on the word of before", () => {
    const record = organisation.record(assign());
    const body = { name: "readers", operations: ["Keys:Read", "Keys:Export"] };
    organisation.act({ method: "PUT", path: `/permissions/${permission}`, body });
    const { head } = organisation.state;
    const later = { ...record, height: head.height + 1, previous: head.hash, time: organisation.time };
    expect(() => organisation.follow(later)).toThrow("does not name");
  });
});
