import { afterAll, beforeAll } from "vitest";
import { Anvil } from "../cluster/chains/anvil.ts";
import { type Application, startApplication } from "./application.ts";

const MINUTES = 60_000;
let started: Application | undefined;
let chain: Anvil | undefined;

beforeAll(async () => {
  chain = await Anvil.start("--chain-id", "11155111");
  started = await startApplication("--chain", `EthereumSepolia=${chain.url}`);
}, 4 * MINUTES);

afterAll(async () => {
  await started?.[Symbol.asyncDispose]();
  await chain?.[Symbol.asyncDispose]();
}, MINUTES);

/** The network that all rows of the contract are tried on: starting one for each would take longer than the tests. */
export const application = () => started!;

/** Where a node of Sepolia answers: an empty chain of its own. */
export const chainUrl = () => chain!.url;
