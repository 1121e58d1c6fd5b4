import type { Group, Point } from "@quorate/curves";

/** Encodings of all points, one after another. */
export function encodePoints(group: Group, points: readonly Point[]): Uint8Array {
  return new Uint8Array(Buffer.concat(points.map((one) => group.encodePoint(one))));
}
