import { z } from "zod";
import { AuthorityError } from "../error.ts";
import { existing, type Judged, rule } from "../log/rule.ts";
import type { Credential, Organisation } from "../log/state.ts";
import { addCredential, attested } from "./attested.ts";
import { id, words } from "./fields.ts";
import { actorIn } from "./grants.ts";
import { checkInPerson } from "./tokens.ts";

/** Where a credential is made by its user, and where by a code. */
export const CREDENTIAL_PATH = "/auth/credentials";
export const CREDENTIAL_CODE_PATH = "/auth/credentials/code/verify";
/** How many of a user's credentials may wait to be activated: whoever adds them proved nothing but that it has them. */
const MAX_PENDING = 5;
const MAX_OF_USER = 64;

/** The attestation, besides what the API needs of it. */
const create = z.looseObject({ credentialName: words(100), challengeIdentifier: z.string().min(1).max(200) });
const which = z.strictObject({ credentialUuid: id });

function count(organisation: Organisation, user: string, counts: (credential: Credential) => boolean): number {
  let found = 0;
  for (const one of organisation.credentials.values()) {
    if (one.user === user && one.token === null && !one.isArchived && counts(one)) found++;
  }
  return found;
}

/** Whether it acts for its user: those of kind RecoveryKey only recover. */
function acts({ isActive, isPending, isArchived, kind }: Credential): boolean {
  return isActive && !isPending && !isArchived && kind !== "RecoveryKey";
}

function own(judged: Judged<z.output<typeof which>>): Credential {
  const { organisation, body } = judged;
  const credential = existing(organisation.credentials, body.credentialUuid, "credential");
  const isOwn = credential.user === actorIn(judged).user.id && credential.token === null && !credential.isArchived;
  if (isOwn) return credential;
  throw new AuthorityError("not_found", `no credential ${credential.uuid} of yours`, { field: "credentialUuid" });
}

function made(judged: Judged<z.output<typeof create>>, path: string): Credential {
  const { challengeIdentifier: _, ...attestation } = judged.body;
  const credential = attested(judged, attestation, { purpose: "credential", path, where: "body", n: 0 });
  if (count(judged.organisation, credential.user, () => true) < MAX_OF_USER) return credential;
  throw new AuthorityError("conflict", `a user has at most ${MAX_OF_USER} credentials`, {
    hint: "recover to archive all",
  });
}

/** What a user proves itself with: added, switched on and off by that user alone. */
export const credentialRules = [
  rule({
    ...{ method: "POST", path: CREDENTIAL_PATH, operation: null, signed: true },
    body: create,
    judge(judged) {
      checkInPerson(judged);
      const credential = made(judged, CREDENTIAL_PATH);
      if (credential.user !== actorIn(judged).user.id) {
        throw new AuthorityError("not_permitted", "the credential was made for another user", { field: "challenge" });
      }
      return () => addCredential(judged, credential);
    },
  }),
  // Nobody signs it. It acts for nobody until a credential of its user says that it should, having seen its fingerprint.
  rule({
    ...{ method: "POST", path: CREDENTIAL_CODE_PATH, operation: null, signed: false },
    body: create,
    judge(judged) {
      const { organisation } = judged;
      const credential: Credential = { ...made(judged, CREDENTIAL_CODE_PATH), isActive: false, isPending: true };
      const user = existing(organisation.users, credential.user, "user");
      if (!user.isActive || user.isArchived || !user.isRegistered || user.kind === "ServiceAccount") {
        throw new AuthorityError("inactive_user", `user ${user.id} is not active, or has no credential to add to`);
      }
      if (count(organisation, user.id, (one) => one.isPending) >= MAX_PENDING) {
        throw new AuthorityError("conflict", `${MAX_PENDING} credentials of ${user.id} wait to be activated`, {
          hint: "activate them, or deactivate those that nobody knows",
        });
      }
      return () => addCredential(judged, credential);
    },
  }),
  rule({
    ...{ method: "PUT", path: `${CREDENTIAL_PATH}/activate`, operation: null, signed: true },
    body: which,
    judge(judged) {
      checkInPerson(judged);
      const credential = own(judged);
      return () => {
        credential.isActive = true;
        credential.isPending = false;
      };
    },
  }),
  rule({
    ...{ method: "PUT", path: `${CREDENTIAL_PATH}/deactivate`, operation: null, signed: true },
    takesAway: true,
    body: which,
    judge(judged) {
      const { organisation } = judged;
      checkInPerson(judged);
      const credential = own(judged);
      if (acts(credential) && count(organisation, credential.user, acts) === 1) {
        throw new AuthorityError("conflict", "it is the last credential that acts for you", {
          field: "credentialUuid",
          hint: "add another first",
        });
      }
      return () => {
        credential.isActive = false;
        // One that was never activated is forgotten: it makes room.
        if (credential.isPending) credential.isArchived = true;
      };
    },
  }),
];
