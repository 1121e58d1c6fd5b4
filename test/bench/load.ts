import type { LocalCluster } from "../cluster/local-cluster.ts";
import { Caller } from "../support/service-account.ts";

/** What is signed of each kind of key: a raw digest only where nothing else can be. */
export const BODIES = {
  EdDSA: { kind: "Message", message: "68656c6c6f" },
  Schnorr: { kind: "Hash", hash: "11".repeat(32), taprootMerkleRoot: "" },
  ECDSA: { kind: "Message", message: "68656c6c6f", blockchainKind: "Evm" },
} as const;

export type Scheme = keyof typeof BODIES;

/** How one signature went. */
export interface Sample {
  /** All that its user does: challenge, user action and the request itself. */
  readonly ms: number;
  /** The request alone, from HTTP in to HTTP out. */
  readonly requestMs: number;
  /** The signature alone, from when the coordinator takes the request up: what floors are floors of. */
  readonly signatureMs: number;
  /** At the first attempt, in one round trip. */
  readonly oneRound: boolean;
}

/** The value below which this part of the values lies. */
export function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Signs one message. @throws Error if the network does not */
export async function signOnce(cluster: LocalCluster, key: string, scheme: Scheme): Promise<Sample> {
  const started = performance.now();
  const caller = new Caller(cluster.dir, () => cluster.api);
  const { status, body } = await caller.call("POST", `/keys/${key}/signatures`, BODIES[scheme]);
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { attempts, timing } = body._quorate as { attempts: { form: string }[]; timing: { totalMs: number } };
  const oneRound = attempts.length === 1 && attempts[0]?.form === "one-round";
  return { ms: performance.now() - started, requestMs: caller.tookMs, signatureMs: timing.totalMs, oneRound };
}

/** Signs so many messages, `atOnce` at a time. */
export async function signMany(
  cluster: LocalCluster,
  key: string,
  scheme: Scheme,
  { count, atOnce }: { readonly count: number; readonly atOnce: number },
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  let begun = 0;
  const one = async () => {
    while (begun++ < count) samples.push(await signOnce(cluster, key, scheme));
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return samples;
}

/** Waits until so many presignatures of a key lie ready. */
export async function fill(cluster: LocalCluster, key: string, count: number): Promise<void> {
  const { status, body } = await cluster.call("POST", "/_quorate/presignatures", { keyId: key, count });
  if (status !== 200) throw new Error(JSON.stringify(body));
}

/** Erases the presignatures of a key. */
export async function drop(cluster: LocalCluster, key: string): Promise<void> {
  await cluster.call("DELETE", "/_quorate/presignatures", { keyId: key });
}
