import { decode, H, type Identity } from "@quorate/curves";
import { type Commitment, commitmentRound, exchangeCommitments } from "@quorate/frost";
import { MAX_DIGESTS, type OrderOf, type PublishedCommitment, publishedCommitment, type World } from "@quorate/orders";
import { type Evidence, type Identifier, type SessionSetup, TO_ALL, verifyFrame } from "@quorate/protocol";
import { type Admitted, admit, Refused } from "./admission.ts";
import { Bindings } from "./bindings.ts";
import { hasValidPoints, signedByHolder } from "./commitment-lists.ts";
import type { Behaviour } from "./config.ts";
import { checkJoined, type Executions } from "./executions.ts";
import type { HeldKey, Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { NoncePool } from "./nonce-pool.ts";
import type { Publishing } from "./publishing.ts";
import type { Sessions } from "./sessions.ts";
import type { Signing } from "./signing.ts";

/** An encoded commitment: identifier, id, two points behind their lengths, signature. */
const COMMITMENT_BYTES = 1 + 16 + 2 * (4 + 33) + 64;
/** Everybody's commitments, one for each digest. */
const COMMITMENTS = commitmentRound(publishedCommitment, COMMITMENT_BYTES, MAX_DIGESTS);

type Published = readonly PublishedCommitment[];

/** How long the signers may take to exchange commitments, milliseconds; less than the coordinator waits, so that it hears who did not answer whom. */
const TIMEOUT_MS = 2000;

/** What the two-round form works with. */
export interface InteractiveParts {
  readonly world: World;
  readonly link: Link;
  readonly identity: Identity;
  readonly keyring: Keyring;
  readonly pool: NoncePool;
  readonly publishing: Publishing;
  readonly sessions: Sessions;
  readonly executions: Executions;
  readonly signing: Signing;
  readonly behaviour: Behaviour;
}

/** The two-round form, for when commitments are missing: the signers exchange fresh ones, used for this order alone. */
export class Interactive {
  readonly #parts: InteractiveParts;

  constructor(parts: InteractiveParts) {
    this.#parts = parts;
  }

  start(order: OrderOf<"signInteractive">): void {
    const { signing, sessions, executions, keyring, world } = this.#parts;
    const { executionId } = order;
    signing.guarded(executionId, () => {
      const admitted = admit(order, keyring, world);
      checkSigners(order.signers, admitted.key);
      sessions.checkRoom();
      signing.bind(order, admitted, () => {
        executions.join(executionId, (joined) => {
          signing.guarded(executionId, () => {
            checkJoined(joined);
            sessions.checkRoom();
            this.#exchange(order, admitted);
          });
        });
      });
    });
  }

  #exchange(order: OrderOf<"signInteractive">, admitted: Admitted): void {
    const { link, identity, pool, publishing, sessions, signing, behaviour } = this.#parts;
    const { key, items } = admitted;
    const { executionId, signers } = order;
    const own = items.map(() => pool.fresh(key));
    const published: readonly Commitment<PublishedCommitment>[] = own.map((one) => {
      return { ...one.nonces.commitment, encoded: publishing.signed(key, one) };
    });
    const genuine = (one: PublishedCommitment) => signedByHolder(link.networkHash, key, one);
    const passes = (theirs: Published, from: Identifier) =>
      theirs.length === items.length &&
      theirs.every((one) => one.identifier === from && genuine(one) && hasValidPoints(key, one));
    const protocol = exchangeCommitments(key.suite, COMMITMENTS, published, genuine);
    const setup = {
      executionId,
      context: contextOf(order, link.networkHash),
      participants: key.certificate.participants.filter((one) => signers.includes(one.identifier)),
      rounds: [COMMITMENTS],
      self: key.identifier,
      identity,
    };
    const wipe = () => {
      for (const { nonces } of own) nonces[Symbol.dispose]();
    };
    sessions.start({
      setup,
      protocol: behaviour.protocol?.("commitments", protocol) ?? protocol,
      nodes: new Map([...key.nodes].filter(([one]) => one !== key.identifier && signers.includes(one))),
      timeoutMs: TIMEOUT_MS,
      done: (lists) => {
        signing.answer(order, admitted, own, lists);
        wipe();
      },
      aborted: (abort, waitingFor) => {
        wipe();
        link.abort(executionId, abort, waitingFor);
      },
      judge: (evidence) => proves(setup, evidence, passes),
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

/** Whether everyone named signed a broadcast that does not pass as a list of commitments. */
function proves(setup: SessionSetup, evidence: Evidence, passes: (theirs: Published, from: Identifier) => boolean) {
  if (evidence.code !== "malformed") return false;
  return evidence.culprits.every((culprit) =>
    evidence.frames.some((frame) => {
      if (frame.from !== culprit || frame.to !== TO_ALL || !verifyFrame(setup, setup.participants, frame)) return false;
      try {
        return !passes(decode(COMMITMENTS.codec, frame.body), culprit);
      } catch {
        return true;
      }
    }),
  );
}
