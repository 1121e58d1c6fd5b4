import { encode, H } from "@quorate/curves";
import { derivationPath, hex, type NodeId, type OrderOf, type PresignatureName, type Waits } from "@quorate/orders";
import { type AdmissionParts, admit, ecdsaOnly, heldKey } from "./admission.ts";
import type { Behaviour } from "./config.ts";
import { type EcdsaRounds, shareOf } from "./ecdsa-rounds.ts";
import { checkJoined, type Executions } from "./executions.ts";
import type { EcdsaKey } from "./held-key.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { PresignaturePool } from "./presignature-pool.ts";
import { Refused } from "./refused.ts";
import type { Sessions } from "./sessions.ts";
import type { Signing } from "./signing.ts";
import { checkSigners } from "./signing-set.ts";

/** What presigning works with. */
export interface PresigningParts extends AdmissionParts {
  readonly waits: Waits;
  readonly link: Link;
  readonly keyring: Keyring;
  readonly presignatures: PresignaturePool;
  readonly sessions: Sessions;
  readonly executions: Executions;
  readonly ecdsaRounds: EcdsaRounds;
  readonly signing: Signing;
  readonly behaviour: Behaviour;
}

/** How often presignatures are looked through for those that have lain too long, milliseconds. */
const EXPIRY_MS = 600_000;

const ENOUGH = "enough presignatures of this key lie here";

/** Makes presignatures ahead of requests, and answers orders to sign with them in one round trip. */
export class Presigning {
  readonly #parts: PresigningParts;

  constructor(parts: PresigningParts) {
    this.#parts = parts;
  }

  start(): void {
    const { presignatures, waits, world } = this.#parts;
    presignatures.expire(world.now());
    waits.after(EXPIRY_MS, () => this.start());
  }

  make(order: OrderOf<"presign">): void {
    const { signing, sessions, executions, keyring, ecdsaRounds, presignatures } = this.#parts;
    const { executionId, signers } = order;
    signing.guarded(executionId, () => {
      const key = ecdsaOnly(heldKey(order, keyring));
      checkSigners(signers, key);
      ecdsaRounds.check(signers, key);
      if (presignatures.isFull(key)) throw new Refused("no_space", ENOUGH);
      sessions.checkRoom();
      executions.join(executionId, (joined) => {
        signing.guarded(executionId, () => {
          checkJoined(joined);
          sessions.checkRoom();
          this.#run(order, key);
        });
      });
    });
  }

  /**
   * One round trip. The presignatures leave the pool only once the request is bound, and before anything that depends on them
   * is sent: whatever happens then, nobody can use them again.
   */
  sign(order: OrderOf<"signPresigned">): void {
    const { signing, world, presignatures, link, behaviour } = this.#parts;
    const { executionId } = order;
    signing.guarded(executionId, () => {
      const admitted = admit(order, this.#parts);
      const key = ecdsaOnly(admitted.key);
      const { items } = admitted;
      if (items.some((one) => one.prehashed)) {
        const reason =
          "with a nonce point that is known beforehand, whoever chooses the digest gets a second signature";
        throw new Refused("prehashed", `a raw digest never meets a presignature: ${reason}`);
      }
      if (order.presignatures.length !== items.length) {
        throw new Refused("invalid_order", `${order.presignatures.length} presignatures for ${items.length} digests`);
      }
      presignatures.check(key, order.presignatures);
      signing.bind(order, admitted, () => {
        const startedMs = world.now();
        const taken = presignatures.take(key, order.presignatures);
        const shares = taken.map((one, at) => shareOf(key, one, items[at]!.message, behaviour));
        const computeMicros = Math.round((world.now() - startedMs) * 1000);
        link.answer({ kind: "ecdsaShares", executionId, shares, computeMicros });
      });
    });
  }

  /** The coordinator that ordered them has no use for them any more. */
  discard(order: OrderOf<"discard">, from: NodeId): void {
    this.#parts.presignatures.discard(order.presignatures, from);
  }

  /** Tells a coordinator what is held of what it ordered. */
  report(to: NodeId): void {
    const { link, presignatures } = this.#parts;
    link.report(to, { kind: "presignatures", held: presignatures.names(to) });
  }

  /** Erases what was made together with a node, and says so. */
  dropWith(node: NodeId): void {
    if (this.#parts.presignatures.discardWith(node)) this.#reportAll();
  }

  /** Erases what was made for a key, and says so. */
  dropOf(keyId: Uint8Array): void {
    if (this.#parts.presignatures.discardOf(keyId)) this.#reportAll();
  }

  #reportAll(): void {
    for (const coordinator of this.#parts.link.coordinators) this.report(coordinator);
  }

  #run(order: OrderOf<"presign">, key: EcdsaKey): void {
    const { world, link, presignatures, ecdsaRounds, keyring } = this.#parts;
    const { executionId, signers } = order;
    const startedMs = world.now();
    const owner = link.askerOf(executionId) ?? "";
    const name: PresignatureName = {
      presignId: executionId.slice(),
      keyId: key.keyId,
      epoch: key.epoch,
      path: key.path,
      signers,
    };
    const others = signers.filter((one) => one !== key.identifier);
    ecdsaRounds.run({
      key,
      signers,
      operation: "presign",
      executionId: name.presignId,
      request: H(key.suiteName, "req/presign", executionId, encode(derivationPath, key.path)),
      done: (presignature) => {
        const nodes = others.map((one) => key.nodes.get(one)!);
        const { epoch } = name;
        try {
          heldKey({ keyId: key.keyId, epoch, path: key.path }, keyring);
        } catch (error) {
          // The key got new shares, or was exported, during the rounds.
          presignature[Symbol.dispose]();
          if (!(error instanceof Refused)) throw error;
          return link.refuseOrder(executionId, error.code, error.message);
        }
        if (!presignatures.add(name, { nodes, owner, bornMs: world.now() }, presignature))
          return link.refuseOrder(executionId, "no_space", ENOUGH);
        const tookMicros = Math.round((world.now() - startedMs) * 1000);
        world.emit({ type: "presignature.made", presignature: hex(executionId), key: hex(key.keyId), tookMicros });
        link.answer({ kind: "presigned", executionId, bigR: presignature.bigR.slice(), tookMicros });
      },
      aborted: (abort, waitingFor) => link.abort(executionId, abort, waitingFor),
    });
  }
}
