import type { CoordinatorFault, SignerFault } from "@quorate/faults";
import { CoordinatorMisbehaviour } from "@quorate/faults/coordinator";
import { describe, expect, it } from "vitest";
import { refusalsOf } from "../support/audit.ts";
import { Liar, seededRandom } from "../support/liar.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const LIAR = "signer-2";
const body = (message: string) => ({ kind: "Message", message });

/** Everybody that an honest node named, by node. */
function named(network: VirtualNetwork): ReadonlySet<unknown> {
  const aborted = network.events.filter((one) => one.type === "session.aborted" && one.node !== LIAR);
  return new Set(aborted.flatMap((one) => one.culprits as readonly number[]));
}

/** Makes a key and signs twice with it while signer-2 lies, then once more when it is honest again. */
function lied(kind: SignerFault["kind"], more: Pick<SignerFault, "round" | "to"> = {}) {
  const liar = new Liar();
  const network = new VirtualNetwork({ behaviours: { [LIAR]: liar } });
  const key = network.madeKey();
  liar.begin(kind, more);
  const made = network.createKey("EdDSA", "ed25519");
  network.forgetCommitments();
  const signed = ["00", "01"].map((message) => network.sign(key, body(message)));
  network.pass(40_000);
  liar.clear();
  return { network, key, made, signed };
}

describe("a signer that lies among five of which three must sign", () => {
  it.each<[SignerFault["kind"], readonly number[]]>([
    ["bad-share", [2]],
    ["bad-proof", [2]],
    ["equivocate", [2]],
    ["invalid-points", [2]],
    ["wrong-length", [2]],
    ["selective-silence", []],
    ["wrong-share", []],
    ["silent", []],
    ["selective-abort", []],
  ])("and tells %s keeps nobody from a signature, and nobody honest is named", (kind, culprits) => {
    const { network, key, signed } = lied(kind);
    for (const one of signed) expect(one).toMatchObject({ ok: { status: "Signed" } });
    expect(named(network)).toEqual(new Set(culprits));
    expect(network.sign(key, body("02"))).toMatchObject({ ok: { status: "Signed" } });
    expect(network.createKey("EdDSA", "ed25519")).toMatchObject({ ok: { scheme: "EdDSA" } });
  });

  it.each<SignerFault["kind"]>(["spoof", "replay", "storm", "rush"])(
    "and does %s changes nothing: keys are made, requests signed, and nobody is named",
    (kind) => {
      const { network, made, signed } = lied(kind);
      expect(made).toMatchObject({ ok: { scheme: "EdDSA" } });
      for (const one of signed) expect(one).toMatchObject({ ok: { status: "Signed" } });
      expect(named(network)).toEqual(new Set());
    },
  );

  it("and rushes sends its frame of a round only when it has those of all others", () => {
    const liar = new Liar();
    const network = new VirtualNetwork({ behaviours: { [LIAR]: liar } });
    liar.begin("rush", { round: 1 });
    const id = network.namedKey({ scheme: "EdDSA", curve: "ed25519" });
    const before = network.traffic.length;
    const made = network.finished((reply) => network.coordinator.makeKey(network.organisation.id, id, {}, reply));
    expect(made).toMatchObject({ ok: {} });
    const others = network.traffic.slice(before).filter((one) => !one.to.startsWith("coordinator"));
    const first = others.findIndex((one) => one.from === LIAR);
    const toLiar = others.slice(0, first).filter((one) => one.to === LIAR && one.from !== "coordinator");
    expect(new Set(toLiar.map((one) => one.from))).toHaveProperty("size", 4);
  });

  it.each([1, 2, 3, 4])("and falls silent in round %i of a key's making is waited for, and not named", (round) => {
    const { network, made, signed } = lied("silent", { round });
    // In the last round it has all confirmations itself, and the coordinator takes the certificate to the others.
    expect(made).toMatchObject(round < 4 ? { error: {} } : { ok: {} });
    expect(named(network)).toEqual(new Set());
    for (const one of signed) expect(one).toMatchObject({ ok: { status: "Signed" } });
  });

  it("and breaks the extension of an ECDSA session is banned by whom it told, or named; nobody honest is", () => {
    const liar = new Liar();
    const behaviours = { [LIAR]: liar };
    const network = new VirtualNetwork({ signers: 4, minSigners: 3, pairs: "stored", behaviours });
    const key = network.madeKey("ECDSA");
    liar.begin("ot-failure");
    const digest = (byte: string) => ({ kind: "Hash", hash: byte.repeat(32) });
    expect(network.sign(key, digest("00"))).toMatchObject({ ok: { status: "Signed" } });
    network.pass(40_000);
    expect(named(network)).toEqual(new Set([2]));
    liar.clear();
    expect(network.sign(key, digest("01"))).toMatchObject({ ok: { status: "Signed" } });
  });
});

describe("a coordinator that lies to five signers of which three must sign", () => {
  function scene() {
    const misbehaviour = new CoordinatorMisbehaviour({ random: seededRandom("lies") });
    const network = new VirtualNetwork({ coordinatorBehaviour: misbehaviour });
    const key = network.madeKey();
    const honest = network.sign(key, body("00"));
    expect(honest).toMatchObject({ ok: { status: "Signed" } });
    return { misbehaviour, network, key };
  }

  it.each<[CoordinatorFault["kind"], string]>([
    ["coordinator:no-authority", "no_authorisation"],
    ["coordinator:altered-payload", "no_authorisation"],
    ["coordinator:different-messages", "no_authorisation"],
    ["coordinator:expired", "expired"],
    ["coordinator:bad-set", "invalid_order"],
  ])("and tells %s gets no signature: %s", (kind, code) => {
    const { misbehaviour, network, key } = scene();
    misbehaviour.inject("f", { kind });
    const result = network.sign(key, body("01"));
    network.pass(60_000);
    expect(result).not.toMatchObject({ ok: { status: "Signed" } });
    const codes = new Set([...network.signers.keys()].flatMap((signer) => refusalsOf(network, signer)));
    expect(codes).toContain(code);
    expect(named(network)).toEqual(new Set());
    misbehaviour.clear();
    expect(network.sign(key, body("02"))).toMatchObject({ ok: { status: "Signed" } });
  });

  it.each<[CoordinatorFault["kind"], string | undefined]>([
    ["coordinator:twice", "unknown_nonce"],
    ["coordinator:replay", "no_authorisation"],
    ["coordinator:drop-signer", undefined],
    ["coordinator:flood", undefined],
  ])("and tells %s gets one signature for each request, and nothing beyond: %s", (kind, code) => {
    const { misbehaviour, network, key } = scene();
    misbehaviour.inject("f", { kind });
    const results = ["01", "02"].map((message) => network.sign(key, body(message)));
    network.pass(60_000);
    const codes = new Set([...network.signers.keys()].flatMap((signer) => refusalsOf(network, signer)));
    if (code !== undefined) expect(codes).toContain(code);
    if (kind !== "coordinator:drop-signer") {
      for (const one of results) expect(one).toMatchObject({ ok: { status: "Signed" } });
    }
    expect(named(network)).toEqual(new Set());
    misbehaviour.clear();
    expect(network.sign(key, body("03"))).toMatchObject({ ok: { status: "Signed" } });
  });
});
