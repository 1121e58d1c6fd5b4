import { randomBytes, randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { identityFromSeed } from "@quorate/curves";
import { hex, InputError, type NetworkFile, type NetworkNode, parseNetworkFile } from "@quorate/orders";
import { findRegion, PRESETS, type PresetName } from "@quorate/regions";
import { createKeyFile } from "@quorate/storage";
import { CliError, EXIT } from "./exit.ts";
import { newCredentialId, newCredentialKey, writeCredential } from "./organisation/credential.ts";
import { type Founding, genesisText, localGenesis } from "./organisation/genesis.ts";
import { writeSecret } from "./organisation/secret-file.ts";
import type { State } from "./state.ts";

/** What a new network is made of. */
export interface NetworkPlan {
  /** Region names, one signer each; the coordinator sits in the first. */
  readonly regions: readonly string[];
  readonly minSigners: number;
  /** Address of a process by which the others reach it, and how it names its port. */
  readonly addressOf: (name: string, at: number) => string;
  /** The first record of its organisation: a new local one, or one that was made elsewhere. */
  readonly organisation: Founding | "local";
  /** How many coordinators share its database; one unless given. The others are named after the first, and sit in the regions after it. */
  readonly coordinators?: number;
}

/** The regions of a preset or of a comma-separated list. @throws CliError naming what there is */
export function regionsOf(preset: string): readonly string[] {
  if (Object.hasOwn(PRESETS, preset)) return PRESETS[preset as PresetName];
  const regions = preset.split(",").map((name) => name.trim());
  try {
    return regions.map((name) => findRegion(name).name);
  } catch (error) {
    throw new CliError(
      EXIT.usage,
      `--preset ${preset}: ${(error as Error).message}`,
      `presets: ${Object.keys(PRESETS).join(", ")}; or regions with commas between, such as virginia,tokyo,london`,
    );
  }
}

/** Makes identities, storage keys and the network file of a new network. Secrets are readable by their owner only. */
export function makeNetwork(state: State, plan: NetworkPlan): NetworkFile {
  const { regions, minSigners } = plan;
  if (minSigners < 2 || minSigners > regions.length || regions.length > 15) {
    throw new CliError(EXIT.usage, `${minSigners} of ${regions.length} signers: 2 <= min-signers <= signers <= 15`);
  }
  state.make();
  const names = nodeNames(regions);
  const nodes = names.map((name, at) => makeNode(state, plan, name, regions[at]!, `operator-${at + 1}`, at + 1));
  const further = Array.from({ length: (plan.coordinators ?? 1) - 1 }, (_, at) => {
    const region = (at + 1) % regions.length;
    const place = [regions[region]!, `operator-${region + 1}`, regions.length + 1 + at] as const;
    return makeNode(state, plan, `coordinator-${at + 2}`, ...place);
  });
  const operators = nodes.map(({ operator }) => {
    return { name: operator, publicKey: makeIdentity(join(state.dir, "operators"), `${operator}.key`) };
  });
  const networkId = `local-${hex(randomBytes(4))}`;
  const founding = makeOrganisation(state, networkId, plan.organisation);
  const network: NetworkFile = {
    format: 1,
    networkId,
    coordinator: makeNode(state, plan, "coordinator", regions[0]!, "operator-1", 0),
    ...(further.length === 0 ? {} : { coordinators: further }),
    nodes,
    operators,
    organisations: [{ genesis: founding.hash }],
    defaults: { minSigners, maxSigners: regions.length },
  };
  for (const name of names) {
    createKeyFile(join(state.nodeDir(name), "storage.key"), (length) => new Uint8Array(randomBytes(length)));
  }
  writeSecret(state.apiTokenPath, randomBytes(24).toString("base64url"));
  writeSecret(state.tokenKeyPath, hex(new Uint8Array(randomBytes(32))));
  writeNetwork(state, network);
  return network;
}

/** The administrator of a new local organisation, as it logs in. */
const ADMIN = "admin@quorate.local";

function makeOrganisation(state: State, network: string, wanted: NetworkPlan["organisation"]): Founding {
  mkdirSync(state.organisationDir, { recursive: true, mode: 0o700 });
  if (wanted !== "local") {
    writeFileSync(state.genesisPath, genesisText(wanted));
    return wanted;
  }
  const { publicKey, privateKey } = newCredentialKey();
  const credentialId = newCredentialId();
  const founding = localGenesis({ username: ADMIN, credentialId, publicKey }, Date.now());
  writeFileSync(state.genesisPath, genesisText(founding));
  const { organisation } = founding;
  writeCredential(state.organisationDir, "admin", { network, organisation, username: ADMIN, credentialId }, privateKey);
  return founding;
}

/** Reads the network file of a state directory. @throws CliError saying how to get one */
export function readNetwork(state: State): NetworkFile {
  let json: string;
  try {
    json = readFileSync(state.networkPath, "utf8");
  } catch (error) {
    throw new CliError(
      EXIT.environment,
      `no network in ${state.dir}: ${(error as Error).message}`,
      "npm start makes one",
    );
  }
  try {
    return parseNetworkFile(json);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new CliError(
      EXIT.environment,
      `${state.networkPath}: ${error.message}`,
      "correct it, or restore it from a copy",
    );
  }
}

export function writeNetwork(state: State, network: NetworkFile): void {
  writeFileSync(state.networkPath, `${JSON.stringify(network, null, 2)}\n`);
}

/**
 * Gives every process whose port is taken by another program a new one. Addresses are no part of what the network agrees
 * on, so that nothing else changes.
 *
 * @returns the names of those that moved
 */
export async function settlePorts(state: State, network: NetworkFile): Promise<readonly string[]> {
  const moved: string[] = [];
  const settle = async (node: NetworkNode): Promise<NetworkNode> => {
    if (await portIsFree(Number(node.addresses[0]!.split("/").at(-1)))) return node;
    moved.push(node.name);
    return { ...node, addresses: [`/ip4/127.0.0.1/tcp/${await freePort()}`] };
  };
  const coordinator = await settle(network.coordinator);
  const nodes: NetworkNode[] = [];
  for (const node of network.nodes) nodes.push(await settle(node));
  const coordinators: NetworkNode[] = [];
  for (const node of network.coordinators ?? []) coordinators.push(await settle(node));
  const further = coordinators.length === 0 ? {} : { coordinators };
  if (moved.length > 0) writeNetwork(state, { ...network, coordinator, ...further, nodes });
  return moved;
}

/** Ports for networks: below those that outgoing connections are given (32768 and up on Linux), which come and go. */
const FIRST_PORT = 20_000;
const END_OF_PORTS = 32_768;
const MAX_TRIES = 100;

/** A loopback port that nobody listens on now, and that no outgoing connection will take. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(FIRST_PORT, END_OF_PORTS);
    if (await portIsFree(port)) return port;
  }
  const range = `${FIRST_PORT} to ${END_OF_PORTS - 1}`;
  throw new CliError(EXIT.environment, `no free port found from ${range}`, "stop something that listens there");
}

/** Whether nobody listens on this loopback port now. */
export function portIsFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Signers are named after their regions; a second one in a region gets a number. */
function nodeNames(regions: readonly string[]): readonly string[] {
  return regions.map((region, at) => {
    const before = regions.slice(0, at).filter((other) => other === region).length;
    return before === 0 ? region : `${region}-${before + 1}`;
  });
}

function makeNode(
  state: State,
  plan: NetworkPlan,
  name: string,
  region: string,
  operator: string,
  at: number,
): NetworkNode {
  const publicKey = makeIdentity(state.nodeDir(name), "identity.key");
  return { name, region, operator, publicKey, addresses: [plan.addressOf(name, at)] };
}

/** @returns the public key, hex */
function makeIdentity(dir: string, file: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const seed = new Uint8Array(randomBytes(32));
  writeSecret(join(dir, file), hex(seed));
  return hex(identityFromSeed(seed).publicKey);
}
