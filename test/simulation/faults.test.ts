import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { faultTable, LAYERS, type Shown, TESTED_FAULTS } from "./fault-table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the table of faults", () => {
  test("has every fault once, by its number", () => {
    const numbers = Array.from({ length: 83 }, (_, at) => String(at + 1));
    expect(TESTED_FAULTS.map((one) => one.number)).toEqual(numbers.toSpliced(70, 0, "70b"));
  });

  test("has tests or a reason for each layer in which a fault is to be shown", () => {
    const without = TESTED_FAULTS.flatMap((one) =>
      one.layers.filter((layer) => (one[layer]?.length ?? 0) === 0).map((layer) => `${one.number} ${layer}`),
    );
    expect(without).toEqual([]);
  });

  test("names tests that there are", () => {
    const named = TESTED_FAULTS.flatMap((one) =>
      LAYERS.flatMap((layer): readonly (Shown | string)[] => {
        const shown = one[layer] ?? [];
        return typeof shown === "string" ? [shown] : shown;
      }),
    );
    const missing = named.flatMap((one) => {
      if (typeof one === "string") return [];
      const found = existsSync(root + one.file) && readFileSync(root + one.file, "utf8").includes(one.title);
      return found ? [] : [`${one.file}: ${one.title}`];
    });
    expect(missing).toEqual([]);
  });

  test("is what people read", async () => {
    await expect(faultTable()).toMatchFileSnapshot("README.md");
  });
});
