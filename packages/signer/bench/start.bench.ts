/**
 * What a signer computes at start for the log of an organisation: from a snapshot of so many users, and from records one by one.
 * The users of the snapshot are put into the state without records: what a start from it costs depends on the state alone. Reading the
 * database is not in it.
 * Run: node packages/signer/bench/start.bench.ts [users] [records]
 */
import { createHash, randomBytes } from "node:crypto";
import {
  decodeLogRecord,
  decodeSnapshot,
  encodeLogRecord,
  encodeSnapshot,
  found,
  judge,
  type Organisation,
  snapshotDigest,
} from "@quorate/authority";
import { TestOrganisation, TestUser } from "@quorate/authority/testing";
import { Secret } from "@quorate/curves";
import { open, seal, storageKey } from "@quorate/vault";

const users = Number(process.argv[2] ?? 100_000);
const count = Number(process.argv[3] ?? 2000);

function timed<T>(name: string, work: () => T): T {
  const [start, before] = [performance.now(), process.threadCpuUsage()];
  const made = work();
  const { user, system } = process.threadCpuUsage(before);
  console.log(
    `${name}: ${(performance.now() - start).toFixed(0)} ms, ${((user + system) / 1000).toFixed(0)} ms of this thread`,
  );
  return made;
}

function populate(state: Organisation): void {
  const user = [...state.users.values()][0]!;
  const credential = [...state.credentials.values()][0]!;
  for (let at = 0; at < users; at++) {
    const digest = createHash("sha256").update(String(at)).digest();
    const [id, uuid] = ["us", "cr"].map((prefix) => `${prefix}-${digest.toString("hex").slice(0, 26)}`) as [
      string,
      string,
    ];
    const credentialId = digest.toString("base64url");
    state.users.set(id, { ...user, id, username: `user-${at}@example.test` });
    state.credentials.set(uuid, { ...credential, uuid, credentialId, user: id, fingerprint: digest.toString("hex") });
    state.credentialIds.set(credentialId, uuid);
  }
}

function fromSnapshot(): void {
  const { state } = new TestOrganisation();
  populate(state);
  const pieces = timed(`take a snapshot of ${users} users`, () => encodeSnapshot(state));
  const key = storageKey(new Secret(randomBytes(32)));
  const binding = { network: new Uint8Array(32), node: "signer-1", kind: "log-snapshot", id: state.id, epoch: 0 };
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const sealed = timed("seal it", () => pieces.map((piece) => seal(key, binding, piece, random)));
  const bytes = sealed.reduce((sum, one) => sum + one.length, 0);
  console.log(`${sealed.length} pieces, ${(bytes / 1e6).toFixed(1)} MB`);
  const again = timed(`start from it (open, decode, name)`, () => {
    const opened = sealed.map((one) => {
      const read = open(key, binding, one);
      if (read.state !== "present") throw new Error(read.state);
      return read.value;
    });
    snapshotDigest(opened);
    return decodeSnapshot(opened);
  });
  if (again.users.size !== state.users.size) throw new Error("another state came back");
}

/** Without the countersignatures, of which each costs another verification. */
function fromRecords(): void {
  const organisation = new TestOrganisation();
  for (let at = 0; at < count; at++) {
    organisation.time += 1000;
    const body = { name: `robot ${at}`, publicKey: new TestUser().publicKey };
    organisation.act({ method: "POST", path: "/auth/service-accounts", body });
  }
  const encoded = organisation.records.map(encodeLogRecord);
  timed(`start from ${count} records, without their countersignatures`, () => {
    const [first, ...rest] = encoded.map(decodeLogRecord);
    const state = found(first!);
    for (const record of rest) judge(state, record, { network: organisation.network, now: null }).apply();
  });
}

fromSnapshot();
fromRecords();
