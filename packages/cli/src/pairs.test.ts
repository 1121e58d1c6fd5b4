import { createServer } from "node:http";
import type { PairReport } from "@quorate/coordinator";
import { expect, it } from "vitest";
import { ApiClient, type Network } from "./api-client.ts";
import { EXIT } from "./exit.ts";
import { hasCompany, pairProgress, waitForPairs } from "./pairs.ts";
import { listening, TOKEN } from "./testing/one-key-network.ts";

const NODES = ["a", "b", "c", "d"];

/** Pairs of which those named are ready, such as `ab`. */
function pairs(ready: readonly string[], status: PairReport["status"] = "making"): PairReport[] {
  return NODES.flatMap((one, at) =>
    NODES.slice(at + 1).map((other): PairReport => {
      return { nodes: [one, other], status: ready.includes(one + other) ? "ready" : status };
    }),
  );
}

it.each([
  [["ab", "bc", "cd", "ad"], 2, true],
  [["ab", "bc", "cd", "ad"], 3, false],
  [["ab", "bc", "ac"], 3, true],
  [["bc", "cd", "bd", "ab"], 3, true],
  [["ab", "ac", "ad", "bc", "bd"], 4, false],
  [["ab", "ac", "ad", "bc", "bd", "cd"], 4, true],
  [[], 2, false],
])("with %j ready, whether %i can work together is %s", (ready, count, expected) => {
  expect(hasCompany(pairs(ready), NODES, count)).toBe(expected);
});

it("tells pairs that are on their way from those that no waiting mends", () => {
  expect(pairProgress({ pairs: pairs(["ab"]) })).toEqual({ ready: 1, total: 6, apart: [] });
  expect(pairProgress({ pairs: pairs(["ab"], "banned") }).apart).toHaveLength(5);
});

/** A network whose pairs get on by one each time that somebody looks, as far as `ready`. */
async function growing(ready: readonly string[]): Promise<ApiClient> {
  let looks = 0;
  const network = (): Partial<Network> => ({ pairs: pairs(ready.slice(0, looks++)) });
  const server = createServer((_, response) => response.end(JSON.stringify(network())));
  return new ApiClient({ url: await listening(server), token: TOKEN });
}

it("waits for pairs until they stand as they should", async () => {
  const seen: number[] = [];
  await waitForPairs(await growing(["ab", "ac", "bc"]), ({ pairs }, { ready }) => {
    seen.push(ready);
    return hasCompany(pairs, NODES, 3);
  });
  expect(seen).toEqual([0, 1, 2, 3]);
});

it("gives up once none is added for a while, and says how many there are", async () => {
  await expect(waitForPairs(await growing(["ab"]), () => false, 300)).rejects.toMatchObject({
    exitCode: EXIT.unavailable,
    message: expect.stringContaining("1 of 6 pairs"),
  });
});
