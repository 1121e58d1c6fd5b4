import { describe, expect, it } from "vitest";
import { TestOrganisation, TestUser } from "../testing/organisation.ts";
import { idOf } from "./identifiers.ts";
import { found, judge } from "./judge.ts";
import { decodeLogRecord, encodeLogRecord, type LogRecord } from "./record.ts";

const MAKE_ACCOUNT = (publicKey: string) => {
  return { method: "POST", path: "/auth/service-accounts", body: { name: "robot", publicKey } } as const;
};

function withAccount() {
  const organisation = new TestOrganisation();
  const robot = new TestUser();
  const hash = organisation.act(MAKE_ACCOUNT(robot.publicKey));
  return { organisation, robot, id: idOf("us", hash), token: idOf("to", hash) };
}

describe("a log", () => {
  it("comes to the same state when its records are read again from their bytes", () => {
    const { organisation } = withAccount();
    organisation.act({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } });
    const [first, ...rest] = organisation.records.map((one) => decodeLogRecord(encodeLogRecord(one)));
    const again = found(first!);
    for (const record of rest) judge(again, record, { network: organisation.network, now: null }).apply();
    expect(again).toEqual(organisation.state);
  });

  it("names what a record creates by the record's hash", () => {
    const { organisation, id, token } = withAccount();
    expect(organisation.state.users.get(id)).toMatchObject({
      kind: "ServiceAccount",
      username: "robot",
      isActive: true,
    });
    expect(organisation.state.tokens.get(token)).toMatchObject({ user: id, isActive: true });
  });

  it("takes nothing from a service account without permission, names the operation, and takes it once that is assigned", () => {
    const { organisation, robot, token } = withAccount();
    const { credential } = organisation.state.tokens.get(token)!;
    const { credentialId } = organisation.state.credentials.get(credential)!;
    const make = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;
    expect(() => organisation.act(make, robot.as(credentialId))).toThrow("is not permitted Keys:Create");
  });
});

describe("a record is refused", () => {
  const changed = (change: (record: LogRecord) => LogRecord) => () => {
    const organisation = new TestOrganisation();
    organisation.follow(change(organisation.record(MAKE_ACCOUNT(new TestUser().publicKey))));
  };
  const action = (part: Partial<LogRecord["action"]>) =>
    changed((one) => ({ ...one, action: { ...one.action, ...part } }));

  it.each<[string, string, () => void]>([
    ["nobody signed", "nobody signed this action", action({ proof: null })],
    [
      "another body was signed",
      "body: the user signed",
      action({ body: { name: "other", publicKey: new TestUser().publicKey } }),
    ],
    ["another path was signed", "path: the user signed", action({ path: "/keys" })],
    ["no action has its path", "is no action of a log", action({ path: "/auth/elsewhere" })],
    ["it skips a height", "does not follow", changed((one) => ({ ...one, height: 2 }))],
    ["it follows another record", "does not follow", changed((one) => ({ ...one, previous: "00".repeat(32) }))],
    ["it is of another organisation", "another organisation", changed((one) => ({ ...one, organisation: "or-other" }))],
    [
      "its time is before the record below",
      "before the record below",
      changed((one) => ({ ...one, time: one.time - 1 })),
    ],
    ["its time is ahead of this clock", "ahead of", changed((one) => ({ ...one, time: one.time + 60_001 }))],
  ])("when %s", (_, message, attempt) => expect(attempt).toThrow(message));

  it.each<[string, string, Parameters<TestOrganisation["record"]>[2]]>([
    ["for a login", "purpose login", { purpose: "login" }],
    ["for another network", "network: the user signed", { network: "other" }],
    ["for another organisation", "organisation: the user signed", { organisation: "or-other" }],
    ["that has expired", "expired", { expires: 1_790_000_000_000 - 60_001 }],
    ["that lives too long", "more than an hour", { expires: 1_790_000_000_000 + 3_661_000 }],
    [
      "that names things that the action does not refer to",
      "does not name what stands behind",
      { refs: { x: "00".repeat(32) } },
    ],
  ])("when its challenge is one %s", (_, message, changes) => {
    const organisation = new TestOrganisation();
    const asked = MAKE_ACCOUNT(new TestUser().publicKey);
    expect(() => organisation.follow(organisation.record(asked, organisation.admin, changes))).toThrow(message);
  });

  it("when its authorisation was used by an earlier one", () => {
    const organisation = new TestOrganisation();
    const first = organisation.record({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } });
    const hash = organisation.follow(first);
    const again = { ...first, height: 2, previous: hash };
    expect(() => organisation.follow(again)).toThrow("was used for an earlier record");
  });

  it("when a stranger signed it, or somebody who was deactivated since", () => {
    const { organisation, robot, id, token } = withAccount();
    const { credential } = organisation.state.tokens.get(token)!;
    const { credentialId } = organisation.state.credentials.get(credential)!;
    const asked = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;
    expect(() => organisation.act(asked, new TestUser())).toThrow("no credential");
    organisation.act({ method: "PUT", path: `/auth/service-accounts/${id}/deactivate`, body: {} });
    expect(() => organisation.act(asked, robot.as(credentialId))).toThrow("is not active");
  });
});

describe("a record that is first seen late", () => {
  const asked = { method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } } as const;
  const seenAfter = (lateMs: number, expiresMs: number) => {
    const organisation = new TestOrganisation();
    const { time, admin } = organisation;
    const record = organisation.record(asked, admin, { expires: time + expiresMs });
    organisation.time += lateMs;
    return () => organisation.follow(record);
  };

  it("is taken for an hour, though its challenge has expired since it was made", () => {
    expect(seenAfter(20 * 60_000, 10_000)).not.toThrow();
    expect(seenAfter(60 * 60_000, 10_000)).not.toThrow();
  });

  it("is refused after more than an hour", () => {
    expect(seenAfter(60 * 60_000 + 1, 10_000)).toThrow("behind this node's clock");
  });

  it("is refused when its challenge had expired at its own time", () => {
    expect(seenAfter(1000, -60_001)).toThrow("expired");
  });

  it("cannot be dated before the record below it", () => {
    const organisation = new TestOrganisation();
    organisation.time += 1000;
    organisation.act(asked);
    const record = { ...organisation.record(asked), time: organisation.time - 1 };
    expect(() => organisation.follow(record)).toThrow("before the record below");
  });
});
