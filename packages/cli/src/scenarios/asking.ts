import { hex, isEcdsa } from "@quorate/orders";
import { Chance, type Workload } from "@quorate/simulator";
import type { ApiClient, Key, SignatureRequest } from "../api-client.ts";
import { CliError, EXIT } from "../exit.ts";
import { verifyingKey } from "../key-lookup.ts";
import { checkedResult } from "../signed-result.ts";
import { type InputOptions, signingInput } from "../signing-input.ts";

/** A request for a signature, and what came of it. */
export interface Asked {
  readonly tookMs: number;
  readonly deadlineMs: number;
  readonly request: SignatureRequest | undefined;
  /** Why there is no signature. */
  readonly problem: string | undefined;
  /** There is one, and it is wrong. */
  readonly forged: boolean;
}

/** When what is asked for: follows from the seed alone, but for the names of requests. */
export interface Plan {
  readonly afterMs: number;
  readonly keyIndex: number;
  readonly bytes: Uint8Array;
}

/** Draws the requests of a workload, in the order in which they are asked. */
export function planned(seed: string, { requests, overMs, timesMs, keys }: Workload): readonly Plan[] {
  const chance = new Chance(`live ${seed}`);
  const plans = Array.from({ length: requests }, (_, at) => ({
    afterMs: timesMs?.[at] ?? chance.between(0, overMs),
    keyIndex: chance.integer(keys.length),
    bytes: chance.bytes(32),
  }));
  return plans.toSorted((a, b) => a.afterMs - b.afterMs);
}

/** Makes the keys of a workload: new ones, so that no verdict about an older one hides a new one. @throws CliError */
export async function makeKeys(client: ApiClient, { keys }: Workload): Promise<readonly Key[]> {
  const made: Key[] = [];
  for (const { scheme, curve } of keys)
    made.push(await client.createKey({ scheme, curve, name: `scenario ${scheme}` }));
  return made;
}

/** Asks for a signature and checks it here. Never throws for what the network does. */
export async function ask(client: ApiClient, key: Key, bytes: Uint8Array, deadlineMs: number): Promise<Asked> {
  const facts = verifyingKey(key);
  const input = signingInput(inputOf(facts.suite, bytes), facts);
  const startedMs = performance.now();
  const asked = (more: Partial<Asked>): Asked => {
    const tookMs = performance.now() - startedMs;
    return { tookMs, deadlineMs, request: undefined, problem: undefined, forged: false, ...more };
  };
  let request: SignatureRequest;
  try {
    request = await client.sign(key.id, input.body);
  } catch (error) {
    return asked({ problem: (error as Error).message, ...requestIn(error) });
  }
  const ended = asked({ request });
  try {
    checkedResult(request, input, facts);
    return ended;
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== EXIT.safety) throw error;
    return { ...ended, problem: error.message, forged: true };
  }
}

function inputOf(suite: ReturnType<typeof verifyingKey>["suite"], bytes: Uint8Array): InputOptions {
  if (suite === "taproot") return { hash: hex(bytes), keyPath: true };
  return isEcdsa(suite) || suite === "ed25519" ? { messageHex: hex(bytes) } : { hash: hex(bytes) };
}

function requestIn(error: unknown): { readonly request?: SignatureRequest } {
  const request = error instanceof CliError ? error.facts.request : undefined;
  return typeof request === "object" && request !== null ? { request: request as SignatureRequest } : {};
}
