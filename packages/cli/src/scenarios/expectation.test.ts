import { describe, expect, it } from "vitest";
import { ALL_PROPERTIES, type Expectation, judge, type Observed, quantile } from "./expectation.ts";

const SEEN: Observed = {
  ...{ asked: 100, signed: 99, latenciesMs: [100, 200, 300, 4000], blamed: ["ohio"], broken: [] },
  checked: ALL_PROPERTIES,
};
const verdicts = (expectation: Expectation, seen: Partial<Observed> = {}) =>
  judge(expectation, { ...SEEN, ...seen }).map((one) => one.verdict);
const ALL = { kind: "properties", properties: ALL_PROPERTIES } as const;

describe("an expectation", () => {
  it("of properties fails for one that was broken, and for what the core left undone", () => {
    expect(verdicts(ALL)).toEqual(["passed"]);
    expect(verdicts(ALL, { broken: [{ what: "no-forgery", text: "" }] })).toEqual(["FAILED"]);
    expect(verdicts(ALL, { broken: [{ what: "liveness", text: "" }] })).toEqual(["FAILED"]);
    const other = { kind: "properties", properties: ["no-key"] } as const;
    expect(verdicts(other, { broken: [{ what: "no-forgery", text: "" }] })).toEqual(["passed"]);
  });

  it("of properties that a layer cannot see is skipped and not passed", () => {
    expect(verdicts(ALL, { checked: ["no-forgery"] })).toEqual(["passed", "skipped"]);
    expect(verdicts(ALL, { checked: [] })).toEqual(["skipped"]);
  });

  it("of a rate and of a time holds at its bound and not beyond", () => {
    expect(verdicts({ kind: "signed", least: 0.99 })).toEqual(["passed"]);
    expect(verdicts({ kind: "signed", least: 0.991 })).toEqual(["FAILED"]);
    expect(verdicts({ kind: "signed", least: 0 }, { asked: 0, signed: 0 })).toEqual(["passed"]);
    expect(verdicts({ kind: "p99", mostMs: 4000 })).toEqual(["passed"]);
    expect(verdicts({ kind: "p99", mostMs: 3999 })).toEqual(["FAILED"]);
    expect(verdicts({ kind: "p50", mostMs: 200 })).toEqual(["passed"]);
    expect(verdicts({ kind: "p50", mostMs: 1000 }, { latenciesMs: [] })).toEqual(["FAILED"]);
  });

  it("of blame holds for exactly those, in any order", () => {
    expect(verdicts({ kind: "blamed", nodes: ["ohio"] })).toEqual(["passed"]);
    expect(verdicts({ kind: "blamed", nodes: [] })).toEqual(["FAILED"]);
    expect(verdicts({ kind: "blamed", nodes: ["ohio", "paris"] }, { blamed: ["paris", "ohio"] })).toEqual(["passed"]);
    expect(verdicts({ kind: "blamed", nodes: ["ohio", "paris"] })).toEqual(["FAILED"]);
  });
});

it("a quantile is the least time that so many do not exceed", () => {
  const times = Array.from({ length: 100 }, (_, at) => at + 1);
  expect([0.5, 0.99, 1, 0].map((share) => quantile(times, share))).toEqual([50, 99, 100, 1]);
  expect(quantile([], 0.5)).toBeUndefined();
});
