import { hex, type Waits, type WriteResult } from "@quorate/orders";
import { Refused } from "./refused.ts";

/** `used`: this signer has joined it before, or its record cannot be read. */
export type Joined = "joined" | "used" | Exclude<WriteResult, "ok">;

/**
 * The executions that this signer has joined, for ever: whoever runs one a second time signs different messages for the
 * same place in it, which to everybody else is proof of equivocation.
 */
export class Executions {
  readonly #waits: Waits;
  readonly #joining = new Set<string>();

  constructor(waits: Waits) {
    this.#waits = waits;
  }

  /** `then` once it is durable that the execution was joined, or why it is not. */
  join(executionId: Uint8Array, then: (joined: Joined) => void): void {
    this.joinAll([executionId], then);
  }

  /** All of them or none: `used` if one was. */
  joinAll(executionIds: readonly Uint8Array[], then: (joined: Joined) => void): void {
    const ids = executionIds.map(hex);
    if (ids.some((id) => this.#joining.has(id))) return then("used");
    for (const id of ids) this.#joining.add(id);
    const end = (joined: Joined) => {
      for (const id of ids) this.#joining.delete(id);
      then(joined);
    };
    const keys = ids.map((id) => ({ kind: "joined", id, epoch: 0 }));
    this.#waits.read(keys, (records) => {
      if (keys.some((_, at) => records[at]?.state !== "absent")) return end("used");
      const writes = keys.map((key) => ({ ...key, value: new Uint8Array() }));
      this.#waits.write(writes, (result) => end(result === "ok" ? "joined" : result));
    });
  }
}

/** @throws Refused unless the execution was joined just now, for the first time */
export function checkJoined(joined: Joined): void {
  if (joined === "used") throw new Refused("invalid_order", "this execution id was used");
  if (joined !== "joined") throw new Refused("no_space", `nothing can be stored here (${joined})`);
}
