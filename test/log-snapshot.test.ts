import { countersignStatement, decodeSnapshot, encodeLogRecord, encodeSnapshot, judge } from "@quorate/authority";
import { decode, encode } from "@quorate/curves";
import { type CommittedRecord, networkHash } from "@quorate/orders";
import { logSnapshotRecord } from "@quorate/vault";
import { beforeAll, expect, it } from "vitest";
import { outcomesOf } from "./support/forged-order.ts";
import { LogKeeper } from "./support/log-keeper.ts";
import { onlyPresence } from "./support/presence-only.ts";
import { VirtualNetwork } from "./support/virtual-network.ts";

const KEY = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;
const COUNT = 1001;

let committed: readonly CommittedRecord[];

/** One signer that hears of logs from nobody but the test, and has followed a log of a thousand records. */
function followed() {
  const network = new VirtualNetwork({ signers: 2, minSigners: 2 });
  const keeper = new LogKeeper(network);
  committed ??= Array.from({ length: COUNT }, () => next(keeper));
  onlyPresence(network);
  for (let at = 0; at < COUNT; at += 64) keeper.commit(["signer-1"], committed.slice(at, at + 64));
  network.pass(10);
  return { network, keeper, disk: network.disks.get("signer-1")! };
}

function next(keeper: LogKeeper): CommittedRecord {
  const { network, state } = keeper;
  const record = keeper.next(KEY);
  const { hash, apply } = judge(state, record, { network: network.file.networkId, now: null });
  apply();
  const told = countersignStatement(networkHash(network.file), state.id, { height: record.height, hash });
  const signatures = keeper.everybody.map((node) => ({ node, signature: network.identityOf(node).sign(told) }));
  return { record: encodeLogRecord(record), signatures };
}

function restart({ network }: ReturnType<typeof followed>) {
  network.kill("signer-1");
  const before = network.events.length;
  network.restart("signer-1");
  return () => network.events.slice(before);
}

const heightAt = ({ network }: ReturnType<typeof followed>) =>
  outcomesOf(network, "signer-1")
    .filter((one) => one.kind === "heads")
    .at(-1)?.heads[0]?.height;

let scene: ReturnType<typeof followed>;
beforeAll(() => {
  scene = followed();
}, 120_000);

const snapshotIn = (disk: (typeof scene)["disk"]) =>
  [...disk.entries()].find(([, one]) => one.kind === "log-snapshot")!;

it("a signer goes on from its snapshot, which is sealed, and verifies the records below it while it works", () => {
  const { network, disk } = scene;
  expect(snapshotIn(disk)[1].secret).toBe(true);
  const events = restart(scene);
  expect(heightAt(scene)).toBe(COUNT);
  for (let at = 0; at < 30; at++) network.pass(100);
  expect(events()).toContainEqual(expect.objectContaining({ type: "authority.verified" }));
  expect(events().some((one) => one.type === "authority.forked")).toBe(false);
});

it("a snapshot that the records do not come to is found, told, used for nothing more, and gone at the next start", () => {
  const { network, keeper, disk } = scene;
  const [at, kept] = snapshotIn(disk);
  const found = decode(logSnapshotRecord, kept.value!);
  const state = decodeSnapshot([found.piece]);
  for (const user of state.users.values()) user.username = "thief@example.test";
  const [piece] = encodeSnapshot(state);
  disk.set(at, { ...kept, value: encode(logSnapshotRecord, { ...found, piece: piece! }) });
  const events = restart(scene);
  for (let slice = 0; slice < 30; slice++) network.pass(100);
  expect(events()).toContainEqual(expect.objectContaining({ type: "authority.forked" }));
  expect(keeper.propose(keeper.next(KEY), ["signer-1"])).toMatchObject([{ code: "bad_record" }]);
  expect([...disk.values()].some((one) => one.kind === "log-snapshot" && one.value !== null)).toBe(false);
  const again = restart(scene);
  for (let slice = 0; slice < 30; slice++) network.pass(100);
  expect(heightAt(scene)).toBe(COUNT);
  expect(again().some((one) => one.type === "authority.forked")).toBe(false);
});
