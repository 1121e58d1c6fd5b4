import { ApiClient, type NetworkProcess } from "./api-client.ts";
import { control } from "./control.ts";
import { CliError, EXIT } from "./exit.ts";
import { type Credential, readCredential } from "./organisation/credential.ts";
import { ownCredential } from "./organisation/seed.ts";
import { readNetwork } from "./setup.ts";
import { type State, stateOf, type UpFile } from "./state.ts";

/** Options that every command has. */
export interface GlobalOptions {
  readonly dir?: string;
  readonly json?: boolean;
  /** File of the credential to act with; the service account of the directory unless given. */
  readonly credential?: string;
}

/** The running network of a state directory. @throws CliError when none runs there */
export async function runningNetwork(options: GlobalOptions): Promise<{ state: State; up: UpFile }> {
  const state = stateOf(options);
  const up = state.readUp();
  if (up === undefined) throw new CliError(EXIT.unavailable, `no network runs in ${state.dir}`, "npm start starts one");
  await control(up, "ping");
  return { state, up };
}

/** A client of the network that `QUORATE_URL` and `QUORATE_TOKEN` name, or of the one that runs in the state directory. */
export async function connect(options: GlobalOptions): Promise<ApiClient> {
  const { QUORATE_URL: url, QUORATE_TOKEN: token } = process.env;
  if (url !== undefined) {
    if (token === undefined)
      throw new CliError(EXIT.usage, "QUORATE_URL is set, QUORATE_TOKEN is not", "set both, or neither");
    return new ApiClient({ url, token, as: acting(options) });
  }
  return clientOf(await runningNetwork(options), options);
}

/** A client of a running network, as whoever the options name, or as the service account of its directory. */
export function clientOf(
  { state, up }: { readonly state: State; readonly up: UpFile },
  options: GlobalOptions,
): ApiClient {
  return new ApiClient({ ...up.api, as: acting(options) ?? ownCredential(state, "service-account") });
}

/** The credential that the command line or the environment names. @throws CliError */
export function acting({ credential }: GlobalOptions): Credential | undefined {
  const file = credential ?? process.env.QUORATE_CREDENTIAL;
  return file === undefined ? undefined : readCredential(file);
}

/** The signers of the network file in the state directory, unless `QUORATE_URL` names another network. */
export function localSigners(options: GlobalOptions): readonly NetworkProcess[] | undefined {
  const state = stateOf(options);
  return process.env.QUORATE_URL === undefined && state.exists() ? readNetwork(state).nodes : undefined;
}
