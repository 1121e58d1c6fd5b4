import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NetworkFile } from "@quorate/orders";
import { CliError, EXIT } from "../exit.ts";
import { readNetwork } from "../setup.ts";
import { State, stateOf, type UpFile } from "../state.ts";

/** The state directory of the containers of docker-compose.yml. */
export function containerState(options: { readonly dir?: string }): State {
  return new State(join(stateOf(options).dir, "containers"));
}

/** The network of the containers, and where its API is. */
export interface ContainerAccess {
  readonly api: UpFile["api"];
  readonly state: State;
  readonly network: NetworkFile;
}

/** @throws CliError if none was made */
export function containerAccess(options: { readonly dir?: string }): ContainerAccess {
  const state = containerState(options);
  if (!state.exists()) {
    throw new CliError(EXIT.environment, `no containers in ${state.dir}`, "quorate init --containers");
  }
  const url = `http://127.0.0.1:${process.env.QUORATE_PORT ?? 4300}`;
  return { api: { url, token: readFileSync(state.apiTokenPath, "utf8").trim() }, state, network: readNetwork(state) };
}
