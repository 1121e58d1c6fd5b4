import { parseEvidence, verifyEvidence } from "@quorate/blame";
import type { SignerFault } from "@quorate/faults";
import { describe, expect, it } from "vitest";
import { Liar, seededRandom } from "../support/liar.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const HONEST = ["signer-1", "signer-3", "signer-4", "signer-5"];
const body = { kind: "Message", message: "68656c6c6f" };

function networkWith(name: string) {
  const misbehaviour = new Liar();
  return { network: new VirtualNetwork({ behaviours: { [name]: misbehaviour } }), misbehaviour };
}

/** Some links are fast and some slow. */
function latencies(seed: number): VirtualNetwork["latency"] {
  const random = seededRandom(`latencies ${seed}`);
  const links = new Map<string, number>();
  return ({ from, to }) => {
    const link = `${from} ${to}`;
    const [slow = 0, ms = 0] = random(2);
    const known = links.get(link) ?? Math.ceil(1 + ms * (slow < 80 ? 2 : 0.1));
    links.set(link, known);
    return known;
  };
}

/** The verdicts of a signer, with what their evidence comes to for somebody who has the network file alone. */
function verdictsOf(network: VirtualNetwork, name: string) {
  const { verdicts } = network.signers.get(name)!;
  return verdicts.list().map((verdict) => {
    let text: string | undefined;
    verdicts.evidence(verdict.id, false, (found) => (text = found));
    network.settle();
    return { ...verdict, finding: verifyEvidence(parseEvidence(text!), network.file) };
  });
}

/** Has signer-2 misbehave while a key is made. */
function spoiltKey(edit: SignerFault["kind"]) {
  const { network, misbehaviour } = networkWith("signer-2");
  misbehaviour.begin(edit);
  expect(() => network.madeKey()).toThrow();
  network.pass(5000);
  return network;
}

describe("a signer that breaks the making of a key", () => {
  it.each([
    ["equivocate", "equivocation"],
    ["bad-share", "bad_share"],
  ] as const)("by %s is kept as guilty by every honest signer, with evidence that holds for anybody", (edit, code) => {
    const network = spoiltKey(edit);
    const ids = HONEST.map((name) => {
      const [verdict, ...others] = verdictsOf(network, name);
      expect(others).toEqual([]);
      expect(verdict).toMatchObject({ accused: "signer-2", kind: "keygen", code, finding: { proven: true } });
      return verdict!.id;
    });
    expect(new Set(ids).size).toBe(1);
  });

  it("is kept as guilty by every honest signer, however long messages are under way between any two", () => {
    for (let seed = 21; seed <= 40; seed++) {
      const { network, misbehaviour } = networkWith("signer-2");
      network.latency = latencies(seed);
      misbehaviour.begin("equivocate");
      expect(() => network.madeKey()).toThrow();
      network.pass(5000);
      const verdicts = HONEST.map((name) => network.signers.get(name)!.verdicts.list());
      const guilty = { accused: "signer-2", kind: "keygen", code: "equivocation" };
      expect(verdicts, `with latencies ${seed}`).toMatchObject(HONEST.map(() => [guilty]));
    }
  });

  it("is still known as guilty after a restart", () => {
    const network = spoiltKey("equivocate");
    const before = verdictsOf(network, "signer-4");
    network.kill("signer-4");
    network.restart("signer-4");
    network.settle();
    expect(verdictsOf(network, "signer-4")).toEqual(before);
  });
});

describe("a signer that sends wrong shares", () => {
  it("is kept as guilty by all others, once for a key however often it does so", () => {
    const { network, misbehaviour } = networkWith("signer-1");
    const key = network.madeKey();
    misbehaviour.begin("wrong-share");
    const signedAnew = () => {
      network.forgetCommitments();
      expect(network.sign(key, body)).toMatchObject({ ok: { status: "Signed" } });
      network.pass(100);
    };
    signedAnew();
    const first = verdictsOf(network, "signer-2");
    signedAnew();
    expect(verdictsOf(network, "signer-2")).toEqual(first);
    for (const name of ["signer-2", "signer-3", "signer-4", "signer-5"]) {
      expect(verdictsOf(network, name)).toMatchObject([
        {
          accused: "signer-1",
          kind: "share",
          code: "bad_signature_share",
          keyId: key.keyId,
          finding: { proven: true },
        },
      ]);
    }
  });
});

describe("a signer that is silent, slow or cut off", () => {
  it("is found guilty by nobody", () => {
    const { network, misbehaviour } = networkWith("signer-2");
    const key = network.madeKey();
    misbehaviour.begin("silent");
    expect(network.sign(key, body)).toMatchObject({ ok: { status: "Signed" } });
    expect(() => network.madeKey()).toThrow();
    misbehaviour.clear();
    network.kill("signer-2");
    expect(() => network.madeKey()).toThrow();
    network.pass(60_000);
    for (const name of HONEST) expect(verdictsOf(network, name)).toEqual([]);
  });
});
