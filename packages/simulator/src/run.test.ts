import { beforeAll, describe, expect, test } from "vitest";
import { cryptoOf, run, swarm, warmDisks } from "./index.ts";

// The pairs of the signers are set up once for all, which takes some seconds of a busy machine.
beforeAll(() => void warmDisks(3, cryptoOf("model")), 180_000);

describe("a run", () => {
  test("of one seed is the same each time, whatever went wrong in it", () => {
    const [first, second] = [1, 2].map(() => run(swarm("13", "stormy", "model")));
    expect(first?.hash).toBe(second?.hash);
    expect([first?.violations, first?.unfinished]).toEqual([[], []]);
  });

  test("has a fault begin on the event that it waits for, and says which waited in vain", () => {
    const seen: string[] = [];
    const { dormant } = run(
      {
        ...swarm("13", "calm", "model"),
        timeline: [
          { atMs: 0, on: "fault.never", fault: { kind: "partition", link: "signer-1" } },
          { atMs: 7, on: "request.signed", forMs: 50, fault: { kind: "delay", link: "signer-2", ms: 5 } },
        ],
      },
      { keep: ({ type, at }) => void (/^(request.signed|fault)/.test(type) && seen.push(`${type} ${at}`)) },
    );
    expect(dormant.map((one) => one.on)).toEqual(["fault.never"]);
    const [signed = "", ...rest] = seen;
    const atMs = Number(signed.split(" ")[1]);
    expect(rest).toContain(`fault.injected ${atMs + 7}`);
    expect(rest).toContain(`fault.cleared ${atMs + 57}`);
  }, 60_000);
});
