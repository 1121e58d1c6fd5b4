import { expect, test } from "vitest";
import { parseLinkSelector, parseSelector, resolve, resolveLink } from "./index.ts";
import { NODES } from "./testing/nodes.ts";

test.each([
  ["ohio", ["ohio"]],
  ["region:eu-west-1", ["coordinator-2", "dublin"]],
  ["operator:bolt", ["paris"]],
  ["coordinator", ["coordinator", "coordinator-2"]],
  ["coordinator-2", ["coordinator-2"]],
  ["*", ["coordinator", "coordinator-2", "ohio", "dublin", "paris"]],
])("%s means the nodes that it names", (selector, names) => {
  expect(resolve(selector, NODES)).toEqual(names);
});

test.each(["", "Ohio", "ohio dublin", "region:", "zone:eu", "region:a->b", "-", 7, null, undefined, ["ohio"]])(
  "%j is no selector",
  (text) => {
    expect(() => parseSelector(text, "to")).toThrow(
      expect.objectContaining({ name: "InputError", field: "to", hint: expect.stringContaining("region:NAME") }),
    );
  },
);

test.each(["tokyo", "region:us-west-1", "operator:nobody"])(
  "%s is refused where no node is meant, with those that there are",
  (selector) => {
    expect(() => resolve(selector, NODES)).toThrow(
      expect.objectContaining({ field: "node", hint: expect.stringContaining("ohio, dublin, paris") }),
    );
  },
);

const links = (selector: string) => resolveLink(selector, NODES).map(({ from, to }) => `${from}->${to}`);

test("an arrow is one direction, a double arrow both, and a name alone all links of that node", () => {
  expect(links("ohio->paris")).toEqual(["ohio->paris"]);
  expect(links("ohio<->paris")).toEqual(["ohio->paris", "paris->ohio"]);
  const others = ["coordinator", "coordinator-2", "dublin", "paris"];
  expect(links("ohio")).toEqual([...others.map((one) => `ohio->${one}`), ...others.map((one) => `${one}->ohio`)]);
});

test("a group alone is the links that lead out of it: those within stay", () => {
  expect(links("region:eu-west-1")).toEqual(
    expect.arrayContaining(["dublin->ohio", "ohio->dublin", "coordinator-2->paris", "paris->coordinator-2"]),
  );
  expect(links("region:eu-west-1").filter((one) => one.includes("dublin") && one.includes("coordinator-2"))).toEqual(
    [],
  );
});

test("links between groups are each named once, and none joins a node with itself", () => {
  expect(links("operator:acme<->region:eu-west-1").toSorted()).toEqual(
    [
      ...["coordinator->coordinator-2", "coordinator->dublin", "coordinator-2->dublin", "ohio->coordinator-2"],
      ...["ohio->dublin", "dublin->coordinator-2", "coordinator-2->coordinator", "dublin->coordinator"],
      ...["coordinator-2->ohio", "dublin->ohio"],
    ].toSorted(),
  );
  expect(links("*")).toHaveLength(20);
});

test.each(["ohio->", "->ohio", "ohio->paris->dublin", "ohio=>paris", "", 3])("%j is no link", (text) => {
  expect(() => parseLinkSelector(text)).toThrow(
    expect.objectContaining({ field: "link", hint: expect.stringMatching(/./) }),
  );
});

test("a link of a node with itself is none", () => {
  expect(() => resolveLink("ohio->ohio", NODES)).toThrow(/no link between two nodes/);
});
