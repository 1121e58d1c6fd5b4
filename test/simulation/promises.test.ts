import type { FaultKind } from "@quorate/faults";
import { cryptoOf, type Property, type Timed, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, test } from "vitest";
import { ran } from "./weather.ts";

// The pairs of the signers are set up once for all, which takes some seconds of a busy machine.
beforeAll(() => void warmDisks(5, cryptoOf("model")), 180_000);

/** All the time in which requests come. */
const at = (kind: FaultKind, more: object = {}) => [
  { atMs: 0, forMs: 9000, fault: { kind, ...more } as Timed["fault"] },
];

/** A weather in which the promise is hard to keep, and how many of four requests are signed in it nevertheless. */
const PROMISES: readonly (readonly [Property, string, readonly Timed[], number])[] = [
  ["no-forgery", "a coordinator that changes what the user signed gets no share", at("coordinator:altered-payload"), 0],
  ["no-forgery", "a coordinator without any user's signature gets no share", at("coordinator:no-authority"), 0],
  ["no-forgery", "a coordinator whose request has expired gets no share", at("coordinator:expired"), 0],
  ["no-forgery", "a coordinator that uses an authorisation again gets no share for it", at("coordinator:replay"), 4],
  ["one-message", "a coordinator that uses nonces twice gets one share of each", at("coordinator:twice"), 4],
  ["threshold", "a coordinator that names sets that are none gets no share", at("coordinator:bad-set"), 0],
  ["burn-before-speak", "no share leaves before its authorisation is bound on disk", [], 4],
  ["no-key", "nothing that is sent, stored or said shows a share", [], 4],
  ["audit-chain", "each signature that a signer helped to make stands in its log", [], 4],
  ["blame-is-sound", "who stands still is named for nothing", at("pause", { node: "signer-1" }), 4],
  ["honest-never-blamed", "who crashes is named for nothing", at("crash", { node: "signer-1" }), 4],
];

describe("in virtual time", () => {
  test.each(PROMISES)("%s: %s", (property, _, timeline, signed) => {
    const workload = { requests: 4, overMs: 4000, duplicates: 0.5 };
    const report = ran("promises", { timeline, workload });
    expect(report.violations.filter((one) => one.property === property)).toEqual([]);
    expect(report).toMatchObject({ violations: [], unfinished: [], blamed: [], signed: signed + 3 });
  });

  test("idempotent: whoever asks again, also another coordinator after a crash, gets the same answer", () => {
    const crash: Timed = {
      atMs: 2000,
      on: "request.signed",
      forMs: 1000,
      fault: { kind: "crash", node: "coordinator" },
    };
    const workload = { requests: 6, overMs: 6000, duplicates: 1 };
    const report = ran("promises", { timeline: [crash], workload, network: { coordinators: 2 } });
    expect(report).toMatchObject({ violations: [], unfinished: [], blamed: [], dormant: [] });
  });

  test("terminal-failures: who sends wrong shares is named, and the others go on with fresh nonces", () => {
    const timeline = at("wrong-share", { node: "signer-3" });
    const report = ran("promises", { timeline, core: ["signer-1", "signer-2", "signer-4", "signer-5"] });
    expect(report).toMatchObject({ violations: [], unfinished: [], blamed: ["signer-3"], signed: report.asked });
  });

  test("bounded: a coordinator that gives every order many times keeps nobody from signing", () => {
    const timeline: Timed[] = [{ atMs: 0, forMs: 300, fault: { kind: "coordinator:flood" } }];
    const keys = [{ scheme: "EdDSA", curve: "ed25519" }] as const;
    const report = ran("promises", { timeline, keys, workload: { requests: 1, overMs: 1 } });
    expect(report).toMatchObject({ violations: [], unfinished: [], signed: report.asked });
  });

  test("every-request-ends: with fewer signers than it takes each is refused, and with enough again each is signed", () => {
    const timeline = ["signer-1", "signer-2", "signer-3"].flatMap((node) => at("crash", { node }));
    const report = ran("promises", { timeline, workload: { requests: 4, overMs: 4000 } });
    expect(report).toMatchObject({ violations: [], unfinished: [], signed: 3 });
  });

  test("every run of a seed is the same, byte for byte", () => {
    const [first, second] = [1, 2].map(() => ran("promises", { timeline: at("coordinator:drop-signer") }).hash);
    expect(first).toBe(second);
  });
});
