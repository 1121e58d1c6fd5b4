import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { idOf } from "@quorate/authority";
import { verifyChallenge } from "@quorate/client";
import { ApiClient } from "../api-client.ts";
import type { State } from "../state.ts";
import {
  attest,
  type Credential,
  newCredentialId,
  newCredentialKey,
  readCredential,
  writeCredential,
} from "./credential.ts";
import { readGenesis } from "./genesis.ts";

/** Whom a local organisation has from its first start on. */
export interface Seeded {
  readonly admin: Credential;
  /** Acts in the name of commands and applications, and may do everything. */
  readonly service: Credential;
  /** A customer of the organisation: may use what it owns. */
  readonly endUser: Credential;
  /** Whether they were made just now. */
  readonly isNew: boolean;
}

/** The longest life of a service account's token, days. */
const TOKEN_DAYS = 730;

/** The credential of the directory by name: `admin`, `service-account`, `end-user`; `undefined` when it is kept elsewhere. */
export function ownCredential(state: State, name: "admin" | "service-account" | "end-user"): Credential | undefined {
  const file = join(state.organisationDir, `${name}.json`);
  return existsSync(file) ? readCredential(file) : undefined;
}

/** Whoever commands act as: containers have an administrator from the beginning; whoever wants a service account makes one. */
export function ownActor(state: State): Credential | undefined {
  return ownCredential(state, "service-account") ?? ownCredential(state, "admin");
}

/**
 * Makes a service account and an end user, by the signature of the administrator whose key lies in the directory, as any application would.
 *
 * @returns `undefined` where that key is kept elsewhere
 * @throws CliError
 */
export async function seed(
  state: State,
  api: { readonly url: string; readonly token: string },
): Promise<Seeded | undefined> {
  const admin = ownCredential(state, "admin");
  if (admin === undefined) return undefined;
  const before = [ownCredential(state, "service-account"), ownCredential(state, "end-user")] as const;
  const service = before[0] ?? (await makeServiceAccount(state, admin, api));
  const endUser = before[1] ?? (await makeEndUser(state, service, api));
  return { admin, service, endUser, isNew: before.includes(undefined) };
}

/** Another name for each: a start that was cut short may have left one whose token nobody has. */
const label = () => randomBytes(2).toString("hex");

async function makeServiceAccount(state: State, admin: Credential, api: { url: string; token: string }) {
  const { publicKey, privateKey } = newCredentialKey();
  const { hash } = readGenesis("genesis", state.genesisPath);
  const made = await new ApiClient({ ...api, as: admin }).call<{
    userInfo: { userId: string; username: string };
    accessTokens: readonly { accessToken: string; credId: string }[];
  }>("POST", "/auth/service-accounts", {
    name: `local-${label()}`,
    publicKey,
    permissionId: idOf("pm", hash),
    daysValid: TOKEN_DAYS,
  });
  const { userId, username } = made.userInfo;
  const { accessToken: token, credId: credentialId } = made.accessTokens[0]!;
  const { network, organisation } = admin;
  const told = { network, organisation, userId, username, credentialId, token };
  return writeCredential(state.organisationDir, "service-account", told, privateKey);
}

async function makeEndUser(state: State, service: Credential, api: { url: string; token: string }) {
  const client = new ApiClient({ ...api, as: service });
  const email = `user-${label()}@quorate.local`;
  const given = await client.call<{ challenge: string; temporaryAuthenticationToken: string; user: { id: string } }>(
    "POST",
    "/auth/registration/delegated",
    { email, kind: "EndUser" },
  );
  const { network, organisation } = service;
  verifyChallenge(given.challenge, { purpose: "registration", network, organisation });
  const keys = newCredentialKey();
  const credentialId = newCredentialId();
  const firstFactorCredential = attest(given.challenge, credentialId, keys);
  await new ApiClient({ ...api, token: given.temporaryAuthenticationToken }).call("POST", "/auth/registration", {
    firstFactorCredential,
  });
  const told = { network, organisation, userId: given.user.id, username: email, credentialId };
  return writeCredential(state.organisationDir, "end-user", told, keys.privateKey);
}
