import { InputError, isEcdsa } from "@quorate/orders";
import type { ActiveRequest } from "./active-request.ts";
import type { PairReport, Pairs } from "./pairs.ts";
import { type Availability, first, quorums } from "./quorum.ts";
import type { KeyRecord } from "./records.ts";

/** How long the setup of pairs is waited for when it alone is in the way, milliseconds. */
const PAIRS_PATIENCE_MS = 20_000;

/** Why no set of a key's members can sign now, and for how long that may pass. */
export interface Shortage {
  readonly error: InputError;
  readonly patienceMs: number;
}

/** What stands in the way of a request for which there is no plan. */
export function shortage(request: ActiveRequest, availability: Availability, pairs: Pairs): Shortage {
  const { key, patienceMs } = request;
  const { usable } = availability;
  if (usable.length < key.minSigners || !isEcdsa(key.suite)) return { error: tooFew(key, availability), patienceMs };
  const hopeful = quorums(usable, key.minSigners, (one, other) => pairs.hopeful(one.node, other.node));
  return {
    error: noCompany(key, availability, pairs),
    patienceMs: first(hopeful) === undefined ? patienceMs : Math.max(patienceMs, PAIRS_PATIENCE_MS),
  };
}

/** Too few signers of a key can take part. */
export function tooFew({ minSigners, members }: KeyRecord, { usable, missing }: Availability): InputError {
  const names = missing.map(({ node, reason }) => `${node} (${reason})`).join(", ");
  const message = `${minSigners} of ${members.length} signers must take part, ${usable.length} can; missing: ${names}`;
  return new InputError("quorum_unavailable", message, {
    hint: "start the missing signers, or wait for them, and send the request again",
    details: { missing, reachable: usable.map((member) => member.node), minSigners },
  });
}

/** Enough signers are there, but no set of them whose pairs are all ready for ECDSA. */
export function noCompany(
  { minSigners, members }: KeyRecord,
  { usable, missing }: Availability,
  pairs: Pairs,
): InputError {
  const apart = pairs.obstacles(usable);
  const said = apart.map(shown).join("; ");
  const absent = missing.map(({ node, reason }) => `${node} (${reason})`).join(", ");
  const message = `no ${minSigners} of the ${members.length} signers can run the rounds of ECDSA together: ${said}`;
  const banned = apart.some(({ status }) => status === "banned" || status === "failed");
  return new InputError("quorum_unavailable", absent === "" ? message : `${message}; missing: ${absent}`, {
    hint: banned
      ? "readmit a signer whose pairs are banned or failed, or wait for pairs that are being made"
      : "the setup of the pairs takes a few seconds after the signers' first start: send the request again",
    details: { pairs: apart.map(({ nodes, status }) => ({ nodes, status })), missing, minSigners },
  });
}

function shown({ nodes, status }: PairReport): string {
  return `${nodes.join("-")}: ${status}`;
}

/** A request that was tried until there was no time, or no sense, in trying on. */
export function exhausted({ attempts }: ActiveRequest, how: "expired" | "failed"): InputError {
  const reasons = attempts.map((one) => one.report.result ?? "unfinished").slice(-3);
  return new InputError("failed", `the request ${how} after ${attempts.length} attempts: ${reasons.join("; ")}`);
}
