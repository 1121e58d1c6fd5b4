import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Identity, identityFromSeed } from "@quorate/curves";
import {
  encodeHalt,
  encodeRepair,
  encodeResume,
  type HaltStatement,
  hex,
  type NetworkFile,
  networkHash,
  type Repair,
  resumeQuorum,
  signHalt,
  signRepair,
  signResume,
} from "@quorate/orders";
import { CliError, EXIT, refuseArgument } from "./exit.ts";
import { readSeed } from "./process/settings.ts";
import type { State } from "./state.ts";

/** An operator whose key lies in the directory. */
export interface Operator {
  readonly name: string;
  readonly identity: Identity;
}

/** The operators of the network whose keys are here, or the one that is named. @throws CliError */
export function operatorsHere(state: State, { operators }: NetworkFile, only?: string): readonly Operator[] {
  if (only !== undefined && !operators.some((one) => one.name === only)) {
    refuseArgument(
      "--operator",
      `the network has no ${only}`,
      `there are ${operators.map((one) => one.name).join(", ")}`,
    );
  }
  const found = operators.flatMap(({ name, publicKey }) => {
    const path = join(state.dir, "operators", `${name}.key`);
    if ((only !== undefined && name !== only) || !existsSync(path)) return [];
    const identity = identityFromSeed(readSeed(path, "an operator's key"));
    if (hex(identity.publicKey) === publicKey) return [{ name, identity }];
    throw new CliError(
      EXIT.environment,
      `${path} is not the key of ${name} in the network file`,
      "restore it from a copy",
    );
  });
  if (found.length > 0) return found;
  throw new CliError(
    EXIT.environment,
    `no key of ${only ?? "any operator"} in ${join(state.dir, "operators")}`,
    "ask its holder",
  );
}

/** What each operator says to its own signers: stop. @returns the statement for each of them, hex */
export function haltStatements(
  network: NetworkFile,
  operators: readonly Operator[],
  time: number,
): ReadonlyMap<string, string> {
  const hash = networkHash(network);
  const statements = operators.flatMap(({ name, identity }) => {
    const nodes = network.nodes.filter((node) => node.operator === name).map((node) => node.name);
    const statement = hex(encodeHalt(signHalt(hash, { operator: name, nodes, time }, identity)));
    return nodes.map((node) => [node, statement] as const);
  });
  return new Map(statements);
}

/** What ends a halt: enough operators say so. @returns the statement, hex @throws CliError when too few keys are here */
export function resumeOf(network: NetworkFile, operators: readonly Operator[], halt: HaltStatement): string {
  const hash = networkHash(network);
  const signatures = signedBy(network, operators, (identity) => signResume(hash, halt, identity));
  return hex(encodeResume({ halt, signatures }));
}

/** What has a stuck log go on: enough operators say with which record. @returns the statement, hex @throws CliError when too few keys are here */
export function repairOf(network: NetworkFile, operators: readonly Operator[], repair: Repair): string {
  const hash = networkHash(network);
  const signatures = signedBy(network, operators, (identity) => signRepair(hash, repair, identity));
  return hex(encodeRepair({ repair, signatures }));
}

function signedBy(network: NetworkFile, operators: readonly Operator[], sign: (identity: Identity) => Uint8Array) {
  const needed = resumeQuorum(network);
  if (operators.length < needed) {
    throw new CliError(
      EXIT.usage,
      `keys of ${operators.length} operators are here, ${needed} must sign`,
      "bring more of them",
    );
  }
  return operators.slice(0, needed).map(({ name, identity }) => ({ operator: name, signature: sign(identity) }));
}
