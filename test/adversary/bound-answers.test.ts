import type { KeyRecord } from "@quorate/coordinator";
import type { OrderOf, OutcomeOf, SigningAuthority } from "@quorate/orders";
import { describe, expect, it } from "vitest";
import { authorityOf, logOf, signaturePath } from "../support/authorised-orders.ts";
import { forgeOrder, outcomesOf, readOutcome } from "../support/forged-order.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const VICTIM = "signer-1";
const BODY = { kind: "Message", message: "00" };
/** The same request in other bytes: the user's signature is over what it says, and covers both. */
const SPELLED = new TextEncoder().encode(JSON.stringify(BODY, null, 1));
const request = (body: Readonly<Record<string, unknown>>) => new TextEncoder().encode(JSON.stringify(body));

function authority(network: VirtualNetwork, key: KeyRecord, body = BODY): SigningAuthority {
  return authorityOf(logOf(network), signaturePath(key), body);
}

/** An order to sign with the first three signers, with commitments of theirs that nobody has used. */
function order(network: VirtualNetwork, key: KeyRecord, at = 0): OrderOf<"sign"> {
  const commitments = key.members.slice(0, 3).map(({ node }) => {
    const sent = outcomesOf(network, node).filter(
      (one): one is OutcomeOf<"commitments"> =>
        one.kind === "commitments" && Buffer.from(one.keyId).toString("hex") === key.keyId,
    );
    return sent.flatMap((one) => one.commitments)[at]!;
  });
  return {
    kind: "sign",
    requestId: "sig-attack",
    executionId: new Uint8Array(16).fill(at + 1),
    keyId: Buffer.from(key.keyId, "hex"),
    authority: authority(network, key),
    epoch: 0,
    path: [],
    request: request(BODY),
    deadline: 1_790_000_060_000,
    commitments: [commitments],
  };
}

function send(network: VirtualNetwork, value: Parameters<typeof forgeOrder>[2], to = VICTIM): readonly string[] {
  const before = outcomesOf(network, to).length;
  forgeOrder(network, to, value);
  return outcomesOf(network, to)
    .slice(before)
    .map((one) => (one.kind === "refused" ? one.code : one.kind));
}

describe("an authorisation", () => {
  it("is bound to the bytes of one request: the same in other bytes is refused, whatever its id", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const first = order(network, key);
    expect(send(network, first)).toContain("shares");
    const again = { ...order(network, key, 1), authority: first.authority };
    expect(send(network, { ...again, request: SPELLED })).toEqual(["already_used"]);
    expect(send(network, { ...again, request: SPELLED, requestId: "sig-other" })).toEqual(["already_used"]);
    expect(send(network, again)).toContain("shares");
  });

  it("is for one key: under another key the same body is refused", () => {
    const network = new VirtualNetwork();
    const [one, other] = [network.madeKey(), network.madeKey()];
    const first = order(network, one);
    expect(send(network, { ...order(network, other), authority: first.authority })).toEqual(["no_authorisation"]);
    expect(send(network, first)).toContain("shares");
  });

  it("is bound to its deadline: nobody can have it answered later", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const first = order(network, key);
    expect(send(network, first)).toContain("shares");
    const { authority } = first;
    const later = { ...order(network, key, 1), authority, deadline: first.deadline + 1 };
    expect(send(network, later)).toEqual(["already_used"]);
    expect(send(network, { ...later, deadline: first.deadline })).toContain("shares");
  });

  it("is bound on disk before the share leaves", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const bound: boolean[] = [];
    const send = network.traffic.push.bind(network.traffic);
    network.traffic.push = (...passing) => {
      for (const { from, bytes } of passing) {
        if (from === VICTIM && readOutcome(network, from, bytes).kind === "shares") {
          bound.push([...network.disks.get(VICTIM)!.values()].some((one) => one.kind === "binding"));
        }
      }
      return send(...passing);
    };
    forgeOrder(network, VICTIM, order(network, key));
    expect(bound).toEqual([true]);
  });

  it("that cannot be bound is not answered", () => {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    network.fullDisks.add(VICTIM);
    expect(send(network, order(network, key))).toEqual(["no_space"]);
  });
});

describe("a signing set in two rounds", () => {
  function scene() {
    const network = new VirtualNetwork();
    const key = network.madeKey();
    const { commitments: _, ...common } = order(network, key);
    const interactive = { ...common, kind: "signInteractive", signers: [1, 2, 3] } as const;
    return { network, key, interactive };
  }

  it.each([
    ["too small", [1, 2]],
    ["unsorted", [1, 3, 2]],
    ["doubled", [1, 2, 2]],
    ["with a stranger in it", [1, 2, 9]],
    ["without this signer", [2, 3, 4]],
  ])("that is %s is refused", (_, signers) => {
    const { network, interactive } = scene();
    expect(send(network, { ...interactive, signers })).toEqual(["invalid_order"]);
  });

  it("is answered by nobody when its members were shown different requests", () => {
    const { network, key, interactive } = scene();
    const other = { ...BODY, message: "01" };
    for (const node of ["signer-1", "signer-2"]) forgeOrder(network, node, interactive);
    const changed = { request: request(other), authority: authority(network, key, other) };
    forgeOrder(network, "signer-3", { ...interactive, ...changed });
    network.pass(20_000);
    for (const node of ["signer-1", "signer-2", "signer-3"]) {
      expect(outcomesOf(network, node).map((one) => one.kind)).not.toContain("shares");
    }
  });

  it("is answered when its members were shown the same", () => {
    const { network, interactive } = scene();
    for (const node of ["signer-1", "signer-2", "signer-3"]) forgeOrder(network, node, interactive);
    expect(outcomesOf(network, VICTIM).map((one) => one.kind)).toContain("shares");
  });
});
