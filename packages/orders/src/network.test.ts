import { describe, expect, test } from "vitest";
import { InputError } from "./errors.ts";
import { coordinatorsOf, findNode, networkHash, parseNetworkFile } from "./network.ts";

const publicKey = (at: number) => at.toString(16).padStart(64, "0");
const node = (name: string, at: number) => ({
  name,
  region: "virginia",
  operator: "op-1",
  publicKey: publicKey(at),
  addresses: ["/ip4/127.0.0.1/tcp/4101"],
});
const good = {
  format: 1,
  networkId: "test",
  coordinator: node("coordinator", 1),
  nodes: [node("ada", 2), node("bob", 3), node("cyd", 4)],
  operators: [{ name: "op-1", publicKey: publicKey(9) }],
  organisations: [{ genesis: publicKey(8) }],
  defaults: { minSigners: 2, maxSigners: 3 },
};

/** The same with a second coordinator. */
const two: typeof good & { coordinators?: unknown } = { ...good, coordinators: [node("coordinator-2", 7)] };

/** `good` with the member at `path` set, or removed. */
function changed(path: string, value: unknown): typeof good {
  const file = structuredClone(path.startsWith("coordinators") ? two : good);
  const names = path.split(".");
  let at: Record<string, unknown> = file;
  for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>;
  if (value === undefined) delete at[names.at(-1)!];
  else at[names.at(-1)!] = value;
  return file;
}

function refusal(file: unknown): InputError {
  try {
    parseNetworkFile(JSON.stringify(file));
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("accepted");
}

/** Every field, and values that it cannot have. */
const BAD: readonly (readonly [string, ...unknown[]])[] = [
  ["format", undefined, 2, "1"],
  ["networkId", undefined, "", "Test", "a b", "a".repeat(65), 1],
  ["coordinator", undefined, null, []],
  ["coordinator.name", undefined, "", "1st", "Ada", "a_b", "a".repeat(64), 5],
  ["coordinator.region", undefined, "", "r".repeat(33)],
  ["coordinator.operator", undefined, "", "Op"],
  ["coordinator.publicKey", undefined, "", "00", publicKey(1).toUpperCase().replace("0", "A"), `${publicKey(1)}00`],
  ["coordinator.addresses", undefined, [], "/ip4/127.0.0.1/tcp/1", Array(9).fill("/ip4/127.0.0.1/tcp/1")],
  ["coordinator.addresses.0", "", "127.0.0.1:80", "/ip4/127.0.0.1/udp/80", "/ip4/127.0.0.1/tcp/123456", 3],
  ["nodes", undefined, [], [node("ada", 2)], Array.from({ length: 16 }, (_, at) => node(`n-${at}`, at + 20)), {}],
  ["nodes.1.name", undefined, "Bob", "-bob"],
  ["nodes.1.region", undefined, "", 1],
  ["nodes.1.operator", undefined, "", "nobody"],
  ["nodes.1.publicKey", undefined, "zz", publicKey(3).slice(1)],
  ["nodes.1.addresses", undefined, [], {}],
  ["operators", undefined, [], {}],
  ["operators.0.name", undefined, "", "Op"],
  ["operators.0.publicKey", undefined, "", "00"],
  ["coordinators", null, 3, Array.from({ length: 8 }, (_, at) => node(`c-${at}`, at + 40))],
  ["coordinators.0", 3],
  ["coordinators.0.name", undefined, "", "Ada"],
  ["coordinators.0.publicKey", undefined, "00"],
  ["coordinators.0.addresses", undefined, []],
  ["organisations", undefined, [], {}, Array.from({ length: 65 }, (_, at) => ({ genesis: publicKey(at) }))],
  ["organisations.0.genesis", undefined, "00"],
  ["defaults", undefined, 3],
  ["defaults.minSigners", undefined, 0, 1, 1.5, "2", 4],
  ["defaults.maxSigners", undefined, 1.5, 16, 4, "3"],
];

describe("the network file", () => {
  test("is read when it is right", () => {
    expect(parseNetworkFile(JSON.stringify(good))).toEqual(good);
  });

  test.each(BAD.flatMap(([field, ...values]) => values.map((value) => [field, value] as const)))(
    "with a bad %s is refused, naming it: %j",
    (field, value) => {
      const error = refusal(changed(field, value));
      expect(error.code).toBe("invalid_input");
      expect(error.field).toBe(field);
      expect(error.message).toContain(field);
    },
  );

  test.each(["", "coordinator", "nodes.0", "operators.0", "defaults"])(
    "with a field that nobody knows in %j is refused",
    (at) => {
      const error = refusal(changed(at === "" ? "surprise" : `${at}.surprise`, 1));
      expect(error.field).toBe(at);
      expect(error.message).toContain("surprise");
    },
  );

  test("that is not JSON is refused", () => {
    expect(() => parseNetworkFile("{")).toThrow(InputError);
    expect(() => parseNetworkFile("[]")).toThrow("(top)");
  });

  test.each([
    ["name", "nodes.1.name", "ada"],
    ["name", "coordinator.name", "ada"],
    ["name", "coordinators.0.name", "coordinator"],
    ["name", "coordinators.0.name", "ada"],
    ["publicKey", "coordinators.0.publicKey", publicKey(1)],
    ["publicKey", "nodes.1.publicKey", publicKey(2)],
    ["publicKey", "coordinator.publicKey", publicKey(2)],
    ["operators.name", "operators.1", good.operators[0]],
  ])("in which one %s appears twice is refused", (field, at, value) => {
    const error = refusal(changed(at, value));
    expect([error.field, error.message]).toEqual([field, expect.stringContaining("appears twice")]);
  });

  test("with a port that does not exist is refused, naming the node", () => {
    expect(refusal(changed("nodes.1.addresses", ["/dns4/bob/tcp/65536"])).field).toBe("bob.addresses");
  });
});

describe("the hash of the network file", () => {
  const hash = (file: typeof good) => Buffer.from(networkHash(parseNetworkFile(JSON.stringify(file)))).toString("hex");

  test("differs by everything that says who is meant", () => {
    const others = [
      changed("networkId", "other"),
      changed("coordinator.name", "lead"),
      changed("coordinator.region", "ohio"),
      changed("coordinator.publicKey", publicKey(5)),
      changed("nodes", good.nodes.toReversed()),
      changed("nodes.3", node("dan", 6)),
      changed("nodes.1.name", "bib"),
      changed("nodes.1.region", "ohio"),
      changed("nodes.1.publicKey", publicKey(5)),
      changed("operators.0.publicKey", publicKey(8)),
      changed("operators.1", { name: "op-2", publicKey: publicKey(9) }),
      changed("defaults.minSigners", 3),
      changed("defaults.maxSigners", 2),
    ];
    expect(new Set([good, ...others].map(hash)).size).toBe(others.length + 1);
  });

  test("differs by every further coordinator, and without any is what it was before there could be", () => {
    const others = [
      two,
      changed("coordinators.0.name", "coordinator-3"),
      changed("coordinators.0.region", "ohio"),
      changed("coordinators.0.publicKey", publicKey(5)),
      changed("coordinators.1", node("coordinator-3", 5)),
    ];
    expect(new Set([good, ...others].map(hash)).size).toBe(others.length + 1);
    expect(hash(changed("coordinators", []))).toBe(hash(good));
  });

  test("does not change with addresses", () => {
    expect(hash(changed("nodes.1.addresses", ["/dns4/bob/tcp/1"]))).toBe(hash(good));
  });
});

test("nodes are found by name, the coordinator too", () => {
  const file = parseNetworkFile(JSON.stringify(good));
  expect(findNode(file, "bob")?.publicKey).toBe(publicKey(3));
  expect(findNode(file, "coordinator")?.publicKey).toBe(publicKey(1));
  expect(findNode(file, "eve")).toBeUndefined();
  const withTwo = parseNetworkFile(JSON.stringify(two));
  expect(findNode(withTwo, "coordinator-2")?.publicKey).toBe(publicKey(7));
  expect(coordinatorsOf(withTwo).map((one) => one.name)).toEqual(["coordinator", "coordinator-2"]);
  expect(coordinatorsOf(file).map((one) => one.name)).toEqual(["coordinator"]);
});
