import { type Edit, tamper, tampered } from "@quorate/protocol";
import type { Behaviour } from "@quorate/signer";
import { expect, it } from "vitest";
import { answers, makePresignature } from "../support/ecdsa-orders.ts";
import { VirtualNetwork } from "../support/virtual-network.ts";

const SET = [1, 2, 3];
const LIAR = "signer-2";

/** Edits what signer-2 sends in a round to signer-1, and says nothing to signer-3: whoever has all messages has finished. */
function lying(round: string, body: (honest: Uint8Array) => Uint8Array): Behaviour {
  const edit: Edit = (step) => {
    if (step.kind !== "private" || step.round.name !== round) return step;
    return tampered(step, [1], (_, honest) => body(honest));
  };
  return { protocol: (name, protocol) => (name === "presign" ? tamper(protocol, edit) : protocol) };
}

function aborts(behaviour: Behaviour) {
  const options = { signers: 3, minSigners: 3, pairs: "stored", behaviours: { [LIAR]: behaviour } } as const;
  const network = new VirtualNetwork({ ...options });
  const key = network.madeKey("ECDSA");
  network.killCoordinator();
  makePresignature(network, key, 1, SET);
  network.pass(60_000);
  const states = [...network.signers.values()].flatMap((one) => one.pairs().map((pair) => pair.state));
  return { codes: [1, 3].map((signer) => answers(network, signer, "aborted").at(-1)!), states };
}

it("a nonce that does not open its commitment names its sender to everybody, by frames that it signed; nobody is banned", () => {
  // The opening's salt lies before the last point.
  const { codes, states } = aborts(lying("answers", (body) => flipped(body, body.length - 40)));
  expect(codes.map(({ code, culprits }) => [code, culprits])).toEqual([
    ["bad_opening", [2]],
    ["bad_opening", [2]],
  ]);
  expect(new Set(states)).toEqual(new Set(["ready"]));
});

it("a failed check of a multiplication bans at whom it failed; the other hears no name", () => {
  const { codes, states } = aborts(lying("answers", (body) => flipped(body, 100)));
  expect(codes.map(({ code, culprits }) => [code, culprits])).toEqual([
    ["bad_multiplication", [2]],
    ["stopped", []],
  ]);
  expect(states.filter((state) => state === "banned")).toHaveLength(2); // both ends of one pair
});

function flipped(body: Uint8Array, at: number): Uint8Array {
  const changed = body.slice();
  changed[at] = changed[at]! ^ 1;
  return changed;
}
