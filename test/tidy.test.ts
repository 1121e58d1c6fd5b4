import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { arrows, cycles, declared, entries, unused } from "./tidy/imports.ts";
import { purity } from "./tidy/purity.ts";
import { astray } from "./tidy/sabotages.ts";
import { size } from "./tidy/size.ts";
import { parseSource } from "./tidy/source.ts";
import { pins, places } from "./tidy/texts.ts";
import { type Manifests, readTree } from "./tidy/tree.ts";

const tree = readTree(fileURLToPath(new URL("..", import.meta.url)));
const perFile = (check: (file: (typeof tree.files)[number]) => string[]) => tree.files.flatMap(check);

describe("the checkout", () => {
  it("has files to check, in every room of package.json", () => {
    expect(tree.files.length).toBeGreaterThan(20);
    expect(Object.keys(tree.manifests.rooms)).toContain("curves");
  });
  it("imports along the arrows only", () => expect(perFile(arrows)).toEqual([]));
  it("enters rooms through their exports", () => {
    expect(perFile((file) => entries(file, tree.manifests))).toEqual([]);
  });
  it("declares what it imports", () => expect(perFile((file) => declared(file, tree.manifests))).toEqual([]));
  it("imports what it declares", () => expect(unused(tree.files, tree.manifests)).toEqual([]));
  it("has no cycles between files", () => expect(cycles(tree.files)).toEqual([]));
  it("keeps the core synchronous and free of IO", () => expect(perFile(purity)).toEqual([]));
  it("keeps files and functions short", () => expect(perFile(size)).toEqual([]));
  it("pins exact versions", () => {
    const rooms = Object.entries(tree.manifests.rooms).map(
      ([room, manifest]) => [`packages/${room}`, manifest] as const,
    );
    const all = [[".", tree.manifests.root] as const, ...rooms];
    expect(all.flatMap(([where, manifest]) => pins(`${where}/package.json`, manifest))).toEqual([]);
  });
  it("can be sabotaged as test/sabotage says", () => expect(astray(tree.texts)).toEqual([]));
  it("names no machine and no registry", () => {
    expect(tree.texts.flatMap(({ path, text }) => places(path, text))).toEqual([]);
  });
});

const manifests: Manifests = {
  root: { name: "whole", devDependencies: { vitest: "1.0.0" } },
  rooms: {
    curves: { name: "@quorate/curves", exports: { ".": "./src/index.ts" }, dependencies: { "@noble/hashes": "1.0.0" } },
    frost: {
      name: "@quorate/frost",
      exports: { ".": "./src/index.ts", "./aggregate": "./src/aggregate/index.ts" },
      dependencies: { "@quorate/curves": "0.1.0" },
    },
  },
};

function inRoom(room: string, text: string, name = "file.ts") {
  return parseSource(`packages/${room}/src/${name}`, text);
}

describe("arrows", () => {
  it.each([
    ["signer", "@quorate/regions"],
    ["frost", "@quorate/orders"],
    ["coordinator", "@quorate/frost"],
    ["coordinator", "@quorate/protocol"],
    ["coordinator", "@quorate/vault"],
    ["curves", "@quorate/protocol"],
    ["api", "@quorate/signer"],
    ["transport", "@quorate/vault"],
  ])("%s must not import %s", (room, specifier) => {
    const text = `\nimport { x } from "${specifier}";\n`;
    expect(arrows(inRoom(room, text))).toEqual([
      expect.stringMatching(`^packages/${room}/src/file.ts:2 ${room} must not import ${specifier}; it may import `),
    ]);
    expect(arrows(inRoom(room, text, "file.test.ts"))).toHaveLength(1);
  });
  it("sees type imports, re-exports and dynamic imports", () => {
    const text = [
      'import type { A } from "@quorate/vault";',
      'export type { B } from "@quorate/vault";',
      'export * from "@quorate/vault";',
      'const c = await import("@quorate/vault");',
      'import { type D } from "@quorate/vault";',
      'import type E from "@quorate/vault";',
      'import "@quorate/vault";',
    ].join("\n");
    expect(arrows(inRoom("frost", text))).toHaveLength(7);
  });
  it("coordinator may import the aggregate entries", () => {
    expect(arrows(inRoom("coordinator", 'import { aggregate } from "@quorate/frost/aggregate";'))).toEqual([]);
  });
  it("frost may import types of keygen, not values", () => {
    expect(arrows(inRoom("frost", 'import type { KeyShare } from "@quorate/keygen";'))).toEqual([]);
    expect(arrows(inRoom("frost", 'import { keygen } from "@quorate/keygen";'))).toEqual([
      'packages/frost/src/file.ts:1 imports values of @quorate/keygen, of which frost may use only types; write "import type"',
    ]);
  });
  it("a testing entry is for tests", () => {
    const text = 'import { x } from "@quorate/protocol/testing";';
    expect(arrows(inRoom("frost", text))).toEqual([expect.stringContaining("which only tests may")]);
    expect(arrows(inRoom("frost", text, "file.test.ts"))).toEqual([]);
  });
  it("edits that make a node misbehave are for the command and the simulator alone", () => {
    const text = 'import { edits } from "@quorate/faults/edits";';
    expect(arrows(inRoom("transport", text))).toEqual([expect.stringContaining("which only cli and simulator may")]);
    expect(arrows(inRoom("cli", text))).toEqual([]);
  });
  it("a package with one door is imported by that room", () => {
    const text = 'import { ed25519 } from "@noble/curves/ed25519.js";';
    expect(arrows(inRoom("frost", text))).toEqual([
      expect.stringContaining("which only curves may; go through @quorate/curves"),
    ]);
    expect(arrows(inRoom("curves", text))).toEqual([]);
  });
  it("a room that is not in the table is refused", () => {
    expect(arrows(inRoom("helpers", ""))).toEqual([expect.stringContaining("room helpers is not in the table")]);
  });
});

describe("entries", () => {
  it("refuses what is not in the exports", () => {
    expect(entries(inRoom("signer", '\n\nimport "@quorate/frost/src/sign.ts";'), manifests)).toEqual([
      "packages/signer/src/file.ts:3 imports @quorate/frost/src/sign.ts, which is not in the exports of its package.json",
    ]);
    expect(entries(inRoom("signer", 'import "@quorate/frost/aggregate"; import "@quorate/frost";'), manifests)).toEqual(
      [],
    );
  });
  it("refuses a relative import that leaves the room", () => {
    expect(entries(inRoom("signer", 'import "../../frost/src/sign.ts";'), manifests)).toEqual([
      "packages/signer/src/file.ts:1 imports ../../frost/src/sign.ts, which leaves packages/signer/; import a package entry instead",
    ]);
    expect(entries(parseSource("test/a.test.ts", 'import "../packages/frost/src/sign.ts";'), manifests)).toHaveLength(
      1,
    );
    expect(entries(inRoom("signer", 'import "./sign.ts"; import "../bench/x.ts";'), manifests)).toEqual([]);
  });
  it("lets tests alone read the vectors", () => {
    const text = 'import v from "../../../test/vectors/bip340.json" with { type: "json" };';
    expect(entries(inRoom("signer", text, "file.test.ts"), manifests)).toEqual([]);
    expect(entries(inRoom("signer", text), manifests)).toHaveLength(1);
  });
  it("refuses an absolute path", () => {
    expect(entries(inRoom("signer", 'import "/opt/x.js";'), manifests)).toHaveLength(1);
  });
});

describe("declarations", () => {
  it("refuses a package that is not declared", () => {
    expect(declared(inRoom("curves", 'import "left-pad/deep.js";'), manifests)).toEqual([
      "packages/curves/src/file.ts:1 imports left-pad/deep.js, which is not declared; add left-pad to packages/curves/package.json",
    ]);
    expect(declared(inRoom("frost", 'import type { X } from "@noble/hashes/utils.js";'), manifests)).toHaveLength(1);
    expect(declared(inRoom("curves", 'import "@noble/hashes/utils.js"; import "node:util";'), manifests)).toEqual([]);
  });
  it("lets tests use what the root declares", () => {
    expect(declared(inRoom("curves", 'import "vitest";', "file.test.ts"), manifests)).toEqual([]);
    expect(declared(inRoom("curves", 'import "vitest";'), manifests)).toHaveLength(1);
    expect(declared(parseSource("scripts/a.ts", 'import "left-pad";'), manifests)).toHaveLength(1);
  });
  it("refuses a declaration that only tests need", () => {
    const test = inRoom("curves", 'import "@noble/hashes/utils.js";', "file.test.ts");
    const frost = inRoom("frost", 'import type { Point } from "@quorate/curves";');
    expect(unused([test, frost], manifests)).toEqual([
      "packages/curves/package.json:1 declares @noble/hashes, which no source of curves imports; remove it",
    ]);
  });
  it("refuses a range of versions", () => {
    const dependencies = { a: "^1.0.0", b: "*", c: "1.0.0", d: "1.0.0-rc.1" };
    expect(pins("x/package.json", { name: "x", dependencies })).toEqual([
      'x/package.json:1 asks for a "^1.0.0"; pin one exact version',
      'x/package.json:1 asks for b "*"; pin one exact version',
    ]);
  });
});

describe("cycles", () => {
  it("names the loop", () => {
    const files = [
      inRoom("frost", 'import "./b.ts";', "a.ts"),
      inRoom("frost", 'export { c } from "./sub/c.ts";', "b.ts"),
      inRoom("frost", 'import "../a.ts";', "sub/c.ts"),
    ];
    expect(cycles(files)).toEqual([expect.stringContaining("imports itself: a.ts -> b.ts -> c.ts -> a.ts;")]);
    expect(cycles(files.slice(0, 2))).toEqual([]);
    const erased = [
      inRoom("frost", 'import type { B } from "./b.ts";', "a.ts"),
      inRoom("frost", 'import "./a.ts";', "b.ts"),
    ];
    expect(cycles(erased)).toEqual([]);
  });
});

describe("purity", () => {
  it.each([
    ["setTimeout(() => {}, 1);", "uses setTimeout"],
    ["setInterval(() => {}, 1);", "uses setInterval"],
    ["setImmediate(() => {});", "uses setImmediate"],
    ["queueMicrotask(() => {});", "uses queueMicrotask"],
    ["const t = Date.now();", "uses Date"],
    ["const t = new Date();", "uses Date"],
    ["const r = Math.random();", "uses Math.random"],
    ["const e = process.env;", "uses process"],
    ["const t = performance.now();", "uses performance"],
    ['fetch("x");', "uses fetch"],
    ["crypto.getRandomValues(new Uint8Array(1));", "uses crypto"],
    ["globalThis.crypto.randomUUID();", "uses globalThis"],
    ['console.log("x");', "uses console"],
    ["const p = Promise.resolve();", "uses Promise"],
    ["const f = async () => {};", "is async"],
    ["async function f() {}", "is async"],
    ["class A { async f() {} }", "is async"],
    ["const x = await y;", "awaits"],
    ["for await (const x of y);", "awaits"],
    ['import "node:fs";', "imports node:fs"],
    ['import { hash } from "node:crypto";', "imports node:crypto"],
  ])("refuses %s", (text, problem) => {
    expect(purity(inRoom("signer", `const a: number = 1;\n${text}\n`))).toEqual([
      expect.stringMatching(
        `^packages/signer/src/file.ts:2 ${problem}.*\\(core rooms are synchronous and free of IO\\)$`,
      ),
    ]);
    expect(purity(inRoom("signer", text, "file.test.ts"))).toEqual([]);
    expect(purity(inRoom("transport", text))).toEqual([]);
  });
  it("knows members, types and own names from globals", () => {
    const text = "function f(fetch: Promise<Date>) { return { process: fetch, x: fetch.crypto }; }\n";
    expect(purity(inRoom("signer", text))).toEqual([]);
  });
  it("lets curves await its WebAssembly at the top, and nowhere else", () => {
    expect(purity(inRoom("curves", "await ready;"))).toEqual([]);
    expect(purity(inRoom("curves", "const f = async () => { await ready; };"))).toHaveLength(2);
  });
  it("lets curves and vault use node:crypto, and secret.ts node:util", () => {
    expect(purity(inRoom("curves", 'import "node:crypto";'))).toEqual([]);
    expect(purity(inRoom("vault", 'import "node:crypto";'))).toEqual([]);
    expect(purity(inRoom("curves", 'import "node:util";', "secret.ts"))).toEqual([]);
    expect(purity(inRoom("curves", 'import "node:util";', "hash.ts"))).toHaveLength(1);
  });
});

describe("size", () => {
  const lines = (count: number) => "x();\n".repeat(count);
  const body = (count: number) => `{\n${"  x();\n".repeat(count - 2)}}`;

  it("refuses the 301st line", () => {
    expect(size(inRoom("frost", lines(300)))).toEqual([]);
    expect(size(inRoom("frost", lines(301)))).toEqual([
      "packages/frost/src/file.ts:301 has 301 lines, at most 300; split it where the ideas part",
    ]);
    expect(size(inRoom("frost", lines(600), "file.test.ts"))).toEqual([]);
    expect(size(inRoom("frost", lines(601), "file.test.ts"))).toHaveLength(1);
  });
  it("refuses a function of 61 lines, method and arrow included", () => {
    expect(size(inRoom("frost", `function f() ${body(60)}`))).toEqual([]);
    expect(size(inRoom("frost", `\nfunction f() ${body(61)}`))).toEqual([
      "packages/frost/src/file.ts:2 function of 61 lines, at most 60; give its steps names of their own",
    ]);
    expect(size(inRoom("frost", `const f = () => ${body(61)}`))).toHaveLength(1);
    expect(size(inRoom("frost", `class A { f() ${body(61)} }`))).toHaveLength(1);
  });
  it("lets the body of a test be long, but not a function inside it", () => {
    const text = `describe("x", () => ${body(100)});\nit.each([1])("y", () => ${body(100)});\n`;
    expect(size(inRoom("frost", text, "file.test.ts"))).toEqual([]);
    expect(size(inRoom("frost", `const f = () => ${body(61)}`, "file.test.ts"))).toHaveLength(1);
  });
  it("lets data be long", () => expect(size(inRoom("regions", lines(900), "data/round-trips.ts"))).toEqual([]));
});

describe("places", () => {
  it.each([
    ["/wor", "k/main"],
    ["/hom", "e/someone"],
    ["/User", "s/someone"],
    ["/roo", "t/.npmrc"],
    ["https://registr", "y.npmjs.org/left-pad"],
    ['"resolve', 'd": "https://example.org/x.tgz"'],
  ])("refuses %s%s", (first, second) => {
    expect(places("a.md", `x\n ${first}${second}\n`)).toEqual([expect.stringMatching(/^a\.md:2 names a /)]);
  });
  it("allows words that look alike", () => {
    expect(places("a.md", "frame/work/x https://quorate.example/home/ key registry. Then")).toEqual([]);
  });
});

describe("sabotages", () => {
  const list = JSON.stringify([{ name: "one", file: "a.ts", find: "x;", test: "a.test.ts" }]);
  it.each([
    ["y; x;", []],
    ["x; x;", ["what it takes out is 2 times in a.ts"]],
    ["y;", ["what it takes out is 0 times in a.ts"]],
  ])("of %j", (text, complaints) => {
    const texts = [
      { path: "test/sabotage/some.json", text: list },
      { path: "a.ts", text },
      { path: "a.test.ts", text: "" },
    ];
    expect(astray(texts)).toEqual(complaints.map((one) => expect.stringContaining(one)));
    expect(astray(texts.slice(0, 2)).at(-1)).toContain("there is no a.test.ts");
  });
});
