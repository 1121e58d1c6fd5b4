import { H } from "@quorate/curves";
import { type Binding, bindingParts, faulty, type Opened } from "./binding.ts";

/** Apart from every format of a sealed record, so that neither passes for the other. */
const FORMAT = 0x81;
const HEADER_BYTES = 17;

/**
 * Marks a record that is no secret: format 0x81 | 16 bytes of a hash of binding and value | value. This finds accidents
 * (a flipped bit, a torn or misplaced row). It has no key, so it does not stop a person who can write to the disk: what
 * must withstand that is signed by its maker, or sealed.
 */
export function stamp(binding: Binding, value: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([Uint8Array.of(FORMAT), checksum(binding, value), value]));
}

/** Takes the mark off. The value is a view of `stamped`. Never throws. */
export function unstamp(binding: Binding, stamped: Uint8Array): Opened {
  if (stamped.length < HEADER_BYTES || stamped[0] !== FORMAT) return faulty("unknown_format");
  const value = stamped.subarray(HEADER_BYTES);
  const intact = Buffer.compare(stamped.subarray(1, HEADER_BYTES), checksum(binding, value)) === 0;
  return intact ? { state: "present", value } : faulty("corrupt_record");
}

function checksum(binding: Binding, value: Uint8Array): Uint8Array {
  return H("vault/v1", "stamp", ...bindingParts(binding), value).subarray(0, HEADER_BYTES - 1);
}
