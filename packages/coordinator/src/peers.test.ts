import { expect, test } from "vitest";
import { Peers } from "./peers.ts";

const holding = { keyId: Uint8Array.of(1), epoch: 0, state: "broken", fault: "corrupt_record" } as const;
const up = (instance: string) => ({ connected: true, instance, rttMs: 7 });

test("a peer that comes back as another process starts afresh; a link that comes back does not", () => {
  const peers = new Peers(["ada"]);
  expect(peers.observe("ada", up("1"))).toBe(true);
  peers.blame("ada");
  peers.hold("ada", [holding]);
  peers.observe("ada", { connected: false });
  expect(peers.observe("ada", up("1"))).toBe(false);
  expect(peers.report()[0]).toMatchObject({ guilty: true, brokenKeys: [{ keyId: "01", fault: "corrupt_record" }] });
  expect(peers.observe("ada", up("2"))).toBe(true);
  expect(peers.report()[0]).toMatchObject({ guilty: false, brokenKeys: [] });
});

test("a peer is suspect until it says anything, and guilty whatever it says", () => {
  const peers = new Peers(["ada"]);
  peers.observe("ada", up("1"));
  peers.suspect("ada");
  peers.blame("ada");
  peers.heard("ada");
  expect(peers.report()).toEqual([
    { node: "ada", connected: true, suspect: false, guilty: true, rttMs: 7, brokenKeys: [] },
  ]);
});

test("a report of holdings takes the place of the one before", () => {
  const peers = new Peers(["ada"]);
  peers.hold("ada", [holding]);
  peers.hold("ada", []);
  expect(peers.holding("ada", "01")).toBeUndefined();
  peers.holdActive("ada", Uint8Array.of(2), 0);
  expect(peers.holding("ada", "02")?.state).toBe("active");
});

test("strangers are nobody", () => {
  const peers = new Peers(["ada"]);
  expect(peers.observe("eve", up("1"))).toBe(false);
  for (const change of [peers.heard, peers.suspect, peers.blame]) change.call(peers, "eve");
  peers.hold("eve", [holding]);
  peers.holdActive("eve", Uint8Array.of(1), 0);
  expect(peers.report()).toHaveLength(1);
  expect(peers.connected("eve")).toBe(false);
});
