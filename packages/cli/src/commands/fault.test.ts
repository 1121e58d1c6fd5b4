import { describe, expect, it } from "vitest";
import { EXIT } from "../exit.ts";
import { faultOf } from "./fault.ts";

describe("the options of quorate fault inject", () => {
  it.each([
    ["crash", { region: "ohio" }, { kind: "crash", node: "region:ohio" }],
    ["pause", { operator: "acme", round: "2" }, { kind: "pause", node: "operator:acme", round: 2 }],
    ["partition", { region: "ohio" }, { kind: "partition", link: "region:ohio" }],
    ["delay", { from: "a", to: "b", ms: "2s" }, { kind: "delay", link: "a->b", ms: 2000 }],
    ["flap", { link: "a", everyMs: "1s" }, { kind: "flap", link: "a", everyMs: 1000 }],
    ["throttle", { link: "a", bytesPerSecond: "9" }, { kind: "throttle", link: "a", bytesPerSecond: 9 }],
    ["clock", { node: "a", frozen: true }, { kind: "clock", node: "a", frozen: true }],
    ["clock", { node: "a", skewMs: "5m", driftPpm: "9" }, { kind: "clock", node: "a", skewMs: 300_000, driftPpm: 9 }],
    ["coordinator:twice", {}, { kind: "coordinator:twice" }],
  ])("%s %j are a fault", (kind, options, fault) => {
    // What is of the whole command is no parameter of the fault.
    expect(faultOf(kind, { ...options, dir: "/tmp/x", json: true, for: "30s" })).toEqual(fault);
  });

  it("name nodes in one way", () => {
    expect(() => faultOf("crash", { node: "a", region: "b" })).toThrow(
      expect.objectContaining({ exitCode: EXIT.usage, message: expect.stringContaining("--region") }),
    );
  });

  it("have no parameter that the fault has not", () => {
    expect(() => faultOf("crash", { node: "a", probability: "0.5" })).toThrow(
      expect.objectContaining({ name: "InputError", field: "probability" }),
    );
  });
});
