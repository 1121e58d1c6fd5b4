import { DecodeError, Secret } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import { Presignature, type PresignatureTerms, SpentPresignature } from "./presignature.ts";

const fill = (length: number, value: number) => new Uint8Array(length).fill(value);
const terms: PresignatureTerms = {
  group: "p256",
  context: fill(32, 1),
  request: fill(32, 2),
  sid: fill(32, 3),
  signers: [1, 4],
  publicKey: fill(33, 4),
  bigR: fill(33, 5),
};
const parts = () => new Uint8Array([...fill(32, 7), ...fill(32, 8), ...fill(32, 9)]);
const made = () => {
  const bytes = parts();
  return { bytes, presignature: new Presignature(terms, new Secret(bytes)) };
};

describe("a presignature", () => {
  test("yields its secrets once and wipes them", () => {
    const { bytes, presignature } = made();
    const seen = presignature.take(({ phi, u, v }) => [phi[0], u[0], v[0]]);
    expect(seen).toEqual([7, 8, 9]);
    expect(bytes).toEqual(fill(96, 0));
    expect(presignature.isGone).toBe(true);
    expect(() => presignature.take(() => 0)).toThrow(SpentPresignature);
    expect(() => presignature.encode()).toThrow(SpentPresignature);
  });

  test("is gone as well when its use throws, and cannot be used within its use", () => {
    const { bytes, presignature } = made();
    expect(() =>
      presignature.take(() => {
        expect(() => presignature.take(() => 0)).toThrow(SpentPresignature);
        throw new Error("mid-way");
      }),
    ).toThrow("mid-way");
    expect(bytes).toEqual(fill(96, 0));
    expect(() => presignature.take(() => 0)).toThrow(SpentPresignature);
  });

  test("is gone once disposed of", () => {
    const { bytes, presignature } = made();
    presignature[Symbol.dispose]();
    expect(bytes).toEqual(fill(96, 0));
    expect(() => presignature.take(() => 0)).toThrow(SpentPresignature);
  });

  test("moves into bytes of its own and out of them again, and is in one place only", () => {
    const { bytes, presignature } = made();
    const encoded = presignature.encode();
    expect(bytes).toEqual(fill(96, 0));
    expect(encoded.byteLength).toBe(encoded.buffer.byteLength);
    const moved = Presignature.decode(encoded);
    expect(encoded).toEqual(fill(encoded.length, 0));
    expect({ ...moved }).toEqual({ ...made().presignature });
    expect(moved.take(({ phi, u, v }) => new Uint8Array([...phi, ...u, ...v]))).toEqual(parts());
  });

  test("has one encoding, and everything else is refused", () => {
    const encoded = made().presignature.encode();
    const changed = (at: number, value: number) => encoded.map((byte, index) => (index === at ? value : byte));
    for (const wrong of [
      new Uint8Array(),
      encoded.slice(1),
      encoded.slice(0, -1),
      Uint8Array.of(...encoded, 0),
      changed(0, 0),
      changed(0, 2),
      changed(1, 2),
      changed(1 + 1 + 96 + 3, 16),
    ]) {
      expect(() => Presignature.decode(wrong)).toThrow(DecodeError);
    }
  });

  test("shows no secret to whoever prints or serialises it", () => {
    const { presignature } = made();
    const shown = JSON.stringify(presignature) + String(presignature) + JSON.stringify(Object.entries(presignature));
    expect(shown).not.toContain("7,7");
    expect(shown).not.toContain('"0":7');
  });
});
