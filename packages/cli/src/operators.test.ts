import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decodeHalt,
  decodeRepair,
  decodeResume,
  networkHash,
  unhex,
  verifyHalt,
  verifyRepair,
  verifyResume,
} from "@quorate/orders";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EXIT } from "./exit.ts";
import { haltStatements, operatorsHere, repairOf, resumeOf } from "./operators.ts";
import { makeNetwork } from "./setup.ts";
import { State } from "./state.ts";

let dir: string;
let state: State;
let network: ReturnType<typeof makeNetwork>;
const refused = (exitCode: number) => expect.objectContaining({ name: "CliError", exitCode });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "quorate-operators-"));
  state = new State(dir);
  const addressOf = () => "/ip4/127.0.0.1/tcp/1";
  network = makeNetwork(state, {
    regions: ["virginia", "ohio", "montreal"],
    minSigners: 2,
    addressOf,
    organisation: "local",
  });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it("each operator halts its own signers, and enough of them end it", () => {
  const operators = operatorsHere(state, network);
  const statements = haltStatements(network, operators, 1000);
  expect([...statements.keys()]).toEqual(["virginia", "ohio", "montreal"]);
  const hash = networkHash(network);
  for (const [node, statement] of statements) {
    const halt = decodeHalt(unhex(statement));
    expect(halt.halt.nodes).toEqual([node]);
    expect(verifyHalt(network, hash, halt)).toBe(true);
    expect(verifyResume(network, hash, decodeResume(unhex(resumeOf(network, operators, halt))))).toBe(true);
  }
});

it("one operator alone halts its own, and ends nothing", () => {
  const [own] = operatorsHere(state, network, "operator-2");
  const statements = haltStatements(network, [own!], 1000);
  expect([...statements.keys()]).toEqual(["ohio"]);
  const halt = decodeHalt(unhex(statements.get("ohio")!));
  expect(() => resumeOf(network, [own!], halt)).toThrow(refused(EXIT.usage));
});

it("keys that are not here, or are another's, are named", () => {
  expect(() => operatorsHere(state, network, "operator-9")).toThrow(refused(EXIT.usage));
  const key = (n: number) => join(dir, "operators", `operator-${n}.key`);
  renameSync(key(1), key(9));
  expect(() => operatorsHere(state, network, "operator-1")).toThrow(refused(EXIT.environment));
  renameSync(key(9), key(2));
  expect(() => operatorsHere(state, network)).toThrow(/is not the key of operator-2/);
});

it("enough operators decide which record a log goes on with, one alone does not", () => {
  const operators = operatorsHere(state, network);
  const repair = { organisation: "or-1", height: 3, hash: new Uint8Array(32), time: 1 };
  const statement = decodeRepair(unhex(repairOf(network, operators, repair)));
  expect(verifyRepair(network, networkHash(network), statement)).toBe(true);
  const alone = { ...statement, signatures: statement.signatures.slice(0, 1) };
  expect(verifyRepair(network, networkHash(network), alone)).toBe(false);
  const twice = { ...statement, signatures: [statement.signatures[0]!, statement.signatures[0]!] };
  expect(verifyRepair(network, networkHash(network), twice)).toBe(false);
  expect(() => repairOf(network, operators.slice(0, 1), repair)).toThrow(refused(EXIT.usage));
});
