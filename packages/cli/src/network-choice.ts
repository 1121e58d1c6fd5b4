import { coordinatorsOf, type NetworkFile } from "@quorate/orders";
import { DEFAULT_PRESET } from "@quorate/regions";
import { CliError, EXIT } from "./exit.ts";
import { type Founding, readGenesis } from "./organisation/genesis.ts";
import type { Output } from "./output.ts";
import { number } from "./process/settings.ts";
import { freePort, makeNetwork, readNetwork, regionsOf, settlePorts } from "./setup.ts";
import type { State } from "./state.ts";

/** The most that a network file names. */
const MAX_COORDINATORS = 8;

/** What the network of the directory is, or is to be. */
export interface NetworkChoice {
  readonly regions: readonly string[];
  readonly minSigners: number;
  /** How many there are to be, on one database. */
  readonly coordinators: number;
  /** What is there already. */
  readonly network: NetworkFile | undefined;
  /** Of a new network: the first record of its organisation. */
  readonly organisation: Founding | "local";
}

/** Options that decide what a new network is. */
export interface ChoiceOptions {
  readonly preset?: string;
  readonly minSigners?: string;
  readonly orgFile?: string;
  readonly coordinators?: string;
}

/** What is there and what is asked for, which must go together. @throws CliError */
export function chosenNetwork(state: State, options: ChoiceOptions): NetworkChoice {
  const network = state.exists() ? readNetwork(state) : undefined;
  const known = network?.nodes.map((node) => node.region);
  const regions = options.preset === undefined ? (known ?? regionsOf(DEFAULT_PRESET)) : regionsOf(options.preset);
  const majority = Math.max(2, Math.floor(regions.length / 2) + 1);
  const usual = network?.defaults.minSigners ?? majority;
  const minSigners = number("--min-signers", options.minSigners ?? String(usual), 2, regions.length);
  const differs = (option: string, given: unknown, has: unknown) =>
    new CliError(
      EXIT.usage,
      `${option} ${given}: the network in ${state.dir} has ${has}`,
      `leave ${option} out, or make another network with --dir <path>`,
    );
  if (known !== undefined && known.join() !== regions.join()) throw differs("--preset", options.preset, known.join());
  if (network !== undefined && minSigners !== usual) throw differs("--min-signers", minSigners, usual);
  const present = network === undefined ? 1 : coordinatorsOf(network).length;
  const coordinators = number("--coordinators", options.coordinators ?? String(present), 1, MAX_COORDINATORS);
  if (network !== undefined && coordinators !== present) throw differs("--coordinators", coordinators, present);
  const organisation = options.orgFile === undefined ? "local" : readGenesis("--org-file", options.orgFile);
  if (network !== undefined) checkOrganisation(state, network, organisation);
  return { regions, minSigners, coordinators, network, organisation };
}

function checkOrganisation(state: State, { organisations }: NetworkFile, wanted: Founding | "local"): void {
  if (wanted === "local" || organisations.some((one) => one.genesis === wanted.hash)) return;
  throw new CliError(
    EXIT.usage,
    `--org-file: the network in ${state.dir} has another organisation`,
    "leave --org-file out, or make another network with --dir <path>",
  );
}

/** Makes the network that is not there yet. */
export async function findOrMake(
  state: State,
  { network, regions, minSigners, coordinators, organisation }: NetworkChoice,
  output: Output,
): Promise<NetworkFile> {
  if (network !== undefined) {
    const moved = await settlePorts(state, network);
    if (moved.length > 0) output.progress(`another program took their ports: ${moved.join(", ")} moved to new ones`);
    return readNetwork(state);
  }
  output.progress(
    `making a new network in ${state.dir}: ${regions.join(", ")}; ${minSigners} of ${regions.length} sign`,
  );
  const ports: number[] = [];
  while (ports.length < regions.length + coordinators) {
    const port = await freePort();
    if (!ports.includes(port)) ports.push(port);
  }
  const addressOf = (_: string, at: number) => `/ip4/127.0.0.1/tcp/${ports[at]}`;
  return makeNetwork(state, { regions, minSigners, addressOf, organisation, coordinators });
}
