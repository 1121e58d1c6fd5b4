import { idOf, keygenExecution } from "@quorate/authority";
import { testConfig, testSessions } from "@quorate/keygen/testing";
import { hex } from "@quorate/orders";
import { runLocally } from "@quorate/protocol/testing";
import { beforeAll, describe, expect, it } from "vitest";
import type { Key, KeyDetails } from "../api-client.ts";
import { EXIT } from "../exit.ts";
import { checkCertificate } from "./certificate.ts";

const RECORD = "5e".repeat(32);
const OTHER_RECORD = "5f".repeat(32);
const NAMES = ["virginia", "ohio", "montreal"];

/** A key as three honest signers make it, and as the API shows it. */
function make() {
  const id = idOf("key", RECORD);
  const executionId = new Uint8Array(keygenExecution(RECORD, id, 1));
  const config = { ...testConfig("ed25519", 2, 3), executionId };
  const state = runLocally(testSessions(config)).get(1);
  if (state?.kind !== "done") throw new Error("no key was made");
  const { keyId, publicKey, certificate } = state.output;
  const key: Key = {
    id,
    scheme: "EdDSA",
    curve: "ed25519",
    publicKey: hex(publicKey),
    status: "Active",
    dateCreated: "2026-01-01T00:00:00.000Z",
  };
  const details: KeyDetails = {
    id: key.id,
    keyId: hex(keyId),
    epoch: 0,
    suite: "ed25519",
    minSigners: 2,
    members: NAMES.map((node, at) => ({ identifier: at + 1, node })),
    certificate: hex(certificate),
    record: RECORD,
    commitmentLevels: {},
    presignatureLevels: [],
    addresses: {},
  };
  const nodes = config.participants.map((one, at) => {
    const name = NAMES[at]!;
    return { name, region: name, operator: name, publicKey: hex(one.publicKey) };
  });
  return { key, details, nodes };
}

describe("a certificate", () => {
  let made: ReturnType<typeof make>;
  beforeAll(() => {
    made = make();
  });

  it("of a key that the network's signers made verifies", () => {
    const { key, details, nodes } = made;
    expect(hex(checkCertificate(key, details, nodes).publicKey)).toBe(key.publicKey);
  });

  it.each<[string, (made: ReturnType<typeof make>) => Partial<ReturnType<typeof make>>]>([
    ["under another id", ({ key }) => ({ key: { ...key, id: "key-00000-00000-0000000000000000" } })],
    [
      "made for another record of the log",
      ({ key, details }) => ({
        key: { ...key, id: idOf("key", OTHER_RECORD) },
        details: { ...details, record: OTHER_RECORD },
      }),
    ],
    ["of which no record is named", ({ details }) => ({ details: { ...details, record: null } })],
    ["under another public key", ({ key }) => ({ key: { ...key, publicKey: "11".repeat(32) } })],
    ["with a lower threshold", ({ details }) => ({ details: { ...details, minSigners: 1 } })],
    ["with a holder less", ({ details }) => ({ details: { ...details, members: details.members.slice(1) } })],
    [
      "with holders in other places",
      ({ details }) => {
        const [one, two, three] = details.members.map(({ node }) => node);
        const members = [two!, one!, three!].map((node, at) => ({ identifier: at + 1, node }));
        return { details: { ...details, members } };
      },
    ],
    ["cut short", ({ details }) => ({ details: { ...details, certificate: details.certificate.slice(0, -2) } })],
    ["that is no hex", ({ details }) => ({ details: { ...details, certificate: "zz" } })],
    [
      "with a signature changed",
      ({ details }) => {
        const last = details.certificate.endsWith("0") ? "1" : "0";
        return { details: { ...details, certificate: details.certificate.slice(0, -1) + last } };
      },
    ],
  ])("%s is unsafe", (_, change) => {
    const { key, details, nodes } = { ...made, ...change(made) };
    expect(() => checkCertificate(key, details, nodes)).toThrow(expect.objectContaining({ exitCode: EXIT.safety }));
  });

  it("that a stranger to the network signed is unsafe, and says so", () => {
    const { key, details, nodes } = made;
    const others = nodes.map((node, at) => (at === 0 ? { ...node, publicKey: "22".repeat(32) } : node));
    const message = expect.stringContaining("participant 1 is not of this network");
    expect(() => checkCertificate(key, details, others)).toThrow(expect.objectContaining({ exitCode: 3, message }));
  });
});
