import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordRead } from "@quorate/orders";
import { openRecords } from "@quorate/storage";
import { generateStorageKey, storageKey } from "@quorate/vault";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit.ts";
import { flipBit, swapRecords } from "./damage.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const options = { networkHash: new Uint8Array(32), node: "ohio", random };
const sealing = { ...options, storageKeys: [storageKey(generateStorageKey(random))] };
const idOf = (id: string) => ({ kind: "share", id, epoch: 0 });

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-damage-"));
  path = join(folder, "records.db");
  const records = openRecords(path, sealing);
  for (const id of ["a", "b"]) records.write([{ ...idOf(id), value: random(40), secret: true }]);
  records.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(): readonly RecordRead[] {
  const records = openRecords(path, sealing);
  const found = records.read([idOf("a"), idOf("b")]);
  records.close();
  return found;
}

describe("damage on the disk of a node", () => {
  it("is one flipped bit of one record, which no longer opens, and is gone once repaired", () => {
    const before = read();
    const repair = flipBit(path, "share");
    expect(read()).toEqual([before[0], { state: "faulty", fault: "corrupt_record" }]);
    repair();
    expect(read()).toEqual(before);
  });

  it("is two records in one another's place, which are known as such, and are back once repaired", () => {
    const before = read();
    const repair = swapRecords(path, "share");
    expect(read().map((one) => one.state)).toEqual(["faulty", "faulty"]);
    repair();
    expect(read()).toEqual(before);
  });

  it("stays repaired where the node has written the record anew meanwhile", () => {
    const repair = flipBit(path, "share");
    const records = openRecords(path, sealing);
    records.write([{ ...idOf("b"), value: Uint8Array.of(7), secret: true }]);
    records.close();
    repair();
    expect(read()[1]).toEqual({ state: "present", value: Uint8Array.of(7) });
  });

  it("is refused where there are too few records of the kind, with the kinds that there are", () => {
    for (const [damage, kind] of [
      [flipBit, "pair"],
      [swapRecords, "pair"],
    ] as const) {
      expect(() => damage(path, kind)).toThrow(
        expect.objectContaining({ exitCode: EXIT.usage, hint: expect.stringContaining("share") }),
      );
    }
  });
});
