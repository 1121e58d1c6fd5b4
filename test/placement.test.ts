import type { KeyRecord, Result } from "@quorate/coordinator";
import { type Form, floorOf, PRESETS, plan, type Scheme } from "@quorate/regions";
import { Client, cryptoOf, Simulation, type Topology, warmDisks } from "@quorate/simulator";
import { beforeAll, describe, expect, it } from "vitest";

const minSigners = 3;
/** Computing takes no virtual time whoever does it. */
const CRYPTO = cryptoOf("model");
/** The coordinator is where no signer is, and two signers share a region. */
const MIXED = { coordinator: "london", signers: ["tokyo", "virginia", "paris", "virginia", "sydney"] };
const PLACED = [
  ["global", { coordinator: PRESETS.global[0], signers: PRESETS.global }],
  ["a mixed placement", MIXED],
] as const;

type Places = (typeof PLACED)[number][1];

/** A simulated network with one key, as soon as that is made. */
function started({ coordinator, signers }: Places, scheme: Scheme, jitter = 0) {
  const topology: Topology = {
    minSigners,
    signers: signers.map((region, at) => ({ name: `signer-${at + 1}`, region, operator: `operator-${at + 1}` })),
    coordinators: [{ name: "coordinator", region: coordinator, operator: "operator-1" }],
  };
  const simulation = new Simulation({
    seed: "1",
    topology,
    jitter,
    crypto: CRYPTO,
    disks: warmDisks(signers.length, CRYPTO),
  });
  simulation.timeline.pass(5000);
  const client = new Client(simulation);
  let made: Result<KeyRecord> | undefined;
  client.createKey(scheme, scheme === "EdDSA" ? "ed25519" : "secp256k1", (result) => {
    made = result;
  });
  simulation.until(() => made !== undefined);
  if (made === undefined || "error" in made) throw new Error("no key was made");
  return { simulation, client, key: made.ok };
}

/** The form of one signature, and the virtual milliseconds that it takes. */
function signed({ simulation, client, key }: ReturnType<typeof started>, body: Readonly<Record<string, unknown>>) {
  const asking = client.ask(key, body);
  simulation.until(() => asking.endedMs !== undefined);
  const [answer] = asking.answers;
  if (answer === undefined || "error" in answer) throw new Error("nothing was signed");
  return { form: answer.ok.attempts[0]!.form, ms: asking.endedMs! - asking.askedMs };
}

const MESSAGE = { kind: "Message", message: "0x00" };
/** How many with jitter. */
const SIGNATURES = 100;

beforeAll(() => void warmDisks(5, CRYPTO), 180_000);

describe.each(PLACED)("in %s a signature takes the time that is planned with", (_, places) => {
  const floor = (form: Form) => floorOf({ ...places, minSigners }, form);

  it.each<[Scheme, number, Readonly<Record<string, unknown>>]>([
    ["EdDSA", 0, MESSAGE],
    ["Schnorr", 0, { kind: "Hash", hash: "11".repeat(32), taprootMerkleRoot: "" }],
    ["ECDSA", 5000, { ...MESSAGE, blockchainKind: "Evm" }],
  ])("with %s, by all rounds and then with what lies ready", (scheme, settledMs, body) => {
    const network = started(places, scheme);
    network.simulation.timeline.pass(settledMs);
    const first = signed(network, body);
    expect(first.form).toBe(scheme === "ECDSA" ? "interactive" : "two-round");
    expect(first.ms).toBeCloseTo(floor({ scheme, interactive: true }), 6);
    network.simulation.timeline.pass(20_000);
    const second = signed(network, body);
    expect(second.form).toBe("one-round");
    expect(second.ms).toBeCloseTo(floor({ scheme, interactive: false }), 6);
  });
});

describe("with jitter", () => {
  it("the median is the one that is planned with, and few signatures take longer than the planned 99th percentile", () => {
    const { coordinator, signers } = PLACED[0][1];
    const network = started({ coordinator, signers }, "EdDSA", 1.5);
    const times: number[] = [];
    while (times.length < SIGNATURES) {
      network.simulation.timeline.pass(2000);
      times.push(signed(network, { kind: "Message", message: `0x${times.length.toString(16).padStart(4, "0")}` }).ms);
    }
    times.sort((a, b) => a - b);
    const candidates = signers.map((region) => ({ region, count: 1 }));
    const [planned] = plan({
      ...{ candidates, maxSigners: signers.length, minSigners, users: [], survive: {}, coordinator },
      ...{ form: { scheme: "EdDSA", interactive: false }, rankBy: "p50", top: 1, jitter: 1.5, userTrips: 1 },
    }).placements;
    const { p50, p99 } = planned!.signature;
    expect(Math.abs(times[SIGNATURES / 2]! / p50 - 1)).toBeLessThan(0.03);
    expect(times.filter((time) => time > p99).length).toBeLessThanOrEqual(0.05 * SIGNATURES);
    expect(times.at(-1)!).toBeGreaterThan(p50 * 1.05);
  });
});
