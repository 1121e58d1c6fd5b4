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
    const id = hex(executionId);
    if (this.#joining.has(id)) return then("used");
    this.#joining.add(id);
    const end = (joined: Joined) => {
      this.#joining.delete(id);
      then(joined);
    };
    const key = { kind: "joined", id, epoch: 0 };
    this.#waits.read([key], ([record]) => {
      if (record?.state !== "absent") return end("used");
      this.#waits.write([{ ...key, value: new Uint8Array() }], (result) => end(result === "ok" ? "joined" : result));
    });
  }
}

/** @throws Refused unless the execution was joined just now, for the first time */
export function checkJoined(joined: Joined): void {
  if (joined === "used") throw new Refused("invalid_order", "this execution id was used");
  if (joined !== "joined") throw new Refused("no_space", `nothing can be stored here (${joined})`);
}
