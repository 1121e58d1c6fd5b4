import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { idOf } from "../log/identifiers.ts";
import { EVERY_OPERATION } from "../log/permissions.ts";
import { existing, type Judged, rule } from "../log/rule.ts";
import type { User, UserKind } from "../log/state.ts";
import { externalId, nothing } from "./fields.ts";
import { actorIn, assignment, checkMayTouch, checkNotLastAdmin, endUserPermission } from "./grants.ts";
import { retire, usernameFree } from "./identities.ts";

const email = z.email().max(100);
/** There is no single sign-on here: nobody can be required to use it. */
const isSSORequired = z.literal(false, "there is no single sign-on here").optional();

/** The person that an action is about. @throws AuthorityError */
function person(judged: Judged<unknown>): User {
  const { organisation, params } = judged;
  const user = existing(organisation.users, params.userId, "user");
  if (user.kind === "ServiceAccount" || user.isArchived) {
    throw new AuthorityError("not_found", `no user ${user.id}`, { field: "userId" });
  }
  checkMayTouch(organisation, actorIn(judged), user);
  return user;
}

/** Somebody who has no credential yet. @throws AuthorityError */
function newUser(
  { organisation, hash, time }: Judged<unknown>,
  kind: Exclude<UserKind, "ServiceAccount">,
  { email, externalId = null }: { email: string; externalId?: string | null | undefined },
): User {
  usernameFree(organisation, email);
  return {
    ...{ id: idOf("us", hash), kind, username: email, externalId, isActive: true, isRegistered: false },
    ...{ isArchived: false, lockedUntil: null, trustedOnFirstUse: false, created: time },
  };
}

const path = "/auth/users/:userId";

/** People: entered, switched off and on, archived, and their keys released early after a recovery. */
export const userRules = [
  rule({
    ...{ method: "POST", path: "/auth/users", operation: "Auth:Users:Create", signed: true },
    body: z.strictObject({
      email,
      kind: z.literal("CustomerEmployee"),
      externalId: externalId.optional(),
      isSSORequired,
    }),
    judge(judged) {
      const user = newUser(judged, "CustomerEmployee", judged.body);
      return () => judged.organisation.users.set(user.id, user);
    },
  }),
  rule({
    ...{ method: "POST", path: "/auth/registration/delegated", operation: "Auth:Register:Delegated", signed: true },
    body: z.strictObject({ email, kind: z.literal("EndUser"), externalId: externalId.optional() }),
    judge(judged) {
      const { organisation, body } = judged;
      const user = newUser(judged, "EndUser", body);
      const assign = assignment(judged, endUserPermission(organisation), user.id);
      return () => {
        organisation.users.set(user.id, user);
        assign();
      };
    },
  }),
  rule({
    ...{ method: "PUT", path, operation: "Auth:Users:Update", signed: true },
    body: z.strictObject({ isSSORequired }),
    judge(judged) {
      person(judged);
      return () => {};
    },
  }),
  rule({
    ...{ method: "PUT", path: `${path}/activate`, operation: "Auth:Users:Activate", signed: true },
    body: nothing,
    judge(judged) {
      const user = person(judged);
      return () => {
        user.isActive = true;
      };
    },
  }),
  rule({
    ...{ method: "PUT", path: `${path}/deactivate`, operation: "Auth:Users:Deactivate", signed: true },
    takesAway: true,
    body: nothing,
    judge(judged) {
      const user = person(judged);
      checkNotLastAdmin(judged.organisation, user.id);
      return () => {
        user.isActive = false;
      };
    },
  }),
  rule({
    ...{ method: "DELETE", path, operation: "Auth:Users:Delete", signed: true },
    takesAway: true,
    body: nothing,
    judge(judged) {
      const user = person(judged);
      checkNotLastAdmin(judged.organisation, user.id);
      return () => retire(judged.organisation, user);
    },
  }),
  rule({
    ...{ method: "PUT", path: `${path}/unlock`, operation: EVERY_OPERATION, signed: true },
    body: nothing,
    judge(judged) {
      const { organisation } = judged;
      const user = person(judged);
      if (!organisation.settings.liftLocks) {
        throw new AuthorityError("not_permitted", "this organisation lifts no lock early", {
          hint: "wait; its setting liftLocks decides",
        });
      }
      if (user.id === actorIn(judged).user.id) {
        throw new AuthorityError("not_permitted", "nobody lifts the own lock", { hint: "ask another administrator" });
      }
      return () => {
        user.lockedUntil = null;
      };
    },
  }),
];
