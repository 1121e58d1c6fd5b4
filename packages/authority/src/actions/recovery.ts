import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { verifyAssertion } from "../credentials/assertion.ts";
import { fromBase64url } from "../credentials/base64url.ts";
import { challengeOf } from "../credentials/client-data.ts";
import { type Assertion, parseAssertion } from "../credentials/types.ts";
import { AuthorityError } from "../error.ts";
import { actorOf } from "../log/authorise.ts";
import { type Judged, rule } from "../log/rule.ts";
import type { User } from "../log/state.ts";
import { addCredential, formOf } from "./attested.ts";
import { archiveCredentials } from "./identities.ts";
import { factors, newCredentials } from "./registration.ts";

/** Where a recovery is completed. */
export const RECOVERY_PATH = "/auth/recover/user";
const DAY_MS = 24 * 3600_000;

const body = z.strictObject({ recovery: z.unknown(), newCredentials: z.strictObject(factors) });

/** What the recovery key signed: base64url of the new credentials as JSON. `undefined` for anything else. */
function signedCredentials(text: string): unknown {
  const bytes = fromBase64url(text);
  try {
    return bytes === undefined ? undefined : JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Whose recovery key signed exactly these new credentials. @throws AuthorityError */
function recovered({ organisation, time }: Judged<unknown>, recovery: Assertion, credentials: unknown): User {
  if (recovery.kind !== "RecoveryKey") {
    throw new AuthorityError("unknown_credential", `recovery: a ${recovery.kind} recovers nothing`, {
      field: "recovery.kind",
      hint: "sign with the RecoveryKey",
    });
  }
  const { user, credential } = actorOf(organisation, recovery, time);
  const challenge = challengeOf(recovery.credentialAssertion.clientData);
  const { relyingParty } = organisation.settings;
  verifyAssertion({ credential, assertion: recovery, challenge, relyingParty });
  const signed = signedCredentials(challenge);
  if (signed !== undefined && formOf(() => canonicalJson(signed) === canonicalJson(credentials))) return user;
  throw new AuthorityError("bad_challenge", "recovery: other new credentials were signed than were sent", {
    field: "newCredentials",
    hint: "sign base64url of the JSON of newCredentials with the recovery key",
  });
}

/** A user that lost its credentials begins anew with others, on the word of its recovery key alone. */
export const recoveryRules = [
  rule({
    ...{ method: "POST", path: RECOVERY_PATH, operation: null, signed: false },
    body,
    judge(judged) {
      const { organisation, body, time } = judged;
      const recovery = formOf(() => parseAssertion(body.recovery, "recovery"));
      const user = recovered(judged, recovery, body.newCredentials);
      const made = { purpose: "recovery", path: RECOVERY_PATH } as const;
      const credentials = newCredentials(judged, body.newCredentials, made, "newCredentials.");
      if (credentials[0]?.user !== user.id) {
        throw new AuthorityError("bad_challenge", "the new credentials were made for another user", {
          field: "challenge",
        });
      }
      return () => {
        archiveCredentials(organisation, user.id);
        for (const credential of credentials) addCredential(judged, credential);
        // Time for the user to notice, if it was not the user.
        const locked = time + organisation.settings.recoveryLockDays * DAY_MS;
        if (locked > time) user.lockedUntil = Math.max(user.lockedUntil ?? 0, locked);
      };
    },
  }),
];
