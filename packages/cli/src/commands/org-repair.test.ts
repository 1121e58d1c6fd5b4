import { expect, it } from "vitest";
import { checkNoOther, type Taken } from "./org-repair.ts";

const nodes = ["a", "b", "c", "d", "e"].map((name) => ({ name })) as never;
const network = { nodes, defaults: { minSigners: 3, maxSigners: 5 } }; // four must take a record
const at = (hash: string): readonly Taken[] => [{ organisation: "or-1", height: 7, hash }];
const check = (taken: Readonly<Record<string, readonly Taken[]>>) => () =>
  checkNoOther(network, at("x")[0]!, new Map(Object.entries(taken)));

it("a record may be decided on when all others were taken by too few, silent signers counted", () => {
  expect(check({ a: at("y"), b: at("y"), c: at("x"), d: at("x"), e: [] })).not.toThrow();
  expect(check({ a: at("y"), b: at("y"), c: at("z"), d: at("x") })).not.toThrow();
});

it("none may be while another can have been committed", () => {
  expect(check({ a: at("y"), b: at("y"), c: at("y"), d: at("y"), e: at("x") })).toThrow("may have been committed");
  expect(check({ a: at("y"), b: at("y"), c: at("y"), d: at("x") })).toThrow("1 do not answer");
  expect(check({ a: at("x") })).toThrow("4 do not answer");
});
