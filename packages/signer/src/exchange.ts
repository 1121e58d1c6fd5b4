import { type SessionSetting, toText } from "@quorate/blame";
import { decode, type Identity } from "@quorate/curves";
import { type Commitment, commitmentRound, exchangeCommitments } from "@quorate/frost";
import { hex, MAX_DIGESTS, type OrderOf, type PublishedCommitment, publishedCommitment } from "@quorate/orders";
import { type Evidence, type Identifier, type SessionSetup, TO_ALL, verifyFrame } from "@quorate/protocol";
import type { Admitted } from "./admission.ts";
import { hasValidPoints, signedByHolder } from "./commitment-lists.ts";
import type { Behaviour } from "./config.ts";
import { LocalDriver } from "./driver.ts";
import type { FrostKey } from "./held-key.ts";
import { authorisationOf, interactiveContext } from "./interactive-context.ts";
import type { Link } from "./link.ts";
import type { NoncePool } from "./nonce-pool.ts";
import type { Publishing } from "./publishing.ts";
import type { Sessions } from "./sessions.ts";
import type { Signing } from "./signing.ts";
import type { VerdictStore } from "./verdict-store.ts";

/** An encoded commitment: identifier, id, two points behind their lengths, signature. */
const COMMITMENT_BYTES = 1 + 16 + 2 * (4 + 33) + 64;
/** Everybody's commitments, one for each digest. */
const COMMITMENTS = commitmentRound(publishedCommitment, COMMITMENT_BYTES, MAX_DIGESTS);

type Published = readonly PublishedCommitment[];

/** How long the signers may take to exchange commitments, milliseconds; less than the coordinator waits, so that it hears who did not answer whom. */
const TIMEOUT_MS = 2000;

/** What the exchange works with. */
export interface ExchangeParts {
  readonly link: Link;
  readonly identity: Identity;
  readonly pool: NoncePool;
  readonly publishing: Publishing;
  readonly sessions: Sessions;
  readonly signing: Signing;
  readonly behaviour: Behaviour;
  readonly verdicts: VerdictStore;
}

/** FROST in two rounds, for when commitments are missing: the signers exchange fresh ones, used for this order alone. */
export class Exchange {
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  run(order: OrderOf<"signInteractive">, admitted: Admitted<FrostKey>): void {
    const { link, identity, pool, publishing, sessions, signing, behaviour, verdicts } = this.#parts;
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
      context: interactiveContext(order, admitted.permit, link.networkHash),
      participants: key.certificate.participants.filter((one) => signers.includes(one.identifier)),
      rounds: [COMMITMENTS],
      self: key.identifier,
      identity,
    };
    const peers = [...key.nodes]
      .filter(([one]) => one !== key.identifier && signers.includes(one))
      .map(([identifier, node]) => ({ identifier, node }));
    const wipe = () => {
      for (const { nonces } of own) nonces[Symbol.dispose]();
    };
    sessions.start({
      setup,
      driver: new LocalDriver(setup, behaviour.protocol?.("commitments", protocol, peers) ?? protocol),
      nodes: new Map(peers.map(({ identifier, node }) => [identifier, node])),
      timeoutMs: TIMEOUT_MS,
      done: (lists) => {
        signing.answer(order, admitted, own, lists);
        wipe();
      },
      aborted: (abort, waitingFor) => {
        wipe();
        link.abort(executionId, abort, waitingFor);
      },
      convicted: (abort) => verdicts.convicted(abort, settingOf(order, admitted, verdicts.certificateOf(key))),
      judge: (evidence) => proves(setup, evidence, passes),
    });
  }
}

/** What others have to know of an exchange to judge it. */
function settingOf(
  { path, request, signers }: OrderOf<"signInteractive">,
  { permit }: Admitted<FrostKey>,
  certificate: string | undefined,
): SessionSetting | undefined {
  if (certificate === undefined) return undefined;
  const authorisation = hex(authorisationOf(permit));
  const scope = { certificate, signers: [...signers], path: [...path], request: toText(request), authorisation };
  return { kind: "commitments", scope };
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
