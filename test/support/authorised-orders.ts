import { authorisationId, challengeOf, keygenExecution } from "@quorate/authority";
import { challengeFor, type TestUser } from "@quorate/authority/testing";
import {
  hex,
  type OrderOf,
  type OutcomeOf,
  type PublishedCommitment,
  type SigningAuthority,
  unhex,
} from "@quorate/orders";
import { forgeOrder, outcomesOf } from "./forged-order.ts";
import type { LogKeeper } from "./log-keeper.ts";
import { START_MS, type VirtualNetwork } from "./virtual-network.ts";

/** What orders say of a log, as somebody knows it. */
export type LogView = Pick<LogKeeper, "network" | "state" | "everybody" | "now" | "head">;

/** The log as the coordinator of a network knows it. */
export function logOf(network: VirtualNetwork): LogView {
  const state = network.organisation;
  const head = { height: state.head.height, hash: unhex(state.head.hash) };
  const everybody = network.file.nodes.map((node) => node.name);
  return { network, state, everybody, head, now: START_MS + network.now };
}

/** A key of the log that the signers made. */
export interface MadeKey {
  /** Of the log. */
  readonly id: string;
  readonly record: string;
  /** Of the shares, 32 bytes. */
  readonly keyId: Uint8Array;
}

type Body = Readonly<Record<string, unknown>>;

/** The order to make a key that the log created. */
export function keygenOrder(
  keeper: LogView,
  key: Pick<MadeKey, "id" | "record">,
  changes: Partial<OrderOf<"keygen">> = {},
): OrderOf<"keygen"> {
  const { defaults } = keeper.network.file;
  return {
    kind: "keygen",
    executionId: keygenExecution(key.record, key.id, 0),
    suite: "ed25519",
    minSigners: defaults.minSigners,
    members: keeper.everybody.map((node, at) => ({ identifier: at + 1, node })),
    creation: { organisation: keeper.state.id, head: keeper.head, key: key.id, attempt: 0 },
    ...changes,
  };
}

/** Has a key created by the log and made by the signers. */
export function madeKey(keeper: LogKeeper): MadeKey {
  const { network } = keeper;
  const key = keeper.createKey();
  const from = network.events.length;
  for (const name of keeper.everybody) forgeOrder(network, name, keygenOrder(keeper, key), 0);
  network.pass(200);
  const active = network.events.slice(from).find((event) => event.type === "key.active");
  if (active === undefined) throw new Error("the key was not made");
  return { ...key, keyId: unhex(String(active.key)) };
}

/** What a user signs for a signature, as an order carries it. */
export function authorityOf(
  keeper: LogView,
  path: string,
  body: Body,
  by: Pick<TestUser, "assert"> = keeper.network.admin,
  changes: Parameters<typeof challengeFor>[4] = {},
): Extract<SigningAuthority, { kind: "inline" }> {
  const { networkId } = keeper.network.file;
  const asked = { method: "POST", path, body } as const;
  const assertion = by.assert(challengeFor(keeper.state, networkId, asked, keeper.now, changes));
  const encoded = new TextEncoder().encode(JSON.stringify(assertion));
  return { kind: "inline", organisation: keeper.state.id, head: keeper.head, method: "POST", path, assertion: encoded };
}

/** Hex: under what name signers keep what they did under an authority. */
export function authorisationOf({ assertion }: Extract<SigningAuthority, { kind: "inline" }>): string {
  const { clientData } = JSON.parse(Buffer.from(assertion).toString()).credentialAssertion;
  return hex(authorisationId(challengeOf(clientData)));
}

/** The path under which a key signs. */
export function signaturePath(key: Pick<MadeKey, "id">): string {
  return `/keys/${key.id}/signatures`;
}

/** The commitments that a signer last published for a key, oldest first. */
export function commitmentsOf(keeper: LogKeeper, signer: string, key: MadeKey): readonly PublishedCommitment[] {
  const sent = outcomesOf(keeper.network, signer).filter((one): one is OutcomeOf<"commitments"> => {
    return one.kind === "commitments" && Buffer.compare(one.keyId, key.keyId) === 0;
  });
  return sent.flatMap((one) => one.commitments);
}

/** Has the first three signers publish nonces, so that orders in one round trip can name them. */
export function replenish(keeper: LogKeeper, key: MadeKey, count = 8): void {
  for (const name of keeper.everybody.slice(0, 3)) {
    forgeOrder(keeper.network, name, { kind: "replenish", keyId: key.keyId, epoch: 0, count }, 0);
  }
  keeper.network.pass(50);
}

/** An order in one round trip to the first three signers, with their commitments at `at`: what an honest coordinator makes of a user's request. */
export function signOrder(
  keeper: LogKeeper,
  key: MadeKey,
  body: Body,
  changes: Partial<OrderOf<"sign">> = {},
  at = 0,
): OrderOf<"sign"> {
  const list = keeper.everybody.slice(0, 3).map((name) => commitmentsOf(keeper, name, key)[at]!);
  return {
    kind: "sign",
    requestId: "sig-test",
    executionId: new Uint8Array(16).fill(at + 1),
    keyId: key.keyId,
    epoch: 0,
    path: [],
    request: new TextEncoder().encode(JSON.stringify(body)),
    deadline: keeper.now + 60_000,
    authority: authorityOf(keeper, signaturePath(key), body),
    commitments: [list],
    ...changes,
  };
}

/** Gives a signer an order. @returns what it said: kinds of outcomes, and codes of refusals */
export function answersTo(
  keeper: LogKeeper,
  order: Parameters<typeof forgeOrder>[2],
  to = "signer-1",
): readonly string[] {
  const before = outcomesOf(keeper.network, to).length;
  forgeOrder(keeper.network, to, order);
  const said = outcomesOf(keeper.network, to).slice(before);
  return said.map((one) => (one.kind === "refused" ? one.code : one.kind)).filter((kind) => kind !== "commitments");
}
