import type { Event } from "@quorate/orders";
import { expect, test } from "vitest";
import { sparingly } from "./sparingly.ts";

test("the same event for the same peer passes once in a while, others are not held back", () => {
  const passed: Event[] = [];
  const emit = sparingly((event) => passed.push(event), 60_000);
  for (let at = 0; at < 5; at++) {
    emit({ type: "peer.refused", peer: "ada", code: "clone_detected", detail: String(at) });
    emit({ type: "peer.refused", peer: "bob", code: "clone_detected", detail: String(at) });
    emit({ type: "peer.refused", peer: "bob", code: "config_mismatch", detail: String(at) });
  }
  expect(passed.map((event) => `${event.peer} ${event.code} ${event.detail}`)).toEqual([
    "ada clone_detected 0",
    "bob clone_detected 0",
    "bob config_mismatch 0",
  ]);
});

test("an event passes again after the while", () => {
  const passed: Event[] = [];
  const emit = sparingly((event) => passed.push(event), 0);
  emit({ type: "stranger.refused" });
  emit({ type: "stranger.refused" });
  expect(passed.length).toBe(2);
});
