import { type CoordinatorFault, FAULTS, type Fault, type FaultKind, type SignerFault } from "@quorate/faults";
import { PRESETS, REGIONS } from "@quorate/regions";
import { Chance } from "./chance.ts";
import type { Scenario, Timed } from "./scenario.ts";
import { topologyOf } from "./topology.ts";

/** How bad the weather is. */
export const PROFILES = {
  calm: "delays and jitter, a lost message now and then",
  stormy: "crashes, pauses, partitions, loss, slow and full disks, wrong clocks",
  hostile: "all of that, and malicious signers, a lying coordinator, damaged and restored disks",
} as const;
export type Profile = keyof typeof PROFILES;

const SCHEMES = [
  { scheme: "EdDSA", curve: "ed25519" },
  { scheme: "Schnorr", curve: "secp256k1" },
  { scheme: "ECDSA", curve: "secp256k1" },
] as const;

const lies = (on: "signer" | "coordinator") => {
  return (Object.keys(FAULTS) as FaultKind[]).filter((kind) => FAULTS[kind].on === on);
};
const SIGNER_LIES = lies("signer") as SignerFault["kind"][];
const COORDINATOR_LIES = lies("coordinator") as CoordinatorFault["kind"][];

/** How long requests come, milliseconds. */
const OVER_MS = 20_000;

/** Draws a scenario from its seed: who is where, who asks for what, and what goes wrong when. */
export function swarm(seed: string, profile: Profile, crypto: Scenario["crypto"]): Scenario {
  const chance = new Chance(`swarm ${profile} ${seed}`);
  const network = drawNetwork(chance);
  const signers = topologyOf(network.regions, network.minSigners).signers.map((one) => one.name);
  const core = chance
    .sample(signers, network.minSigners + chance.integer(signers.length - network.minSigners + 1))
    .sort();
  const workload = {
    keys: chance.sample(SCHEMES, 1 + chance.integer(2)),
    requests: 4 + chance.integer(12),
    ...{ overMs: OVER_MS, deadlineMs: chance.pick([2000, 30_000, 30_000]), duplicates: 0.2 },
    keysMeanwhile: profile === "calm" ? 0 : chance.integer(3),
  };
  const others = signers.filter((one) => !core.includes(one));
  const liars = chance.sample(others, network.minSigners - 1);
  const timeline = drawTimeline(chance, profile, { signers, core, liars });
  const halts = profile === "calm" ? [] : drawHalts(chance, signers.length);
  return { seed, network, crypto, workload, timeline, halts, core };
}

function drawNetwork(chance: Chance): Scenario["network"] {
  const [minSigners, signers] = chance.pick([
    [2, 3],
    [3, 5],
    [3, 5],
    [3, 5],
    [2, 4],
    [4, 7],
  ] as const);
  const preset = chance.pick(Object.values(PRESETS));
  const anywhere = chance.sample(REGIONS, signers).map((one) => one.name);
  return {
    regions: signers <= preset.length && chance.happens(0.5) ? preset.slice(0, signers) : anywhere,
    minSigners,
    coordinators: chance.happens(0.2) ? 2 : 1,
    jitter: chance.pick([0, 1.5, 1.5, 3]),
    writeMs: chance.pick([0, 1, 5, 20]),
  };
}

/** Whose operator stops them has signers that go on before the core is needed. */
function drawHalts(chance: Chance, signers: number): NonNullable<Scenario["halts"]> {
  if (!chance.happens(0.2)) return [];
  const operator = `operator-${1 + chance.integer(signers)}`;
  return [{ atMs: chance.between(0, OVER_MS), forMs: chance.between(500, 8000), operator }];
}

interface Nodes {
  readonly signers: readonly string[];
  readonly core: readonly string[];
  /** Those outside the core who may be malicious: fewer than a quorum. */
  readonly liars: readonly string[];
}

function drawTimeline(chance: Chance, profile: Profile, nodes: Nodes): readonly Timed[] {
  const count = profile === "calm" ? chance.integer(3) : 1 + chance.integer(8);
  const timeline: Timed[] = [];
  for (let at = 0; at < count; at++) {
    const fault = drawFault(chance, profile, nodes);
    if (fault !== undefined)
      timeline.push({ atMs: chance.between(0, OVER_MS), forMs: chance.between(200, 12_000), fault });
  }
  if (profile === "hostile" && chance.happens(0.2)) timeline.push(...drawPairing(chance, nodes));
  return timeline.sort((a, b) => a.atMs - b.atMs);
}

/** A signer outside the core that lost a setup makes it anew, lies while it does where it may, and falls in the middle. */
function drawPairing(chance: Chance, { signers, core, liars }: Nodes): readonly Timed[] {
  const others = signers.filter((one) => !core.includes(one));
  if (others.length === 0) return [];
  const node = chance.pick(chance.happens(0.5) && liars.length > 0 ? liars : others);
  const atMs = chance.between(0, OVER_MS);
  const lie = { kind: chance.pick(SIGNER_LIES), node };
  return [
    { atMs, fault: { kind: "bit-flip", node, record: "pair" } },
    { atMs, forMs: 100, fault: { kind: "crash", node } },
    ...(liars.includes(node) ? [{ atMs, forMs: 10_000, fault: lie }] : []),
    { atMs: atMs + chance.between(200, 2000), forMs: 1000, fault: { kind: "crash", node } },
  ];
}

function drawFault(chance: Chance, profile: Profile, nodes: Nodes): Fault | undefined {
  if (profile === "calm") return mild(chance, nodes);
  if (profile === "hostile" && chance.happens(0.4)) return lasting(chance, nodes);
  return chance.happens(0.2) ? mild(chance, nodes) : storm(chance, nodes);
}

function linkOf(chance: Chance, { signers }: Nodes): string {
  const [a, b] = chance.sample(["coordinator", ...signers], 2);
  return chance.pick([`${a}->${b}`, `${a}<->${b}`, `${a}`]);
}

function mild(chance: Chance, nodes: Nodes): Fault {
  const link = linkOf(chance, nodes);
  return chance.pick<() => Fault>([
    () => ({ kind: "delay", link, ms: chance.between(1, 300) }),
    () => ({ kind: "loss", link, probability: chance.between(0, 0.1) }),
    () => ({ kind: "duplicate", link, probability: chance.between(0, 0.3) }),
    () => ({ kind: "reorder", link, probability: chance.between(0, 0.3) }),
  ])();
}

/** What passes, and leaves nothing behind. */
function storm(chance: Chance, nodes: Nodes): Fault {
  const link = linkOf(chance, nodes);
  const signer = chance.pick(nodes.signers);
  const node = chance.happens(0.2) ? "coordinator" : signer;
  return chance.pick<() => Fault>([
    () => ({ kind: "crash", node }),
    () => ({ kind: "crash", node, round: 1 + chance.integer(6) }),
    () => ({ kind: "pause", node }),
    () => ({ kind: "slow", node: signer, factor: chance.between(2, 200) }),
    () => ({ kind: "disk-full", node: signer }),
    () => ({ kind: "disk-slow", node: signer, ms: chance.between(10, 2000) }),
    () => ({ kind: "clock", node: signer, skewMs: chance.between(-300_000, 300_000) }),
    () => ({ kind: "clock", node: signer, driftPpm: chance.between(-500, 500) }),
    () => ({ kind: "partition", link }),
    () => ({ kind: "partition", link }),
    () => ({ kind: "flap", link, everyMs: chance.between(500, 5000) }),
    () => ({ kind: "loss", link, probability: chance.between(0.1, 0.6) }),
    () => ({ kind: "throttle", link, bytesPerSecond: chance.between(500, 50_000) }),
  ])();
}

/** What does not heal by itself, on signers outside the core only; and a coordinator that lies for a while. */
function lasting(chance: Chance, { signers, core, liars }: Nodes): Fault | undefined {
  const others = signers.filter((one) => !core.includes(one));
  if (chance.happens(0.3)) return { kind: chance.pick(COORDINATOR_LIES) };
  if (others.length === 0) return undefined;
  const node = chance.pick(others);
  if (chance.happens(0.75) && liars.length > 0) return { kind: chance.pick(SIGNER_LIES), node: chance.pick(liars) };
  return chance.pick<() => Fault>([
    () => ({ kind: "bit-flip", node, record: chance.pick(["share", "certificate", "pair", "binding"]) }),
    () => ({ kind: "swap", node, record: chance.pick(["share", "pair"]) }),
    () => ({ kind: "rollback", node }),
  ])();
}
