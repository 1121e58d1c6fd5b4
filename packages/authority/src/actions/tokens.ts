import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { idOf } from "../log/identifiers.ts";
import { existing, type Judged, rule } from "../log/rule.ts";
import type { ApiToken } from "../log/state.ts";
import { externalId, id, nothing, pem, words } from "./fields.ts";
import { actorIn, assignment, permissionIn } from "./grants.ts";
import { addToken, tokenLife } from "./token-keys.ts";

const create = z.strictObject({
  name: words(100),
  publicKey: pem,
  permissionId: id.optional(),
  externalId: externalId.optional(),
  daysValid: z.int().min(1).max(730).optional(),
  secondsValid: z
    .int()
    .min(1)
    .max(730 * 86_400)
    .optional(),
});

/**
 * With a token one makes and wakes nothing that acts for its user: neither another token nor a credential, which could do more than this one.
 *
 * @throws AuthorityError `not_permitted`
 */
export function checkInPerson(judged: Judged<unknown>): void {
  const { user, token } = actorIn(judged);
  if (token === null && user.kind !== "ServiceAccount") return;
  throw new AuthorityError("not_permitted", `${user.kind} ${user.id}: this is not done with a token`, {
    hint: "log in, and sign with a credential of your own",
  });
}

function ownToken(judged: Judged<unknown>): ApiToken {
  const token = existing(judged.organisation.tokens, judged.params.tokenId, "token");
  if (token.kind === "Pat" && !token.isArchived && token.user === actorIn(judged).user.id) return token;
  throw new AuthorityError("not_found", `no personal access token ${token.id} of yours`, { field: "tokenId" });
}

const path = "/auth/pats/:tokenId";

/** Personal access tokens: of whoever makes them, never able to do more than that user. */
export const tokenRules = [
  rule({
    ...{ method: "POST", path: "/auth/pats", operation: "Auth:Pats:Create", signed: true },
    body: create,
    judge(judged) {
      const { organisation, body, hash, time } = judged;
      checkInPerson(judged);
      const { name, publicKey, permissionId, externalId = null, daysValid, secondsValid } = body;
      if (daysValid !== undefined && secondsValid !== undefined) {
        throw new AuthorityError("invalid_input", "secondsValid: does not go with daysValid", {
          field: "secondsValid",
        });
      }
      const expires = tokenLife(time, daysValid, secondsValid);
      const user = actorIn(judged).user.id;
      const token = addToken(judged, { kind: "Pat", user, name, publicKey, expires, externalId });
      // A permission of its own narrows a token: it takes no right to assign.
      const narrowed =
        permissionId === undefined
          ? () => {}
          : assignment(judged, permissionIn(organisation, permissionId), idOf("to", hash));
      return () => {
        token();
        narrowed();
      };
    },
  }),
  rule({
    ...{ method: "PUT", path, operation: null, signed: true },
    body: z.strictObject({ name: words(100).optional(), externalId: externalId.optional() }),
    judge(judged) {
      const token = ownToken(judged);
      const { name, externalId } = judged.body;
      return () => {
        if (name !== undefined) token.name = name;
        if (externalId !== undefined) token.externalId = externalId;
      };
    },
  }),
  rule({
    ...{ method: "PUT", path: `${path}/activate`, operation: null, signed: true },
    body: nothing,
    judge(judged) {
      const token = ownToken(judged);
      checkInPerson(judged);
      return () => {
        token.isActive = true;
      };
    },
  }),
  rule({
    ...{ method: "PUT", path: `${path}/deactivate`, operation: null, signed: true },
    takesAway: true,
    body: nothing,
    judge(judged) {
      const token = ownToken(judged);
      return () => {
        token.isActive = false;
      };
    },
  }),
  rule({
    ...{ method: "DELETE", path, operation: null, signed: true },
    takesAway: true,
    body: nothing,
    judge(judged) {
      const token = ownToken(judged);
      const credential = judged.organisation.credentials.get(token.credential);
      return () => {
        token.isActive = false;
        token.isArchived = true;
        if (credential === undefined) return;
        credential.isActive = false;
        credential.isArchived = true;
      };
    },
  }),
];
