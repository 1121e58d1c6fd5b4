import { describe, expect, test } from "vitest";
import { type CborValue, readCbor } from "./cbor.ts";
import { Reader } from "./codec.ts";

function read(hex: string): CborValue {
  const reader = new Reader(new Uint8Array(Buffer.from(hex, "hex")));
  const value = readCbor(reader);
  reader.end();
  return value;
}

describe("CBOR", () => {
  // RFC 8949 appendix A.
  test.each<[string, CborValue]>([
    ["00", 0],
    ["17", 23],
    ["1818", 24],
    ["1903e8", 1000],
    ["1a000f4240", 1_000_000],
    ["1b000000e8d4a51000", 1_000_000_000_000],
    ["20", -1],
    ["3903e7", -1000],
    ["f4", false],
    ["f5", true],
    ["f6", null],
    ["4401020304", Uint8Array.of(1, 2, 3, 4)],
    ["6161", "a"],
    ["62c3bc", "\u00fc"],
    ["80", []],
    ["8301820203820405", [1, [2, 3], [4, 5]]],
    [
      "a201020304",
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ],
    [
      "a26161016162820203",
      new Map<string, CborValue>([
        ["a", 1],
        ["b", [2, 3]],
      ]),
    ],
  ])("%s reads as the RFC says", (hex, value) => expect(read(hex)).toEqual(value));

  test.each([
    ["an integer that fits the head", "1817", "shortest"],
    ["a byte where a head would do", "1800", "shortest"],
    ["two bytes where one would do", "1900ff", "shortest"],
    ["four bytes where two would do", "1a0000ffff", "shortest"],
    ["eight bytes where four would do", "1b00000000ffffffff", "shortest"],
    ["a length in a longer form", "5801ff", "shortest"],
    ["an integer above 2^53 - 1", "1b0020000000000000", "above"],
    ["bytes of indefinite length", "5f4101ff", "written out"],
    ["a map of indefinite length", "bf6161f5ff", "written out"],
    ["a reserved length", "1c", "written out"],
    ["a tag", "c11a514b67b0", "tags"],
    ["floating point", "f93c00", "floating point"],
    ["undefined", "f7", "unassigned"],
    ["text that is not UTF-8", "61ff", "UTF-8"],
    ["a key twice", "a201020103", "twice"],
    ["a key that is bytes", "a1410101", "no name"],
    ["a key that is a list", "a18001", "no name"],
    ["five levels", "818181818100", "nested"],
    ["33 entries", `9821${"00".repeat(33)}`, "33 entries"],
    ["bytes that are not there", "4401", "left"],
    ["nothing", "", "left"],
    ["a length of 2^32 - 1", "5affffffff00", "left"],
    ["something behind the end", "0000", "follow"],
  ])("with %s is refused", (_, hex, problem) => expect(() => read(hex)).toThrow(problem));

  test("of four levels is read", () => expect(read("8181818100")).toEqual([[[[0]]]]));
});
