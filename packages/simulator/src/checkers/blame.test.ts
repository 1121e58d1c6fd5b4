import { decode, encode } from "@quorate/curves";
import type { RecordWrite } from "@quorate/orders";
import { type VerdictRecord, verdictRecord } from "@quorate/vault";
import { beforeAll, expect, test } from "vitest";
import type { Observers } from "../observer.ts";
import { Recorded } from "../testing/recorded.ts";
import { checkersOf } from "./index.ts";

let run: Recorded;
let verdict: RecordWrite;

beforeAll(() => {
  const share = (right: Uint8Array) => right.with(0, right[0]! ^ 1);
  run = new Recorded("model", 3, { signers: new Map([["signer-1", { share }]]), coordinators: new Map() });
  const key = run.makeKey("EdDSA", "ed25519");
  const [answer] = run.sign(key, { kind: "Message", message: "0x01" }).answers;
  expect(answer).toMatchObject({ ok: { status: "Signed" } });
  run.simulation.timeline.pass(1000);
  verdict = run.written.flatMap(([, batch]) => batch).find((one) => one.kind === "verdict")!;
}, 180_000);

function found(happens: (tell: Observers) => void, faulty: readonly string[] = ["signer-1"]) {
  const checkers = checkersOf(run.simulation, [run.client], { faulty: new Set(faulty) });
  happens(run.simulation.observers);
  return checkers.violations.map(({ property, text }) => `${property}: ${text}`);
}

test("nothing is found where a wrong share is held against its sender", () => {
  expect(run.checkers.finish(new Set(run.simulation.machines.keys()))).toEqual([]);
  expect(run.checkers.coverage["verdict in signing"]).toBe(1);
  expect(found((tell) => tell.written("signer-2", [verdict], "ok"))).toEqual([]);
});

test("the same verdict is found where the accused is honest", () => {
  const names = found((tell) => tell.written("signer-2", [verdict], "ok"), []);
  expect(names).toEqual([expect.stringMatching(/^honest-never-blamed: signer-1/)]);
});

test("a verdict whose evidence proves nothing, is of another or is none is found", () => {
  const kept = (change: (record: VerdictRecord) => Partial<VerdictRecord>) => {
    const record = decode(verdictRecord, verdict.value!);
    const value = encode(verdictRecord, { ...record, ...change(record) });
    return found((tell) => tell.written("signer-2", [{ ...verdict, value }], "ok"), ["signer-1", "signer-3"]);
  };
  const text = ({ document }: VerdictRecord) => new TextDecoder().decode(document);
  const bytes = (document: string) => ({ document: new TextEncoder().encode(document) });
  const kinds = [
    kept(() => ({ accused: "signer-3" })),
    kept((record) => bytes(text(record).replace(/"evidence":"...../, '"evidence":"AAAAA'))),
    kept((record) => bytes(text(record).slice(1))),
  ];
  expect(kinds).toEqual([
    [expect.stringMatching(/^blame-is-sound: .* but the evidence is of signer-1$/)],
    [expect.stringMatching(/^blame-is-sound: keeps a verdict/)],
    [expect.stringMatching(/^blame-is-sound: .* that is no evidence/)],
  ]);
});

test("who is named for a time-out is found to be named for no fault", () => {
  const stopped = { type: "session.aborted", execution: "00", waitingFor: [1] };
  const all = found((tell) => {
    tell.event("signer-2", { ...stopped, code: "timeout", culprits: [] });
    tell.event("signer-2", { ...stopped, code: "bad_proof", culprits: [1] });
    tell.event("signer-2", { ...stopped, code: "timeout", culprits: [1] });
  });
  expect(all).toEqual(["blame-is-sound: names somebody for the timeout of 00"]);
});
