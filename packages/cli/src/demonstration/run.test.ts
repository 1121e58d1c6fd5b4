import { afterEach, describe, expect, it } from "vitest";
import { ApiClient } from "../api-client.ts";
import { EXIT } from "../exit.ts";
import { type OneKeyNetwork, oneKeyNetwork, TOKEN } from "../testing/one-key-network.ts";
import { runDemonstration } from "./run.ts";

let network: OneKeyNetwork | undefined;
afterEach(() => network?.close());

/** The demonstration against keys held whole, in place of a network's. */
async function demonstrate(lie?: Parameters<typeof oneKeyNetwork>[0]) {
  network = await oneKeyNetwork(lie);
  const client = new ApiClient({ url: network.url, token: TOKEN });
  const lines: string[] = [];
  return {
    again: () => runDemonstration(client, () => {}),
    report: await runDemonstration(client, (line) => lines.push(line)),
    text: lines.join("\n"),
  };
}

describe("the demonstration", () => {
  it("makes three keys, has three real inputs signed, and tells what the other libraries make of them", async () => {
    const { report, text, again } = await demonstrate();
    expect(report).toMatchObject({
      held: true,
      keys: [
        { name: "demo-eddsa", madeMs: expect.any(Number) },
        { name: "demo-schnorr", madeMs: expect.any(Number) },
        { name: "demo-ecdsa", madeMs: expect.any(Number) },
      ],
      signatures: [
        { held: true, attempts: 1, signers: ["virginia"] },
        { held: true, attempts: 1, timing: { totalMs: 9 } },
        { held: true, attempts: 1, presignMs: expect.any(Number) },
      ],
    });
    expect(text).toContain("LiteSVM executed it: payer 1 SOL -> 0.749995 SOL, recipient 0 SOL -> 0.25 SOL");
    expect(text).toContain("bitcoinjs-lib and libsecp256k1 find the witness valid");
    expect(text).toContain("virginia, in one round trip");
    expect(text).toContain("9 ms: network floor 5 ms, crypto 3 ms, rest 1 ms");
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(text).toMatch(/ox and libsecp256k1 recover the sender 0x[0-9a-fA-F]{40}, the key's address/);
    const second = await again();
    expect(second.keys.map(({ madeMs }) => madeMs)).toEqual([null, null, null]);
    expect(second.signatures[2]).toMatchObject({ held: true, presignMs: null });
  });

  it.each<[string, (answer: Record<string, unknown>) => Record<string, unknown>]>([
    ["no signed transaction", ({ signedData: _, ...rest }) => rest],
    ["a signature of zeros", (honest) => ({ ...honest, signature: { r: "", s: "", encoded: `0x${"00".repeat(64)}` } })],
    [
      "a signed transaction that was changed",
      (honest) => ({ ...honest, signedData: `${String(honest.signedData).slice(0, -4)}ffff` }),
    ],
  ])("stops as unsafe when the network answers %s", async (_, lie) => {
    await expect(demonstrate(lie)).rejects.toMatchObject({ exitCode: EXIT.safety });
  });
});
