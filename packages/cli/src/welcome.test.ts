import { createServer } from "node:http";
import { expect, it } from "vitest";
import { ApiClient } from "./api-client.ts";
import { Output } from "./output.ts";
import { listening, TOKEN } from "./testing/one-key-network.ts";
import { followPairs } from "./welcome.ts";

/** A coordinator that is too busy to answer the first time, and then has one pair more each time. */
async function busyAtFirst(): Promise<ApiClient> {
  let looks = 0;
  const statusOf = (at: number) => (looks > at + 2 ? "ready" : "making");
  const server = createServer((_, response) => {
    looks += 1;
    if (looks === 1) response.statusCode = 503;
    const pairs = [0, 1].map((at) => ({ nodes: ["a", "b"], status: statusOf(at) }));
    response.end(JSON.stringify(looks === 1 ? { error: { message: "busy" } } : { pairs }));
  });
  return new ApiClient({ url: await listening(server), token: TOKEN });
}

function printed() {
  const text = { stdout: "", stderr: "" };
  const sink = (name: keyof typeof text) => ({
    isTTY: false,
    columns: 80,
    write: (chunk: string) => (text[name] += chunk),
  });
  return { text, output: new Output({ json: false, stdout: sink("stdout"), stderr: sink("stderr"), env: {} }) };
}

it("says how the pairs stand until all are set up, also where nobody could tell at first", async () => {
  const { text, output } = printed();
  const report = await followPairs(await busyAtFirst(), output, performance.now(), () => false);
  expect(report).toMatchObject({ ready: 2, total: 2 });
  expect(text.stderr).toBe("busy\npairs: 1 of 2 set up\n");
  expect(text.stdout).toMatch(/^pairs: 2 of 2 set up, .* after the start\n$/);
});

it("says no more of the pairs once nobody wants to know", async () => {
  const { text, output } = printed();
  await expect(followPairs(await busyAtFirst(), output, 0, () => true)).rejects.toThrow("busy");
  expect(text).toEqual({ stdout: "", stderr: "" });
});
