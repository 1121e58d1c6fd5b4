import { decode, H, type Identity, list } from "@quorate/curves";
import { MAX_DIGESTS, type OrderOf, type PublishedCommitment, publishedCommitment, type World } from "@quorate/orders";
import {
  broadcast,
  demand,
  type Evidence,
  type Identifier,
  type Protocol,
  type Round,
  type SessionSetup,
  TO_ALL,
  verifyFrame,
} from "@quorate/protocol";
import { type Admitted, admit, Refused } from "./admission.ts";
import { Bindings } from "./bindings.ts";
import { validCommitment } from "./commitment-lists.ts";
import type { Behaviour } from "./config.ts";
import type { HeldKey, Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { NoncePool } from "./nonce-pool.ts";
import type { Publishing } from "./publishing.ts";
import type { Sessions } from "./sessions.ts";
import type { Signing } from "./signing.ts";

type Commitments = readonly PublishedCommitment[];

/** Everybody's commitments, one for each digest. */
const COMMITMENTS: Round<Commitments> = {
  number: 1,
  name: "commitments",
  kind: "broadcast",
  codec: list(publishedCommitment, MAX_DIGESTS),
  maxLength: MAX_DIGESTS * 160 + 4,
};

/** How long the signers may take to exchange commitments, milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * First of two rounds: own commitments to all, all others' back.
 *
 * @returns one list per digest, ascending by identifier
 */
function* exchangeCommitments(
  own: Commitments,
  valid: (theirs: Commitments, from: Identifier) => boolean,
): Protocol<readonly Commitments[]> {
  const inbox = yield* broadcast(COMMITMENTS, own);
  demand("malformed", inbox, valid);
  const all = [own, ...inbox.values()];
  return own.map((_, at) => all.map((one) => one[at]!).toSorted((a, b) => a.identifier - b.identifier));
}

/** What the two-round form works with. */
export interface InteractiveParts {
  readonly world: World;
  readonly link: Link;
  readonly identity: Identity;
  readonly keyring: Keyring;
  readonly pool: NoncePool;
  readonly publishing: Publishing;
  readonly sessions: Sessions;
  readonly signing: Signing;
  readonly behaviour: Behaviour;
}

/** The two-round form, for when commitments are missing: the signers exchange fresh ones, bound to this request alone. */
export class Interactive {
  readonly #parts: InteractiveParts;

  constructor(parts: InteractiveParts) {
    this.#parts = parts;
  }

  start(order: OrderOf<"signInteractive">): void {
    const { signing, sessions, keyring, world } = this.#parts;
    signing.guarded(order.executionId, () => {
      const admitted = admit(order, keyring, world);
      checkSigners(order.signers, admitted.key);
      if (sessions.full) throw new Refused("busy", "too many sessions at once");
      if (sessions.has(order.executionId)) throw new Refused("invalid_order", "this execution id was used");
      signing.whenUnused(order, admitted, () => this.#exchange(order, admitted));
    });
  }

  #exchange(order: OrderOf<"signInteractive">, admitted: Admitted): void {
    const { link, identity, pool, publishing, sessions, signing, behaviour } = this.#parts;
    const { key, items } = admitted;
    const { executionId, signers } = order;
    const own = items.map(() => pool.fresh(key));
    const published = own.map((one) => publishing.signed(key, one));
    const valid = (theirs: Commitments, from: Identifier) =>
      theirs.length === items.length &&
      theirs.every((one) => one.identifier === from && validCommitment(link.networkHash, key, one));
    const protocol = exchangeCommitments(published, valid);
    const setup = {
      executionId,
      context: contextOf(order, link.networkHash),
      participants: key.certificate.participants.filter((one) => signers.includes(one.identifier)),
      rounds: [COMMITMENTS],
      self: key.identifier,
      identity,
    };
    sessions.start({
      setup,
      protocol: behaviour.protocol?.("commitments", protocol) ?? protocol,
      nodes: new Map([...key.nodes].filter(([one]) => one !== key.identifier && signers.includes(one))),
      timeoutMs: TIMEOUT_MS,
      done: (lists) => signing.answer(order, admitted, own, lists),
      aborted: (abort, waitingFor) => {
        for (const one of own) one.nonces[Symbol.dispose]();
        link.abort(executionId, abort, waitingFor);
      },
      judge: (evidence) => proves(setup, evidence, valid),
    });
  }
}

function checkSigners(signers: readonly number[], key: HeldKey): void {
  const { minSigners } = key.certificate;
  if (signers.length < minSigners)
    throw new Refused("invalid_order", `${signers.length} signers, the key needs ${minSigners}`);
  if (!signers.includes(key.identifier)) throw new Refused("invalid_order", "this signer is not in the signing set");
  for (const [at, signer] of signers.entries()) {
    if (at > 0 && signer <= signers[at - 1]!)
      throw new Refused("invalid_order", "signers are not distinct and ascending");
    if (!key.nodes.has(signer)) throw new Refused("invalid_order", `${signer} holds no share of this key`);
  }
}

/** All that the participants must agree on: who shows one of them another request gets frames that do not verify. */
function contextOf(order: OrderOf<"signInteractive">, networkHash: Uint8Array): Uint8Array {
  const request = Bindings.digest(order.keyId, order.request);
  const epoch = new Uint8Array(new BigUint64Array([BigInt(order.epoch)]).buffer);
  return H("signer/v1", "commitments", networkHash, request, epoch, Uint8Array.from(order.signers));
}

/** Whether everyone named signed a broadcast that is not a list of valid commitments. */
function proves(
  setup: SessionSetup,
  evidence: Evidence,
  valid: (theirs: Commitments, from: Identifier) => boolean,
): boolean {
  return evidence.culprits.every((culprit) =>
    evidence.frames.some((frame) => {
      if (frame.from !== culprit || frame.to !== TO_ALL || !verifyFrame(setup, setup.participants, frame)) return false;
      try {
        return !valid(decode(COMMITMENTS.codec, frame.body), culprit);
      } catch {
        return true;
      }
    }),
  );
}
