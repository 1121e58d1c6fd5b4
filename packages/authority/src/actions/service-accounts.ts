import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { idOf } from "../log/identifiers.ts";
import { existing, type Judged, rule } from "../log/rule.ts";
import type { User } from "../log/state.ts";
import { externalId, id, nothing, pem, words } from "./fields.ts";
import { actorIn, checkMayTouch, checkNotLastAdmin, newAssignment } from "./grants.ts";
import { retire, usernameFree } from "./identities.ts";
import { addToken, tokenLife } from "./token-keys.ts";

const create = z.strictObject({
  name: words(100),
  publicKey: pem,
  permissionId: id.optional(),
  externalId: externalId.optional(),
  daysValid: z.int().min(1).max(730).optional(),
});

function account(judged: Judged<unknown>): User {
  const { organisation, params } = judged;
  const user = existing(organisation.users, params.id, "service account");
  if (user.kind !== "ServiceAccount" || user.isArchived) {
    throw new AuthorityError("not_found", `no service account ${user.id}`, { field: "serviceAccountId" });
  }
  checkMayTouch(organisation, actorIn(judged), user);
  return user;
}

/** Service accounts: made, named, switched off and on, archived. */
export const serviceAccountRules = [
  rule({
    ...{ method: "POST", path: "/auth/service-accounts", operation: "Auth:ServiceAccounts:Create", signed: true },
    body: create,
    judge(judged) {
      const { organisation, body, hash, time } = judged;
      usernameFree(organisation, body.name);
      const user: User = {
        ...{ id: idOf("us", hash), kind: "ServiceAccount", username: body.name, externalId: body.externalId ?? null },
        ...{ isActive: true, isRegistered: true, isArchived: false, lockedUntil: null, trustedOnFirstUse: false },
        created: time,
      };
      const assign = newAssignment(judged, body.permissionId, user.id);
      const expires = tokenLife(time, body.daysValid, undefined);
      const token = addToken(judged, {
        kind: "ServiceAccount",
        user: user.id,
        name: body.name,
        publicKey: body.publicKey,
        expires,
        externalId: null,
      });
      return () => {
        organisation.users.set(user.id, user);
        token();
        assign();
      };
    },
  }),
  rule({
    ...{ method: "PUT", path: "/auth/service-accounts/:id", operation: "Auth:ServiceAccounts:Update", signed: true },
    body: z.strictObject({ name: words(100).optional(), externalId: externalId.optional() }),
    judge(judged) {
      const user = account(judged);
      const { name, externalId } = judged.body;
      if (name !== undefined && name !== user.username) usernameFree(judged.organisation, name);
      return () => {
        if (name !== undefined) user.username = name;
        if (externalId !== undefined) user.externalId = externalId;
      };
    },
  }),
  rule({
    ...{
      method: "PUT",
      path: "/auth/service-accounts/:id/activate",
      operation: "Auth:ServiceAccounts:Activate",
      signed: true,
    },
    body: nothing,
    judge(judged) {
      const user = account(judged);
      return () => {
        user.isActive = true;
      };
    },
  }),
  rule({
    ...{
      method: "PUT",
      path: "/auth/service-accounts/:id/deactivate",
      operation: "Auth:ServiceAccounts:Deactivate",
      signed: true,
    },
    takesAway: true,
    body: z.strictObject({ force: z.boolean().optional() }),
    judge(judged) {
      const user = account(judged);
      checkNotLastAdmin(judged.organisation, user.id);
      return () => {
        user.isActive = false;
      };
    },
  }),
  rule({
    ...{ method: "DELETE", path: "/auth/service-accounts/:id", operation: "Auth:ServiceAccounts:Delete", signed: true },
    takesAway: true,
    body: nothing,
    judge(judged) {
      const user = account(judged);
      checkNotLastAdmin(judged.organisation, user.id);
      return () => retire(judged.organisation, user);
    },
  }),
];
