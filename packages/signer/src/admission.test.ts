import { idOf } from "@quorate/authority";
import { challengeFor, TestOrganisation } from "@quorate/authority/testing";
import { type OrderOf, type SigningAuthority, unhex } from "@quorate/orders";
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

/** The log has the key that this share is of. */
const organisation = new TestOrganisation({ time: world.wallMs });
const EXPIRES_MS = world.wallMs + 600_000;
const created = organisation.act({ method: "POST", path: "/keys", body: { scheme: "EdDSA", curve: "ed25519" } });
const named = idOf("key", created);

/** A user's signature over a request. */
function authorityOf(body: Readonly<Record<string, unknown>>): SigningAuthority {
  const asked = { method: "POST", path: `/keys/${named}/signatures`, body } as const;
  const { admin, state, network } = organisation;
  const challenge = challengeFor(state, network, asked, world.wallMs, { expires: EXPIRES_MS });
  const { method, path } = asked;
  const head = { height: state.head.height, hash: unhex(state.head.hash) };
  return { kind: "inline", organisation: state.id, head, method, path, assertion: bytes(admin.assert(challenge)) };
}

const BODY = { kind: "Message", message: "00ff" };

function order(change: Partial<OrderOf<"sign">> = {}): OrderOf<"sign"> {
  return {
    kind: "sign",
    requestId: "sig",
    executionId: new Uint8Array(16),
    keyId: key.keyId,
    authority: authorityOf(BODY),
    epoch: 0,
    path: [],
    request: bytes(BODY),
    deadline: world.wallMs + 1000,
    commitments: [],
    ...change,
  };
}

/** A signer that made its share for the key of the log. */
function parts(find: Keyring["find"]): AdmissionParts {
  return {
    keyring: { find, originOf: () => ({ organisation: organisation.state.id, key: named }) },
    logs: { state: () => organisation.state },
    network: { networkId: organisation.network },
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

  test("is admitted to the millisecond of its deadline, and for no more than a day and a minute after its authorisation", () => {
    expect(refusal({ deadline: world.wallMs })).toBe("admitted");
    expect(refusal({ deadline: world.wallMs - 1 })).toBe("expired");
    expect(refusal({ deadline: EXPIRES_MS + DAY_MS + 60_000 })).toBe("admitted");
    expect(refusal({ deadline: EXPIRES_MS + DAY_MS + 60_001 })).toBe("invalid_order");
    expect(() => checkDeadline({ deadline: world.wallMs - 1 }, world)).toThrow("1 ms ago");
  });

  test.each([
    ["bytes that are no UTF-8", Uint8Array.of(0xff)],
    ["text that is no JSON", new TextEncoder().encode("{")],
    ["a list nested deeply", new TextEncoder().encode("[".repeat(60_000) + "]".repeat(60_000))],
  ])("with %s is refused", (_, request) => {
    expect(refusal({ request })).toBe("invalid_request");
  });

  test("with a request that this key does not sign is refused, although a user signed it", () => {
    const body = { kind: "Psbt", psbt: "00" };
    expect(refusal({ request: bytes(body), authority: authorityOf(body) })).toBe("invalid_request");
  });

  test("needs a user's signature over exactly what it asks, for the key that its share was made for", () => {
    expect(refusal({ authority: null })).toBe("no_authorisation");
    expect(refusal({ request: bytes({ ...BODY, message: "01" }) })).toBe("no_authorisation");
    expect(refusal({ path: [1] })).toBe("no_authorisation");
    const elsewhere = parts(() => active);
    const keyring = { ...elsewhere.keyring, originOf: () => undefined };
    expect(() => admit(order(), { ...elsewhere, keyring })).toThrow("another key");
  });
});
