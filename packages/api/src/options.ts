import type { Coordinator } from "@quorate/coordinator";
import type { NetworkFile } from "@quorate/orders";
import type { Authority } from "./access/authority.ts";
import type { ApiRecords } from "./access/records.ts";
import type { ChainNodes } from "./chains/json-rpc.ts";
import type { EventHub } from "./events.ts";

/** What the API is made of. */
export interface ApiOptions {
  readonly coordinator: Coordinator;
  readonly network: NetworkFile;
  /** The logs of the organisations, and what is done for their users. */
  readonly authority: Authority;
  /** Seed of the key that signs bearer tokens, 32 bytes. */
  readonly tokenSeed: Uint8Array;
  /** Sessions, challenges and codes; in memory unless given: then a restart ends the sessions. */
  readonly records?: ApiRecords;
  /** Nodes of chains, by the network's name: where transactions are sent, and what fees are read from. */
  readonly chains?: ChainNodes;
  /** What one token, and one address without a token, may ask in a minute; 1000 unless given, 0 for no limit. */
  readonly callsPerMinute?: number;
  /** Names besides `localhost`, those of the network file and addresses, by which the API may be called. */
  readonly hosts?: readonly string[];
  /** The operator's bearer token, at least 16 characters. */
  readonly token: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly events: EventHub;
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Origins of web pages that may call, besides those on loopback. */
  readonly origins?: readonly string[];
  /** Between comments on a quiet event stream; 15 seconds unless given. */
  readonly heartbeatMs?: number;
}
