/**
 * What a signer computes to check a user's authority for one signature, and to read one record of its own log at start.
 * Run: node packages/signer/bench/authority.bench.ts
 */
import { idOf, judge } from "@quorate/authority";
import { challengeFor, TestOrganisation } from "@quorate/authority/testing";
import { permit } from "../src/authority/permission.ts";

function median(times: readonly number[]): string {
  return `${times.toSorted((a, b) => a - b)[times.length >> 1]!.toFixed(3)} ms`;
}

function timed(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const organisation = new TestOrganisation();
const { state, admin, network, time } = organisation;
const make = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;
const path = `/keys/${idOf("key", organisation.act(make))}/signatures`;
const body = { kind: "Message", message: "00ff" };
const request = new TextEncoder().encode(JSON.stringify(body));

const permits = Array.from({ length: 2000 }, () => {
  const assertion = admin.assert(challengeFor(state, network, { method: "POST", path, body }, time));
  const encoded = new TextEncoder().encode(JSON.stringify(assertion));
  const head = { height: 1, hash: new Uint8Array(32) };
  const authority = { kind: "inline", organisation: state.id, head, method: "POST", path, assertion: encoded } as const;
  return timed(() => permit({ authority, request }, { state: () => state }, network, time));
});
console.log(`authority of one request: ${median(permits.slice(200))}`);

const records = Array.from({ length: 2000 }, () => {
  organisation.time += 1000;
  const record = organisation.record(make);
  const took = timed(() => judge(state, record, { network, now: null }));
  organisation.follow(record);
  return took;
});
console.log(`one record of an own log: ${median(records.slice(200))}`);
