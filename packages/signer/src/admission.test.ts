import type { OrderOf } from "@quorate/orders";
import { describe, expect, test } from "vitest";
import { type AdmissionParts, admit, checkDeadline } from "./admission.ts";
import type { Keyring } from "./keyring.ts";
import type { Refused } from "./refused.ts";
import { heldKey } from "./testing/held-key.ts";
import { MemoryWorld } from "./testing/memory-world.ts";

const key = heldKey(1);
const world = new MemoryWorld();
const DAY_MS = 24 * 3600_000;
const bytes = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));

function order(change: Partial<OrderOf<"sign">> = {}): OrderOf<"sign"> {
  return {
    kind: "sign",
    requestId: "sig",
    executionId: new Uint8Array(16),
    keyId: key.keyId,
    authority: null,
    epoch: 0,
    path: [],
    request: bytes({ kind: "Message", message: "00ff" }),
    deadline: world.wallMs + 1000,
    commitments: [],
    ...change,
  };
}

/** A signer of a network without organisations. */
function parts(find: Keyring["find"]): AdmissionParts {
  const state = () => {
    throw new Error("there is no log");
  };
  return {
    keyring: { find, originOf: () => undefined },
    logs: { required: false, state },
    network: { networkId: "virtual" },
    world,
  };
}

const active = { state: "active", certificate: new Uint8Array(), key } as const;

function refusal(change: Partial<OrderOf<"sign">>, find: Keyring["find"] = () => active) {
  try {
    admit(order(change), parts(find));
    return "admitted";
  } catch (error) {
    return (error as Refused).code;
  }
}

describe("an order to sign", () => {
  test("is admitted with what it signs, derived here", () => {
    const { items } = admit(
      order(),
      parts(() => active),
    );
    expect(items).toEqual([{ message: Uint8Array.of(0, 255), merkleRoot: null, prehashed: false }]);
  });

  test("needs a key that is here, usable, active and of the same epoch", () => {
    expect(refusal({}, () => undefined)).toBe("unknown_key");
    expect(refusal({}, () => ({ state: "broken", fault: "corrupt_record", epoch: 0 }))).toBe("unusable_share");
    expect(refusal({ epoch: 1 })).toBe("epoch_mismatch");
  });

  test("is admitted to the millisecond of its deadline, and for no more than a day and a minute ahead", () => {
    expect(refusal({ deadline: world.wallMs })).toBe("admitted");
    expect(refusal({ deadline: world.wallMs - 1 })).toBe("expired");
    expect(refusal({ deadline: world.wallMs + DAY_MS + 60_000 })).toBe("admitted");
    expect(refusal({ deadline: world.wallMs + DAY_MS + 60_001 })).toBe("invalid_order");
    expect(() => checkDeadline({ deadline: world.wallMs - 1 }, world)).toThrow("1 ms ago");
  });

  test.each([
    ["bytes that are no UTF-8", Uint8Array.of(0xff)],
    ["text that is no JSON", new TextEncoder().encode("{")],
    ["a request that this key does not sign", bytes({ kind: "Psbt", psbt: "00" })],
    ["a list nested deeply", new TextEncoder().encode("[".repeat(60_000) + "]".repeat(60_000))],
  ])("with %s is refused", (_, request) => {
    expect(refusal({ request })).toBe("invalid_request");
  });
});
