import { chmodSync, renameSync, writeFileSync } from "node:fs";
import type { State } from "../state.ts";
import type { Credential } from "./credential.ts";

/** What a shell needs to find a network and to act on it, by name. */
export type Environment = Readonly<Record<string, string>>;

/** @param as whoever acts; without one there is the operator's token alone */
export function environment(
  api: { readonly url: string; readonly token: string },
  as: Credential | undefined,
): Environment {
  return {
    QUORATE_URL: api.url,
    QUORATE_TOKEN: api.token,
    ...(as && {
      QUORATE_CREDENTIAL: as.file,
      DFNS_API_URL: api.url,
      DFNS_ORG_ID: as.organisation,
      ...(as.token === undefined ? {} : { DFNS_AUTH_TOKEN: as.token }),
      DFNS_CRED_ID: as.credentialId,
      DFNS_PRIVATE_KEY: as.pem,
      QUORATE_NETWORK: as.network,
    }),
  };
}

/** As a shell reads it. */
export function shellText(variables: Environment): readonly string[] {
  return Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`);
}

/** Writes it for its owner alone, in one step. */
export function writeEnv(state: State, variables: Environment): void {
  const path = `${state.envPath}.new`;
  writeFileSync(path, `${shellText(variables).join("\n")}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  renameSync(path, state.envPath);
}
