import { expect, test } from "vitest";
import { FAULTS, type Fault, faultFromWords, faultText, parametersOf, parseDuration, parseFault } from "./index.ts";

test.each<[string, Readonly<Record<string, string>>, Fault]>([
  ["crash", { node: "ohio", round: "2" }, { kind: "crash", node: "ohio", round: 2 }],
  ["slow", { node: "*", factor: "10" }, { kind: "slow", node: "*", factor: 10 }],
  ["disk-slow", { node: "ohio", ms: "2s" }, { kind: "disk-slow", node: "ohio", ms: 2000 }],
  ["bit-flip", { node: "ohio", record: "share" }, { kind: "bit-flip", node: "ohio", record: "share" }],
  ["clock", { node: "ohio", skewMs: "-5m" }, { kind: "clock", node: "ohio", skewMs: -300_000 }],
  ["clock", { node: "ohio", frozen: "true" }, { kind: "clock", node: "ohio", frozen: true }],
  ["partition", { node: "region:us-east-2" }, { kind: "partition", link: "region:us-east-2" }],
  ["partition", { from: "ohio", to: "paris" }, { kind: "partition", link: "ohio->paris" }],
  ["partition", { to: "paris" }, { kind: "partition", link: "*->paris" }],
  ["flap", { link: "a<->b", everyMs: "500ms" }, { kind: "flap", link: "a<->b", everyMs: 500 }],
  ["loss", { link: "a", probability: "10%" }, { kind: "loss", link: "a", probability: 0.1 }],
  ["loss", { link: "a", probability: "0.3" }, { kind: "loss", link: "a", probability: 0.3 }],
  ["throttle", { link: "a", bytesPerSecond: "1000" }, { kind: "throttle", link: "a", bytesPerSecond: 1000 }],
  ["equivocate", { node: "a", round: "1", to: "b" }, { kind: "equivocate", node: "a", round: 1, to: "b" }],
  ["coordinator:twice", {}, { kind: "coordinator:twice" }],
])("the words %s %j are a fault, and its JSON is the same", (kind, words, fault) => {
  expect(faultFromWords(kind, words)).toEqual(fault);
  expect(parseFault(JSON.parse(JSON.stringify(fault)))).toEqual(fault);
});

test.each<[string, unknown, string]>([
  ["fault", null, "fault"],
  ["fault", ["crash"], "fault"],
  ["fault", "crash", "fault"],
  ["unknown kind", { kind: "explode", node: "ohio" }, "kind"],
  ["kind of an object's own", { kind: "toString", node: "ohio" }, "kind"],
  ["no node", { kind: "crash" }, "node"],
  ["no link", { kind: "partition" }, "link"],
  ["bad selector", { kind: "crash", node: "Ohio!" }, "node"],
  ["bad recipient", { kind: "equivocate", node: "a", to: "B" }, "to"],
  ["stranger parameter", { kind: "crash", node: "ohio", probability: 0.5 }, "probability"],
  ["node of a link", { kind: "loss", link: "a", node: "b", probability: 0.5 }, "node"],
  ["no probability", { kind: "loss", link: "a" }, "probability"],
  ["probability above one", { kind: "loss", link: "a", probability: 1.01 }, "probability"],
  ["negative probability", { kind: "loss", link: "a", probability: -0.01 }, "probability"],
  ["probability as text", { kind: "loss", link: "a", probability: "0.5" }, "probability"],
  ["probability not a number", { kind: "loss", link: "a", probability: Number.NaN }, "probability"],
  ["round zero", { kind: "crash", node: "a", round: 0 }, "round"],
  ["half a round", { kind: "crash", node: "a", round: 1.5 }, "round"],
  ["too slow", { kind: "slow", node: "a", factor: 1001 }, "factor"],
  ["delay of nothing", { kind: "delay", link: "a", ms: 0 }, "ms"],
  ["delay beyond an hour", { kind: "delay", link: "a", ms: 3_600_001 }, "ms"],
  ["throttle of nothing", { kind: "throttle", link: "a", bytesPerSecond: 0 }, "bytesPerSecond"],
  ["clock without a fault", { kind: "clock", node: "a" }, "skewMs"],
  ["clock that is frozen and not", { kind: "clock", node: "a", frozen: false }, "frozen"],
  ["record of no kind", { kind: "swap", node: "a", record: "../share" }, "record"],
])("JSON with %s is refused, and the field named", (_, value, field) => {
  expect(() => parseFault(value)).toThrow(expect.objectContaining({ name: "InputError", field }));
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ["explode", {}, "kind"],
  ["crash", {}, "node"],
  ["delay", { link: "a", ms: "soon" }, "ms"],
  ["delay", { link: "a", ms: "2 days" }, "ms"],
  ["loss", { link: "a", probability: "half" }, "probability"],
  ["loss", { link: "a", probability: "110%" }, "probability"],
  ["loss", { link: "a", from: "b", probability: "0.5" }, "link"],
  ["slow", { node: "a", factor: "0x10" }, "factor"],
  ["clock", { node: "a", frozen: "yes" }, "frozen"],
])("the words %s %j are refused, and the field named", (kind, words, field) => {
  expect(() => faultFromWords(kind, words)).toThrow(expect.objectContaining({ name: "InputError", field }));
});

test("times are written with a unit, and last at least a millisecond and at most a week", () => {
  expect(["500", "500ms", "1.5s", "5m", "1h"].map((text) => parseDuration(text))).toEqual([
    ...[500, 500, 1500, 300_000, 3_600_000],
  ]);
  for (const text of ["0", "-1s", "169h", "5 s", "s", ""]) {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ field: "for" }));
  }
});

test("a fault in words names what it is on and its parameters", () => {
  expect(faultText({ kind: "loss", link: "a<->b", probability: 0.1 })).toBe("loss a<->b probability=0.1");
  expect(faultText({ kind: "coordinator:twice" })).toBe("coordinator:twice");
});

test("every fault says what it does, where it can be had, and takes no parameter twice", () => {
  for (const [kind, form] of Object.entries(FAULTS)) {
    expect(form.does, kind).toMatch(/^[a-z]/);
    expect(form.layers, kind).not.toHaveLength(0);
    const { required, optional } = parametersOf(kind as Fault["kind"]);
    expect(Object.keys(required).filter((name) => Object.hasOwn(optional, name))).toEqual([]);
  }
});
