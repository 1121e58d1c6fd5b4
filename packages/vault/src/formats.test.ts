import { type Codec, DecodeError, decode, encode } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { type BindingRecord, bindingRecord, type VerdictRecord, verdictRecord } from "./formats.ts";

const binding: BindingRecord = {
  digest: new Uint8Array(32).fill(1),
  deadline: 1_760_000_000_000,
  until: 1_760_000_000_001,
};
const verdict: VerdictRecord = {
  keyId: new Uint8Array(32).fill(2),
  epoch: 1,
  executionId: new Uint8Array(16).fill(3),
  identifier: 4,
  code: "invalid_share",
  evidence: new Uint8Array(5),
};

function refuses<T>(codec: Codec<T>, value: T): void {
  const bytes = encode(codec, value);
  expect(decode(codec, bytes)).toEqual(value);
  expect(() => decode(codec, bytes.subarray(0, -1))).toThrow(DecodeError);
  expect(() => decode(codec, Uint8Array.of(...bytes, 0))).toThrow(DecodeError);
  expect(() => decode(codec, Uint8Array.of(9, ...bytes.subarray(1)))).toThrow("format 9, known is");
}

describe("record formats", () => {
  test("read back what was written, and nothing but that", () => {
    refuses(bindingRecord, binding);
    refuses(verdictRecord, verdict);
  });

  test("the bytes of a binding record stay what they are on disk", () => {
    expect(Buffer.from(encode(bindingRecord, binding)).toString("hex")).toBe(
      `02${"01".repeat(32)}00000199c82cc00000000199c82cc001`,
    );
  });

  test("identifier 0 is nobody, when read and when written", () => {
    expect(() => encode(verdictRecord, { ...verdict, identifier: 0 })).toThrow("at least 1");
    const bytes = encode(verdictRecord, verdict);
    bytes[1 + 32 + 8 + 16] = 0;
    expect(() => decode(verdictRecord, bytes)).toThrow("identifier");
  });

  test("evidence beyond its bound is refused", () => {
    expect(() => encode(verdictRecord, { ...verdict, evidence: new Uint8Array((1 << 18) + 1) })).toThrow(DecodeError);
  });
});
