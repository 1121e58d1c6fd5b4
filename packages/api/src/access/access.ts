import { randomBytes } from "node:crypto";
import { publicId } from "@quorate/orders";
import type { ApiOptions } from "../options.ts";
import type { ApiContext } from "../routes.ts";
import { Hooks } from "../webhooks/hooks.ts";
import type { Authority } from "./authority.ts";
import { Limits } from "./limits.ts";
import { type ApiRecords, MemoryRecords } from "./records.ts";
import { Tokens } from "./tokens.ts";

/** What every endpoint needs to know who calls and what they may do. */
export interface Access {
  readonly options: ApiOptions;
  readonly authority: Authority;
  readonly records: ApiRecords;
  readonly tokens: Tokens;
  readonly limits: Limits;
  readonly hooks: Hooks;
  /** `networkId`. */
  readonly network: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A random id of the usual shape. */
  readonly newId: (prefix: string) => string;
}

const CALLS_PER_MINUTE = 1000;

export function newAccess(options: ApiOptions): Access {
  const { authority, tokenSeed, network, now } = options;
  const { records = new MemoryRecords(now), callsPerMinute = CALLS_PER_MINUTE } = options;
  return {
    ...{ options, authority, records, now, network: network.networkId },
    tokens: new Tokens(tokenSeed, network.networkId, now),
    limits: new Limits(callsPerMinute, now),
    hooks: new Hooks(records, now),
    newId: (prefix) => publicId(prefix, randomBytes(17)),
  };
}

/** Counts a call of somebody without a token, by address. @throws HttpError 429 */
export function chargeAddress({ limits }: Access, c: ApiContext): void {
  limits.charge(`address/${c.env?.incoming?.socket.remoteAddress ?? "here"}`);
}
