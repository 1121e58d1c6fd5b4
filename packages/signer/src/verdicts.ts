import { encode } from "@quorate/curves";
import { FrostError, parseCommitments, signingContext, verifyShare } from "@quorate/frost/aggregate";
import {
  hex,
  type OrderOf,
  type ShareEvidence,
  shareEvidence,
  verifyCommitment,
  verifyShareStatement,
  type Waits,
  type World,
} from "@quorate/orders";
import { verdictRecord } from "@quorate/vault";
import { childOf } from "./children.ts";
import type { FrostKey } from "./held-key.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import { Refused } from "./refused.ts";

/**
 * Checks evidence of a wrong share by this signer's own lights: the accused signed this share for this package, every
 * commitment in the package is signed by its holder, and the share does not satisfy the equation of RFC 9591 section 5.4.
 */
export class Verdicts {
  readonly #world: World;
  readonly #waits: Waits;
  readonly #link: Link;
  readonly #keyring: Keyring;

  constructor(parts: { world: World; waits: Waits; link: Link; keyring: Keyring }) {
    this.#world = parts.world;
    this.#waits = parts.waits;
    this.#link = parts.link;
    this.#keyring = parts.keyring;
  }

  judge(order: OrderOf<"evidence">): void {
    const { executionId, evidence } = order;
    const { identifier } = evidence.share;
    const entry = this.#keyring.find(evidence.package.keyId);
    const key = entry?.state === "active" ? entry.key : undefined;
    const guilty = key?.kind === "frost" && proves(this.#link.networkHash, key, evidence);
    this.#world.emit({ type: "evidence.judged", key: hex(evidence.package.keyId), identifier, guilty });
    if (!guilty) return this.#link.answer({ kind: "verdict", executionId, identifier, guilty });
    const { keyId, epoch } = evidence.package;
    const verdict = {
      keyId,
      epoch,
      executionId,
      identifier,
      code: "bad_signature_share",
      evidence: encode(shareEvidence, evidence),
    };
    // One for each participant of a key: the same evidence under many execution ids fills no disk.
    const id = `${hex(keyId)}/${identifier}`;
    this.#waits.write([{ kind: "verdict", id, epoch, value: encode(verdictRecord, verdict) }], () => {
      this.#link.answer({ kind: "verdict", executionId, identifier, guilty });
    });
  }
}

function proves(networkHash: Uint8Array, key: FrostKey, evidence: ShareEvidence): boolean {
  const { package: answered, share } = evidence;
  const { participants } = key.certificate;
  const identityOf = (identifier: number) => participants.find((one) => one.identifier === identifier)?.publicKey;
  const accused = identityOf(share.identifier);
  if (accused === undefined || answered.epoch !== key.epoch) return false;
  if (!verifyShareStatement(accused, networkHash, answered, share)) return false;
  const scope = { networkHash, keyId: key.keyId, epoch: key.epoch };
  const signed = answered.commitments.every((commitment) => {
    const holder = identityOf(commitment.identifier);
    return holder !== undefined && verifyCommitment(holder, scope, commitment);
  });
  if (!signed) return false;
  try {
    const commitments = parseCommitments(key.suite, answered.commitments);
    const { share: child } = childOf(key, answered.path);
    const context = signingContext(child, commitments, answered.message, answered.merkleRoot);
    return !verifyShare(context, share.identifier, share.share);
  } catch (error) {
    // An accused who signed for a package that no honest signer answers proves nothing that we can use.
    if (error instanceof FrostError || error instanceof Refused) return false;
    throw error;
  }
}
