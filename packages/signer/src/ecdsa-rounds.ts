import { encode, H } from "@quorate/curves";
import { judgePresign, Presignature, presignContext, signShare } from "@quorate/dkls23";
import { derivationPath, type NodeId, type OrderOf, type Waits, type World } from "@quorate/orders";
import type { Abort, Identifier } from "@quorate/protocol";
import type { Admitted } from "./admission.ts";
import type { Behaviour } from "./config.ts";
import type { EcdsaKey } from "./held-key.ts";
import { interactiveContext } from "./interactive-context.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Pairs } from "./pairs.ts";
import { Refused } from "./refused.ts";
import type { Sessions } from "./sessions.ts";
import type { Signing } from "./signing.ts";
import type { VerdictStore } from "./verdict-store.ts";
import type { PresignPlan } from "./workshop/job.ts";
import { WorkshopDriver } from "./workshop-driver.ts";

/** What the rounds work with. */
export interface EcdsaRoundsParts {
  readonly world: World;
  readonly waits: Waits;
  readonly link: Link;
  readonly sessions: Sessions;
  readonly pairs: Pairs;
  readonly signing: Signing;
  readonly keyring: Keyring;
  readonly behaviour: Behaviour;
  readonly verdicts: VerdictStore;
}

/** One run of the message-independent rounds. */
interface Rounds {
  readonly key: EcdsaKey;
  readonly signers: readonly Identifier[];
  readonly operation: "presign" | "sign";
  readonly executionId: Uint8Array;
  /** What the outcome may be used for, 32 bytes. */
  readonly request: Uint8Array;
  done(presignature: Presignature): void;
  aborted(abort: Abort, waitingFor: readonly Identifier[]): void;
}

/** How long the rounds may take, milliseconds; less than the coordinator waits, so that it hears who did not answer whom. */
const TIMEOUT_MS = 10_000;

/**
 * Runs the three message-independent rounds of an ECDSA signature with the other signers of a set (DKLs23 protocol 3.6): for a
 * presignature, or for one digest that is fixed before they begin. A failed check burns the pair with whoever failed it.
 */
export class EcdsaRounds {
  readonly #parts: EcdsaRoundsParts;

  constructor(parts: EcdsaRoundsParts) {
    this.#parts = parts;
  }

  /** @throws Refused unless this signer works with all others of the set and shares a setup with each */
  check(signers: readonly Identifier[], key: EcdsaKey): void {
    for (const signer of signers) {
      const node = key.nodes.get(signer)!;
      const state = signer === key.identifier ? "ready" : this.#parts.pairs.state(node);
      if (state === "banned") throw new Refused("pair_banned", `not worked with ${node} until somebody readmits it`);
      if (state !== "ready") throw new Refused("pair_not_ready", `the setup of the pair with ${node} is ${state}`);
    }
  }

  /** Signs digests that were fixed before the rounds: each gets a run of its own, whose execution was joined. */
  sign(order: OrderOf<"signInteractive">, { key, items, permit }: Admitted<EcdsaKey>): void {
    const { link, world, signing, behaviour } = this.#parts;
    const { executionId, signers } = order;
    const startedMs = world.now();
    const agreed = interactiveContext(order, permit, link.networkHash);
    const made: Presignature[] = [];
    let open = items.length;
    let failed = false;
    const wipe = () => {
      for (const one of made) one?.[Symbol.dispose]();
    };
    const finish = () => {
      signing.guarded(executionId, () => {
        signing.checkStill(order);
        const shares = items.map(({ message }, at) => shareOf(key, made[at]!, message, behaviour));
        const computeMicros = Math.round((world.now() - startedMs) * 1000);
        link.answer({ kind: "ecdsaShares", executionId, shares, computeMicros });
      });
      wipe();
    };
    for (const [at, execution] of executionsOf(order, items.length).entries()) {
      this.run({
        key,
        signers,
        operation: "sign",
        executionId: execution,
        request: H(key.suiteName, "req", items[at]!.message, encode(derivationPath, key.path), agreed),
        done: (presignature) => {
          made[at] = presignature;
          open -= 1;
          if (open === 0) finish();
          else if (failed) wipe();
        },
        aborted: (abort, waitingFor) => {
          wipe();
          if (!failed) link.abort(executionId, abort, waitingFor);
          failed = true;
        },
      });
    }
  }

  /** Runs the rounds once. For a presignature nobody waits; for a digest somebody does. */
  run(rounds: Rounds): void {
    const { waits, sessions, pairs, verdicts } = this.#parts;
    const { key, signers, operation, executionId, request } = rounds;
    const participants = key.certificate.participants
      .filter((one) => signers.includes(one.identifier))
      .map((one) => ({ ...one, node: key.nodes.get(one.identifier)! }));
    const { minSigners } = key.certificate;
    const named = { suite: key.suiteName, keyId: key.keyId, epoch: key.epoch, minSigners };
    const context = presignContext({ ...named, participants: key.certificate.participants }, operation, executionId);
    const plan: PresignPlan = {
      what: "presign",
      executionId,
      suite: key.suiteName,
      context,
      request,
      self: key.identifier,
      participants,
      signingShare: key.signingShare.expose().slice(),
      tweak: key.tweak,
      publicKey: key.encodedPublicKey,
    };
    const scope = { group: key.group, suite: key.suiteName, context, executionId, participants };
    const others = participants.filter((one) => one.identifier !== key.identifier);
    const nodes = new Map(others.map(({ identifier, node }) => [identifier, node]));
    sessions.start<Uint8Array>({
      setup: { executionId, context, participants },
      driver: new WorkshopDriver(waits, plan, operation === "sign"),
      nodes,
      timeoutMs: TIMEOUT_MS,
      brief: operation === "presign",
      done: (output) => rounds.done(Presignature.decode(output)),
      banned: (culprits, then) =>
        this.#ban(
          culprits.map((one) => nodes.get(one)!),
          then,
        ),
      aborted: (abort, waitingFor) => {
        if (abort.code === "setup_mismatch") for (const node of nodes.values()) pairs.disagree(node);
        rounds.aborted(abort, waitingFor);
      },
      convicted: (abort) => {
        const certificate = verdicts.certificateOf(key);
        if (certificate !== undefined)
          verdicts.convicted(abort, { kind: "presign", scope: { certificate, operation } });
      },
      judge: (evidence) => judgePresign(evidence, scope),
    });
  }

  #ban(nodes: readonly NodeId[], then: () => void): void {
    const [first, ...rest] = nodes;
    if (first === undefined) return then();
    this.#parts.pairs.ban(first, "failed_check", () => this.#ban(rest, then));
  }
}

/**
 * The executions of an order, one for each digest. All of them are to be joined: were one of the derived ids free for an order of
 * its own, this signer would sign two first rounds for one place, which to everybody else is proof of equivocation.
 */
export function executionsOf(
  { executionId }: Pick<OrderOf<"signInteractive">, "executionId">,
  digests: number,
): readonly Uint8Array[] {
  return Array.from({ length: digests }, (_, at) => {
    return at === 0 ? executionId : H("signer/v1", "digest", executionId, Uint8Array.of(at)).slice(0, 16);
  });
}

/** This signer's part of a signature: the presignature is spent. */
export function shareOf(key: EcdsaKey, presignature: Presignature, digest: Uint8Array, behaviour: Behaviour) {
  const bigR = presignature.bigR.slice();
  const { u, w } = signShare(key.group, presignature, digest);
  return { bigR, u, w: behaviour.share?.(w) ?? w };
}
