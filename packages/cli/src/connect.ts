import { ApiClient, type NetworkProcess } from "./api-client.ts";
import { control } from "./control.ts";
import { CliError, EXIT } from "./exit.ts";
import { readNetwork } from "./setup.ts";
import { type State, stateOf, type UpFile } from "./state.ts";

/** Options that every command has. */
export interface GlobalOptions {
  readonly dir?: string;
  readonly json?: boolean;
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
    return new ApiClient({ url, token });
  }
  const { up } = await runningNetwork(options);
  return new ApiClient(up.api);
}

/** The signers of the network file in the state directory, unless `QUORATE_URL` names another network. */
export function localSigners(options: GlobalOptions): readonly NetworkProcess[] | undefined {
  const state = stateOf(options);
  return process.env.QUORATE_URL === undefined && state.exists() ? readNetwork(state).nodes : undefined;
}
