import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { authorise } from "../log/authorise.ts";
import { idOf } from "../log/identifiers.ts";
import { mayDo } from "../log/permissions.ts";
import { type Change, existing, type Judged, rule } from "../log/rule.ts";
import type { Credential, User } from "../log/state.ts";
import { keySpecsOf } from "../wallet-network.ts";
import { type AttestedFor, addCredential, attested, fingerprintOf } from "./attested.ts";
import { words } from "./fields.ts";
import { checkMayGrant, operationsOf } from "./grants.ts";
import { newKey } from "./keys.ts";
import { END_USER_OPERATIONS } from "./operations.ts";
import { network, newWallet } from "./wallets.ts";

/** Where a registration is completed; its challenge says this path, also for an end user's. */
export const REGISTRATION_PATH = "/auth/registration";
const MAX_WALLETS = 10;

/** The credentials that somebody begins with, or begins anew with. */
export const factors = {
  firstFactorCredential: z.unknown(),
  secondFactorCredential: z.unknown().optional(),
  recoveryCredential: z.unknown().optional(),
};

/**
 * The credentials that a body brings, all made for one user: the first, perhaps a second, perhaps one that recovers.
 *
 * @throws AuthorityError
 */
export function newCredentials(
  judged: Judged<unknown>,
  told: Readonly<Partial<Record<keyof typeof factors, unknown>>>,
  made: Pick<AttestedFor, "purpose" | "path">,
  within = "",
): readonly Credential[] {
  const credentials: Credential[] = [];
  for (const name of Object.keys(factors) as (keyof typeof factors)[]) {
    const value = told[name];
    if (value === undefined && name !== "firstFactorCredential") continue;
    const where = `${within}${name}`;
    const credential = attested(judged, value, { ...made, where, n: credentials.length });
    if ((credential.kind === "RecoveryKey") !== (name === "recoveryCredential")) {
      throw new AuthorityError("invalid_input", `${where}: a ${credential.kind} does not belong there`, {
        field: `${where}.credentialKind`,
        hint: "a RecoveryKey is the recoveryCredential, and only that",
      });
    }
    credentials.push(credential);
  }
  const [first, ...rest] = credentials;
  if (rest.some((one) => one.user !== first?.user)) {
    throw new AuthorityError("bad_challenge", "the credentials were made for different users", { field: "challenge" });
  }
  if (new Set(credentials.map((one) => one.credentialId)).size === credentials.length) return credentials;
  throw new AuthorityError("invalid_input", "two of the credentials have one id", { field: "credId" });
}

/** Somebody who was entered and has never had a credential. @throws AuthorityError */
function unregistered({ organisation }: Judged<unknown>, id: string | undefined): User {
  const user = existing(organisation.users, id, "user");
  if (!user.isActive || user.isArchived) throw new AuthorityError("inactive_user", `user ${user.id} is not active`);
  if (!user.isRegistered) return user;
  throw new AuthorityError("conflict", `user ${user.id} is registered already`, {
    field: "user",
    hint: "add a credential with another one, or recover",
  });
}

/**
 * Whether somebody vouches for the credentials of a new user, where the organisation wants that. Who vouches could as well be the new user:
 * so it must have all that this one was given.
 *
 * @throws AuthorityError `bad_endorsement`, or what is wrong with the signature
 */
function checkEndorsed(judged: Judged<unknown>, user: User, credentials: readonly Credential[]): void {
  const { organisation, network, action, time } = judged;
  if (organisation.settings.registration === "tofu") return;
  const hint = "send as endorsement what an administrator signs over the fingerprint of the new credentials";
  if (action.endorsement === null) {
    throw new AuthorityError("bad_endorsement", "nobody vouches for the new credentials", {
      field: "endorsement",
      hint,
    });
  }
  const body = { fingerprint: fingerprintOf(credentials) };
  const request = { method: "POST", path: REGISTRATION_PATH, body };
  const { actor, challenge } = authorise(organisation, network, request, action.endorsement, time, "endorsement");
  if (challenge.user !== user.id) {
    throw new AuthorityError("bad_endorsement", `vouches for another user than ${user.id}`, {
      field: "endorsement",
      hint,
    });
  }
  const isEndUser = user.kind === "EndUser";
  const operations = isEndUser ? ["Auth:Users:Create", "Auth:Register:Delegated"] : ["Auth:Users:Create"];
  if (!operations.some((one) => mayDo(organisation, actor, one))) {
    throw new AuthorityError("bad_endorsement", `${actor.user.id} may not vouch: it needs ${operations.join(" or ")}`, {
      field: "endorsement",
    });
  }
  const usual: readonly string[] = isEndUser ? END_USER_OPERATIONS : [];
  checkMayGrant(
    organisation,
    actor,
    [...operationsOf(organisation, user.id)].filter((one) => !usual.includes(one)),
  );
}

function register(judged: Judged<Readonly<Partial<Record<keyof typeof factors, unknown>>>>): {
  user: User;
  change: Change;
} {
  const { organisation, body } = judged;
  const credentials = newCredentials(judged, body, { purpose: "registration", path: REGISTRATION_PATH });
  const user = unregistered(judged, credentials[0]?.user);
  checkEndorsed(judged, user, credentials);
  const change = () => {
    user.isRegistered = true;
    user.trustedOnFirstUse = organisation.settings.registration === "tofu";
    for (const credential of credentials) addCredential(judged, credential);
  };
  return { user, change };
}

/** The keys and wallets that an end user begins with: its own from the start. */
function firstWallets(
  judged: Judged<{ wallets: readonly { network: string; name?: string | undefined }[] }>,
  user: User,
): Change {
  const { organisation, hash, body } = judged;
  const made = body.wallets.map(({ network, name = null }, n) => {
    const [spec] = keySpecsOf(network);
    if (spec === undefined) {
      throw new AuthorityError("invalid_input", `wallets.${n}.network: which key goes with ${network} is not known`, {
        field: `wallets.${n}.network`,
      });
    }
    const key = newKey(judged, { ...spec, id: idOf("key", hash, n), creator: user.id }, user.id);
    return { key, wallet: newWallet(judged, key, { network, name, id: idOf("wa", hash, n) }) };
  });
  return () => {
    for (const { key, wallet } of made) {
      organisation.keys.set(key.id, key);
      organisation.wallets.set(wallet.id, wallet);
    }
  };
}

/** First credentials. Nobody signs these: who holds the credentials proves it, and the organisation's settings say who else must agree. */
export const registrationRules = [
  rule({
    ...{ method: "POST", path: REGISTRATION_PATH, operation: null, signed: false },
    body: z.strictObject(factors),
    judge: (judged) => register(judged).change,
  }),
  rule({
    ...{ method: "POST", path: `${REGISTRATION_PATH}/enduser`, operation: null, signed: false },
    body: z.strictObject({
      ...factors,
      wallets: z
        .array(z.strictObject({ network, name: words(100).optional() }))
        .min(1)
        .max(MAX_WALLETS),
    }),
    judge(judged) {
      const { user, change } = register(judged);
      if (user.kind !== "EndUser") {
        const hint = "use POST /auth/registration";
        throw new AuthorityError("invalid_input", `user ${user.id} is no end user`, { field: "user", hint });
      }
      const wallets = firstWallets(judged, user);
      return () => {
        change();
        wallets();
      };
    },
  }),
];
