import { idOf, type Purpose, REGISTRATION_PATH } from "../index.ts";
import { type KeyCredential, keyCredential } from "./key-credential.ts";
import { type Asked, challengeFor, type TestOrganisation } from "./organisation.ts";

/** A challenge over which a credential is made for a user, honest unless changed. */
export function creationChallenge(
  { state, network, time }: TestOrganisation,
  purpose: Purpose,
  path: string,
  user: string | undefined,
  changes: Parameters<typeof challengeFor>[4] = {},
): string {
  const about = user === undefined ? {} : { user };
  return challengeFor(state, network, { method: "POST", path }, time, { purpose, ...about, ...changes });
}

/** Somebody who registered: with a key that acts, and one that recovers. */
export interface Person {
  readonly id: string;
  readonly key: KeyCredential;
  readonly recovery: KeyCredential;
}

/** Enters somebody; unregistered. @returns the user's id */
export function enter(organisation: TestOrganisation, email: string, kind: "CustomerEmployee" | "EndUser"): string {
  const path = kind === "EndUser" ? "/auth/registration/delegated" : "/auth/users";
  return idOf("us", organisation.act({ method: "POST", path, body: { email, kind } }));
}

/** What a registration of these credentials asks. */
export function registrationOf(
  organisation: TestOrganisation,
  user: string,
  key: KeyCredential,
  recovery?: KeyCredential,
): Asked & { readonly body: Readonly<Record<string, unknown>> } {
  const challenge = creationChallenge(organisation, "registration", REGISTRATION_PATH, user);
  const body = {
    firstFactorCredential: key.attest(challenge),
    ...(recovery === undefined ? {} : { recoveryCredential: recovery.attest(challenge) }),
  };
  return { method: "POST", path: REGISTRATION_PATH, body };
}

/** Enters and registers somebody, by trust on first use, with these operations besides those of the kind. */
export function person(
  organisation: TestOrganisation,
  email: string,
  { kind = "CustomerEmployee", operations = [] }: { kind?: "CustomerEmployee" | "EndUser"; operations?: string[] } = {},
): Person {
  const id = enter(organisation, email, kind);
  const [key, recovery] = [keyCredential("Ed25519"), keyCredential("P-256", "RecoveryKey")];
  organisation.act(registrationOf(organisation, id, key, recovery), null);
  if (operations.length > 0) give(organisation, id, operations);
  return { id, key, recovery };
}

/** Gives an identity a new permission of these operations. @returns the permission's id */
export function give(organisation: TestOrganisation, identityId: string, operations: readonly string[]): string {
  const name = `${operations.join(" ").slice(0, 60)} ${identityId.slice(-16)}`;
  const id = idOf("pm", organisation.act({ method: "POST", path: "/permissions", body: { name, operations } }));
  organisation.act({ method: "POST", path: `/permissions/${id}/assignments`, body: { identityId } });
  return id;
}
