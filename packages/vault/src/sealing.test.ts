import { Secret } from "@quorate/curves";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Binding } from "./binding.ts";
import { open, SEAL_BYTES, seal } from "./sealing.ts";
import { storageKey } from "./storage-key.ts";

const key = storageKey(new Secret(new Uint8Array(32).fill(7)));
const otherKey = storageKey(new Secret(new Uint8Array(32).fill(8)));
const binding: Binding = { network: new Uint8Array(32).fill(1), node: "virginia", kind: "share", id: "k1", epoch: 3 };
const plaintext = new TextEncoder().encode("a key share");
const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

const faultOf = (opened: ReturnType<typeof open>) => (opened.state === "faulty" ? opened.fault : opened.state);

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}

const anyBinding = fc.record({
  network: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  node: fc.string(),
  kind: fc.string(),
  id: fc.string(),
  epoch: fc.nat(),
});

describe("sealing", () => {
  test("opens at its own place what was sealed for it", () => {
    fc.assert(
      fc.property(anyBinding, fc.uint8Array({ maxLength: 300 }), (place, value) => {
        const sealed = seal(key, place, value, random);
        expect(sealed.length).toBe(value.length + SEAL_BYTES);
        expect(open(key, place, sealed)).toEqual({ state: "present", value });
      }),
    );
  });

  test("every single flipped bit is corrupt_record, or unknown_format in the format byte", () => {
    const sealed = seal(key, binding, plaintext, random);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      expect(faultOf(open(key, binding, flip(sealed, bit)))).toBe(bit < 8 ? "unknown_format" : "corrupt_record");
    }
  });

  test("every length cut short is a fault", () => {
    const sealed = seal(key, binding, plaintext, random);
    for (let length = 0; length < sealed.length; length++) {
      const fault = length < SEAL_BYTES ? "unknown_format" : "corrupt_record";
      expect(faultOf(open(key, binding, sealed.subarray(0, length)))).toBe(fault);
    }
  });

  test("a record of any other place is swapped_record", () => {
    const others: Partial<Binding>[] = [
      { network: new Uint8Array(32).fill(2) },
      { node: "ohio" },
      { kind: "certificate" },
      { id: "k2" },
      { epoch: 4 },
      { kind: "shar", id: "ek1" },
    ];
    for (const change of others) {
      const sealed = seal(key, { ...binding, ...change }, plaintext, random);
      expect(faultOf(open(key, binding, sealed))).toBe("swapped_record");
    }
  });

  test("a record under any other key is wrong_storage_key, swapped or not", () => {
    const sealed = seal(otherKey, binding, plaintext, random);
    expect(faultOf(open(key, binding, sealed))).toBe("wrong_storage_key");
    expect(faultOf(open(key, { ...binding, id: "k2" }, sealed))).toBe("wrong_storage_key");
  });

  test("a record that carries our key id but is under another key is corrupt_record", () => {
    const forged = seal({ id: key.id, sealing: otherKey.sealing }, binding, plaintext, random);
    expect(faultOf(open(key, binding, forged))).toBe("corrupt_record");
  });

  test("bytes that nobody sealed are a fault, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(open(key, binding, bytes).state).toBe("faulty");
      }),
    );
  });

  test("the plaintext does not show, and sealing twice gives different bytes", () => {
    const once = seal(key, binding, plaintext, random);
    expect(Buffer.from(once).includes(Buffer.from(plaintext))).toBe(false);
    expect(seal(key, binding, plaintext, random)).not.toEqual(once);
  });

  test("the layout stays what records on disk already have", () => {
    const sealed = seal(key, binding, plaintext, (length) => new Uint8Array(length).fill(9));
    expect(Buffer.from(sealed).toString("hex")).toMatchInlineSnapshot(
      `"01671c6142f2a209bdbbdb80877d0f2e48b979a7cb0a34b35c94dbbb79f773d2e37366fc8658e5a47509090909090909090909090971331b763307677a06316b1287ad9111d3a3e4b5d686a78938818d"`,
    );
  });
});
