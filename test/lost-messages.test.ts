import { decode, encode } from "@quorate/curves";
import { hex, order, outcome } from "@quorate/orders";
import { unchecked } from "@quorate/orders/observe";
import { type PeerMessage, peerMessage } from "@quorate/signer/observe";
import { describe, expect, it } from "vitest";
import { type Passing, VirtualNetwork } from "./support/virtual-network.ts";

const MESSAGE = {
  EdDSA: { kind: "Message", message: "ab" },
  ECDSA: { kind: "Message", message: "ab", blockchainKind: "Evm" },
} as const;
/** Presignatures do not sign it: the signers run all rounds. */
const DIGEST = { kind: "Hash", hash: "ab".repeat(32) };

/** The last round of a run that makes shares: all hold theirs by then, and nobody uses it yet. */
const CONFIRMATIONS = 4;

const isCoordinators = ({ from, to }: Passing) => from === "coordinator" || to === "coordinator";

/** The name of what a message belongs to, of those that are to be told once: frames, orders of one execution, answers to them. */
function onceOnly(passing: Passing): string | undefined {
  const { from, to, bytes } = passing;
  if (!isCoordinators(passing)) {
    const said = decode(peerMessage, bytes);
    return said.kind === "frame" || said.kind === "pairBegin" ? said.kind : undefined;
  }
  const said = from === "coordinator" ? unchecked(order, bytes) : unchecked(outcome, bytes);
  return "executionId" in said ? `${said.kind} ${to}` : undefined;
}

/** What the coordinator says, or is told. */
function kindOf({ from, to, bytes }: Passing): string | undefined {
  if (from === "coordinator") return unchecked(order, bytes).kind;
  return to === "coordinator" ? unchecked(outcome, bytes).kind : undefined;
}

function frameOf(passing: Passing): Uint8Array | undefined {
  if (isCoordinators(passing)) return undefined;
  const said = decode(peerMessage, passing.bytes);
  return said.kind === "frame" ? said.frame : undefined;
}

/** Loses each message that `of` is true for, the first time that it is sent. */
function loseOnce(network: VirtualNetwork, of: (passing: Passing) => boolean): { lost: number } {
  const seen = new Set<string>();
  const count = { lost: 0 };
  network.intercept = (passing) => {
    const { from, to, bytes } = passing;
    if (!of(passing)) return bytes;
    const name = `${from} ${to} ${hex(bytes)}`;
    if (seen.has(name)) return bytes;
    seen.add(name);
    count.lost += 1;
    return undefined;
  };
  return count;
}

/** What was said twice, though once is enough; and what signers asked one another for. */
function repeated(network: VirtualNetwork): readonly string[] {
  const names = network.traffic.flatMap((one) => {
    const kind = onceOnly(one);
    return kind === undefined ? [] : [`${one.from} ${one.to} ${kind} ${hex(one.bytes)}`];
  });
  const asked = network.traffic.filter((one) => !isCoordinators(one) && isLacking(one.bytes));
  return [...names.filter((name, at) => names.indexOf(name) < at), ...asked.map(({ from }) => `${from} asked`)];
}

function isLacking(bytes: Uint8Array): boolean {
  return decode(peerMessage, bytes).kind === "lacking";
}

describe("where nothing is lost", () => {
  it("nothing is said twice: not for pairs, keys and signatures, nor by the time that all of it is forgotten", () => {
    const network = new VirtualNetwork({ signers: 3, minSigners: 2, pairs: "made" });
    for (const scheme of ["EdDSA", "ECDSA"] as const) {
      const key = network.madeKey(scheme);
      expect(network.sign(key, MESSAGE[scheme])).toMatchObject({ ok: { status: "Signed" } });
      if (scheme === "ECDSA") expect(network.sign(key, DIGEST)).toMatchObject({ ok: { status: "Signed" } });
    }
    network.pass(60_000);
    expect(repeated(network)).toEqual([]);
  });
});

describe("each of these messages is lost once, and the first attempt signs all the same", () => {
  const cases: readonly (readonly [string, keyof typeof MESSAGE, (passing: Passing) => boolean])[] = [
    ...[1, 2, 3].map((round) => {
      return [
        `frames of round ${round} of an ECDSA signature`,
        "ECDSA",
        (one: Passing) => frameOf(one)?.[16] === round,
      ] as const;
    }),
    ["all frames", "ECDSA", (one) => frameOf(one) !== undefined],
    ["orders for an ECDSA signature", "ECDSA", (one) => onceOnly(one)?.startsWith("signInteractive") === true],
    ["answers to them", "ECDSA", (one) => onceOnly(one)?.startsWith("ecdsaShares") === true],
    ["orders, answers and frames", "ECDSA", (one) => onceOnly(one) !== undefined],
    ["commitments that signers exchange for an EdDSA signature", "EdDSA", (one) => frameOf(one) !== undefined],
    ["orders and answers for an EdDSA signature", "EdDSA", (one) => isCoordinators(one) && onceOnly(one) !== undefined],
  ];
  it.each(cases)("%s", (_, scheme, of) => {
    const network = new VirtualNetwork({ signers: 3, minSigners: 3, pairs: "stored" });
    const key = network.madeKey(scheme);
    if (scheme === "EdDSA") network.forgetCommitments();
    const count = loseOnce(network, of);
    const result = network.sign(key, scheme === "ECDSA" ? DIGEST : MESSAGE.EdDSA);
    expect(result).toMatchObject({ ok: { status: "Signed" } });
    expect("ok" in result && result.ok.attempts.length).toBe(1);
    expect(count.lost).toBeGreaterThan(2);
  });
});

describe("each message of a kind is lost once", () => {
  it("and a key is made all the same", () => {
    const network = new VirtualNetwork({ signers: 3, minSigners: 3, pairs: "stored" });
    const count = loseOnce(network, (one) => onceOnly(one) !== undefined);
    network.madeKey("ECDSA");
    expect(count.lost).toBeGreaterThan(20);
  });

  it("and pairs are set up all the same", () => {
    const network = new VirtualNetwork({ signers: 2, minSigners: 2, pairs: "made" });
    const again = network.snapshot("signer-1");
    for (const [name, record] of again) if (record.kind === "pair") again.delete(name);
    const count = loseOnce(network, (one) => onceOnly(one) !== undefined);
    network.restore("signer-1", again);
    network.until(
      () => count.lost > 2 && [...network.signers.values()].every((one) => one.pairs()[0]?.state === "ready"),
    );
  });
});

describe("what signers say of themselves as a coordinator comes back", () => {
  it.each(["EdDSA", "ECDSA"] as const)("may be lost: it is asked for once an %s signature needs it", (scheme) => {
    const network = new VirtualNetwork({ pairs: scheme === "ECDSA" ? "stored" : "none" });
    const key = network.madeKey(scheme);
    network.killCoordinator();
    network.intercept = ({ to, bytes }) => (to === "coordinator" ? undefined : bytes);
    network.restartCoordinator();
    network.pass(5000);
    network.intercept = ({ bytes }) => bytes;
    expect(network.sign(key, MESSAGE[scheme])).toMatchObject({ ok: { status: "Signed" } });
  });
});

describe("what signers say of their pairs", () => {
  it("may be lost: it is asked for once an ECDSA signature needs it", () => {
    const network = new VirtualNetwork({ pairs: "stored" });
    const key = network.madeKey("ECDSA");
    network.killCoordinator();
    network.intercept = (one) => (kindOf(one) === "pairs" ? undefined : one.bytes);
    network.restartCoordinator();
    network.pass(5000);
    network.intercept = ({ bytes }) => bytes;
    expect(network.sign(key, MESSAGE.ECDSA)).toMatchObject({ ok: { status: "Signed" } });
  });
});

describe("signers with shares of a later epoch beside those in use, whose run nobody ever ended", () => {
  it("are asked for their keys as others are, and nothing goes back and forth afterwards", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey("EdDSA");
    const kinds = () => network.traffic.filter(isCoordinators).map((one) => kindOf(one));
    network.intercept = (one) => (frameOf(one)?.[16] === CONFIRMATIONS ? undefined : one.bytes);
    network.refreshKey(key);
    expect([...network.disks.get("signer-1")!.values()].filter((one) => one.kind === "share")).toHaveLength(2);
    network.killCoordinator();
    network.intercept = ({ to, bytes }) => (to === "coordinator" ? undefined : bytes);
    network.restartCoordinator();
    network.pass(5000);
    network.intercept = ({ bytes }) => bytes;
    expect(network.sign(key, MESSAGE.EdDSA)).toMatchObject({ ok: { status: "Signed" } });
    network.pass(1000);
    const told = kinds().length;
    network.pass(20_000);
    expect(
      kinds()
        .slice(told)
        .filter((kind) => kind === "certify" || kind === "holdings"),
    ).toEqual([]);
  });
});

describe("a signer that asks without end for frames of a session", () => {
  it("gets them at most twice a second, while it runs and afterwards, and disturbs nobody", () => {
    const network = new VirtualNetwork({ signers: 3, minSigners: 3, pairs: "stored" });
    const key = network.madeKey("ECDSA");
    const before = network.traffic.length;
    expect(network.sign(key, DIGEST)).toMatchObject({ ok: { status: "Signed" } });
    const sent = network.traffic.slice(before).filter((one) => one.from === "signer-1" && one.to === "signer-2");
    const frames = sent.flatMap((one) => frameOf(one) ?? []);
    const ask: PeerMessage = { kind: "lacking", executionId: frames[0]!.slice(0, 16), round: 0 };
    const from = network.traffic.length;
    for (let ms = 0; ms < 20_000; ms += 10) {
      network.signers.get("signer-1")!.receive("signer-2", encode(peerMessage, ask));
      network.pass(10);
    }
    const again = network.traffic.slice(from).filter((one) => one.from === "signer-1" && frameOf(one) !== undefined);
    expect(again.length).toBeGreaterThan(frames.length * 20);
    expect(again.length).toBeLessThanOrEqual(frames.length * 31); // for the fifteen seconds that it is remembered
    expect(network.sign(key, DIGEST)).toMatchObject({ ok: { status: "Signed", attempts: [{}] } });
  });

  it("gets none of a session in which it takes no part", () => {
    const network = new VirtualNetwork({ signers: 4, minSigners: 3, pairs: "stored" });
    const key = network.madeKey("ECDSA");
    const before = network.traffic.length;
    const result = network.sign(key, DIGEST);
    const [signers] = "ok" in result ? result.ok.attempts.map((one) => one.signers) : [];
    const [member] = signers!;
    const stranger = [...network.signers.keys()].find((one) => !signers!.includes(one))!;
    const frames = network.traffic.slice(before).flatMap((one) => (one.from === member ? (frameOf(one) ?? []) : []));
    const ask: PeerMessage = { kind: "lacking", executionId: frames[0]!.slice(0, 16), round: 0 };
    const from = network.traffic.length;
    network.signers.get(member!)!.receive(stranger, encode(peerMessage, ask));
    network.pass(1000);
    expect(network.traffic.slice(from).filter((one) => frameOf(one) !== undefined)).toEqual([]);
  });
});
