import { chownSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { GlobalOptions } from "../connect.ts";
import { containerState } from "../containers/access.ts";
import { CliError, EXIT, runCommand } from "../exit.ts";
import { Output } from "../output.ts";
import { makeNetwork, regionsOf } from "../setup.ts";
import type { State } from "../state.ts";

/** The port on which every container listens for the others. */
const CONTAINER_PORT = 4100;
/** The user of the image: owner of the secrets where root made them. */
const IMAGE_USER = 1000;

/** `quorate init`: makes a network without starting it. */
export function registerInit(program: Command): void {
  program
    .command("init")
    .description("make the identities, storage keys and network file of the containers in docker-compose.yml")
    .requiredOption("--containers", "for docker-compose.yml; into <dir>/containers")
    .addHelpText("after", "\nExample:\n  quorate init --containers && docker compose up --build -d")
    .action(runCommand(async (_: unknown, command: Command) => init(command.optsWithGlobals())));
}

function init(options: GlobalOptions): void {
  const output = new Output({ json: options.json });
  const state = containerState(options);
  if (state.exists()) {
    throw new CliError(EXIT.environment, `${state.dir} holds a network already`, "docker compose up starts it");
  }
  const addressOf = (name: string) => `/dns4/${name}/tcp/${CONTAINER_PORT}`;
  const network = makeNetwork(state, {
    regions: regionsOf("atlantic"),
    minSigners: 3,
    addressOf,
    organisation: "local",
  });
  const uid = process.getuid?.() ?? IMAGE_USER;
  if (uid === 0)
    giveToImageUser(
      state,
      network.nodes.map((node) => node.name),
    );
  output.line(`made ${network.networkId} in ${state.dir}`);
  if (uid !== 0 && uid !== IMAGE_USER) {
    output.line(`the containers must run as you, or they cannot read their secrets:`);
    output.line(`  export QUORATE_UID=${uid} QUORATE_GID=${process.getgid?.() ?? uid}`);
  }
  output.line("docker compose up --build -d starts it");
  output.document({ network: network.networkId, dir: state.dir, uid });
}

/** Secrets that are files keep owner and mode inside a container: its user must be able to read them. */
function giveToImageUser(state: State, signers: readonly string[]): void {
  const paths = [
    state.genesisPath,
    state.apiTokenPath,
    state.tokenKeyPath,
    join(state.nodeDir("coordinator"), "identity.key"),
  ];
  for (const name of signers)
    paths.push(join(state.nodeDir(name), "identity.key"), join(state.nodeDir(name), "storage.key"));
  for (const path of paths) chownSync(path, IMAGE_USER, IMAGE_USER);
}
