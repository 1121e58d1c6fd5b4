import { Secret } from "@quorate/curves";
import { expect, test } from "vitest";
import { open, seal } from "./sealing.ts";
import { stamp, unstamp } from "./stamp.ts";
import { storageKey } from "./storage-key.ts";

const binding = { network: new Uint8Array(32).fill(1), node: "virginia", kind: "binding", id: "r1", epoch: 0 };
const value = new TextEncoder().encode("bound");

test("a stamped record reads back at its own place only", () => {
  const stamped = stamp(binding, value);
  expect(unstamp(binding, stamped)).toEqual({ state: "present", value });
  expect(unstamp({ ...binding, id: "r2" }, stamped)).toEqual({ state: "faulty", fault: "corrupt_record" });
});

test("every single flipped bit of a stamped record is found", () => {
  const stamped = stamp(binding, value);
  for (let bit = 0; bit < stamped.length * 8; bit++) {
    const flipped = stamped.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const fault = bit < 8 ? "unknown_format" : "corrupt_record";
    expect(unstamp(binding, flipped)).toEqual({ state: "faulty", fault });
  }
});

test("a stamped record never passes for a sealed one, nor the reverse", () => {
  const key = storageKey(new Secret(new Uint8Array(32)));
  const long = new Uint8Array(100);
  expect(open(key, binding, stamp(binding, long))).toEqual({ state: "faulty", fault: "unknown_format" });
  const sealed = seal(key, binding, long, (length) => new Uint8Array(length));
  expect(unstamp(binding, sealed)).toEqual({ state: "faulty", fault: "unknown_format" });
});
