import { createServer } from "node:http";
import { afterEach, expect, it, vi } from "vitest";
import { captured } from "../testing/captured.ts";
import { listening, TOKEN } from "../testing/one-key-network.ts";
import { registerPeers } from "./peers.ts";

afterEach(() => vi.unstubAllEnvs());

const nodes = ["virginia", "ohio", "montreal"].map((name) => ({ name }));
const pairs = [
  { nodes: ["virginia", "ohio"], status: "banned" },
  { nodes: ["virginia", "montreal"], status: "ready" },
  { nodes: ["ohio", "montreal"], status: "unreported" },
];

it("quorate peers shows of a network elsewhere how its coordinator sees the pairs", async () => {
  const server = createServer((_, response) => response.end(JSON.stringify({ nodes, pairs })));
  vi.stubEnv("QUORATE_URL", await listening(server));
  vi.stubEnv("QUORATE_TOKEN", TOKEN);
  const { stdout } = await captured(registerPeers, "peers");
  const json = await captured(registerPeers, "peers", "--json");
  server.close();
  expect(stdout.split("\n").slice(0, 5)).toEqual([
    "            virginia  ohio        montreal",
    "  virginia  -         banned      ready",
    "  ohio      banned    -           unreported",
    "  montreal  ready     unreported  -",
    "ohio and virginia do not work together, by the will of one or of both. Once you know why:",
  ]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    by: "coordinator",
    standings: { ohio: [{ node: "virginia", state: "banned" }, { node: "montreal" }] },
  });
});

it("quorate peers readmit says what a ban means before anybody takes one back", async () => {
  const { stdout } = await captured(registerPeers, "peers", "readmit", "--help");
  expect(stdout.replace(/\s+/g, " ")).toMatch(/A ban holds if either end has it.*set up all their secrets anew/);
  expect((await captured(registerPeers, "peers", "readmit", "ohio")).stderr).toContain("--at <node>");
});
