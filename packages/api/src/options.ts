import type { Coordinator } from "@quorate/coordinator";
import type { NetworkFile } from "@quorate/orders";
import type { EventHub } from "./events.ts";

/** What the API is made of. */
export interface ApiOptions {
  readonly coordinator: Coordinator;
  readonly network: NetworkFile;
  /** The one bearer token, at least 16 characters. */
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
