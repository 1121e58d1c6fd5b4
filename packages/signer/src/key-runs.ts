import type { SessionSetting } from "@quorate/blame";
import type { Backend, Identity } from "@quorate/curves";
import { judge, type KeygenConfig, type KeyShare, keygenContext, keygenRounds } from "@quorate/keygen";
import {
  hex,
  type Member,
  type NetworkFile,
  type NodeId,
  type SuiteName,
  trustOf,
  unhex,
  type Waits,
  type World,
} from "@quorate/orders";
import { Abort, type Protocol } from "@quorate/protocol";
import type { OriginRecord } from "@quorate/vault";
import type { Behaviour } from "./config.ts";
import { LocalDriver } from "./driver.ts";
import { checkJoined, type Executions } from "./executions.ts";
import { type HeldKey, signingShareOf } from "./held-key.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { NoncePool } from "./nonce-pool.ts";
import type { Pairs } from "./pairs.ts";
import type { Presigning } from "./presigning.ts";
import { Refused } from "./refused.ts";
import type { Sessions } from "./sessions.ts";
import type { Signing } from "./signing.ts";
import type { VerdictStore } from "./verdict-store.ts";

/** What runs that end with shares of a key work with. */
export interface KeyRunsParts {
  readonly world: World;
  readonly waits: Waits;
  readonly network: NetworkFile;
  readonly self: NodeId;
  readonly identity: Identity;
  readonly backend: Backend;
  readonly link: Link;
  readonly keyring: Keyring;
  readonly sessions: Sessions;
  readonly executions: Executions;
  readonly signing: Signing;
  readonly behaviour: Behaviour;
  readonly pairs: Pairs;
  readonly pool: NoncePool;
  readonly presigning: Presigning;
  readonly verdicts: VerdictStore;
}

/** A run that ends with a share of a key here. */
export interface KeyRun {
  readonly name: "keygen" | "refresh" | "import";
  readonly config: KeygenConfig;
  /** All holders, this signer among them. */
  readonly members: readonly Member[];
  /** For which key of the log a new share is made; `null` where the key has it already. */
  readonly origin: OriginRecord | null;
  /** Called once the execution was joined and all is as it was before. @throws Refused */
  protocol(own: number): Protocol<KeyShare>;
}

/** How long the holders may take together, milliseconds. */
const TIMEOUT_MS = 25_000;
/** By then no session uses the share of an epoch that has ended, milliseconds. */
const WIPE_DELAY_MS = 60_000;

/**
 * Runs that end with a share of a key: each once per execution id, ever. The share is on disk before this signer confirms, and
 * is used once the certificate of all is; the share of an earlier epoch is erased by the same write.
 */
export class KeyRuns {
  readonly #parts: KeyRunsParts;

  constructor(parts: KeyRunsParts) {
    this.#parts = parts;
  }

  /** Joins the execution durably, then runs. @throws Refused */
  start(run: KeyRun): void {
    const { signing, sessions, executions, pairs, self } = this.#parts;
    const { executionId } = run.config;
    pairs.checkNotBanned(run.members.map((one) => one.node).filter((node) => node !== self));
    sessions.checkRoom();
    executions.join(executionId, (joined) => {
      signing.guarded(executionId, () => {
        checkJoined(joined);
        sessions.checkRoom();
        this.#run(run);
      });
    });
  }

  /** The holders that an order names, as a run sees them. @throws Refused */
  config(order: {
    readonly executionId: Uint8Array;
    readonly suite: SuiteName;
    readonly minSigners: number;
    readonly members: readonly Member[];
  }): KeygenConfig {
    const { network, backend, self } = this.#parts;
    const { suite, minSigners, members } = order;
    const participants = members.map(({ identifier, node }) => {
      const publicKey = network.nodes.find((one) => one.name === node)?.publicKey;
      if (publicKey === undefined) throw new Refused("invalid_order", `${node} is not a signer of this network`);
      return { identifier, publicKey: unhex(publicKey) };
    });
    const group = trustOf(network, backend).groupOf(suite)!;
    const config = { suite, group, executionId: order.executionId.slice(), minSigners, participants };
    orRefuse(() => keygenContext(config));
    if (!members.some((one) => one.node === self)) throw new Refused("invalid_order", "not a member here");
    return config;
  }

  /**
   * Switches to the share that a certificate is for, if it is staged here.
   *
   * @param then once that is done, or at once where it is used already
   * @returns the certificate of a later epoch, if that is what is held
   * @throws Error when the certificate does not verify or is not for the staged share
   */
  activate(certificate: Uint8Array, then: (now: "active" | "as before") => void): Uint8Array | undefined {
    const { keyring, waits, world } = this.#parts;
    const certified = keyring.certify(certificate);
    if (certified === undefined) return undefined;
    if (certified === "in use") {
      then("as before");
      return undefined;
    }
    if ("later" in certified) return certified.later;
    waits.write(certified.writes, (result) => {
      if (result !== "ok") return world.emit({ type: "key.not_stored", result });
      const { key, replaced } = certified.activate();
      if (replaced !== undefined) this.#forget(replaced);
      world.emit({ type: "key.active", key: hex(key.keyId), suite: key.suiteName, epoch: key.epoch });
      then("active");
    });
    return undefined;
  }

  /** Nothing that was made with this share ahead of requests is used any more. */
  forgetPrepared(key: HeldKey): void {
    const { pool, presigning } = this.#parts;
    if (key.kind === "frost") pool.forget(key);
    else presigning.dropOf(key.keyId);
  }

  /** In a while the share of an epoch that has ended is used no more. */
  #forget(key: HeldKey): void {
    this.forgetPrepared(key);
    this.#parts.waits.after(WIPE_DELAY_MS, () => {
      signingShareOf(key).wipe();
      key.chainCode.wipe();
    });
  }

  #run({ name, config, members, origin, protocol }: KeyRun): void {
    const { identity, link, sessions, behaviour, self, verdicts } = this.#parts;
    const own = members.find((one) => one.node === self)!.identifier;
    const others = members.filter((one) => one.node !== self);
    const honest = protocol(own);
    const { executionId, participants } = config;
    const rounds = keygenRounds(config);
    const setup = { executionId, context: keygenContext(config), participants, rounds, self: own, identity };
    sessions.start<KeyShare>({
      setup,
      driver: new LocalDriver(setup, behaviour.protocol?.(name, honest, others) ?? honest),
      nodes: new Map(others.map((one) => [one.identifier, one.node])),
      timeoutMs: TIMEOUT_MS,
      checkpoint: (value, saved) => this.#stage(value, origin, saved),
      done: (share) => {
        const { certificate } = share;
        this.activate(certificate, () => link.answer({ kind: "keygenDone", executionId, certificate }));
      },
      aborted: (abort, waitingFor) => link.abort(executionId, abort, waitingFor),
      convicted: (abort) => verdicts.convicted(abort, this.#setting(config)),
      judge: (evidence) => judge(evidence, config),
    });
  }

  /** What others have to know of a run to judge it. */
  #setting({ suite, minSigners, participants, group, origin }: KeygenConfig): SessionSetting | undefined {
    const members = participants.map(({ identifier, publicKey }) => ({ identifier, publicKey: hex(publicKey) }));
    const making = { suite: suite as SuiteName, minSigners, participants: members };
    if (origin === undefined) return { kind: "keygen", scope: making };
    if (origin.kind === "import") {
      const groupCommitment = origin.groupCommitment.map((one) => hex(group.encodePoint(one)));
      return { kind: "import", scope: { ...making, groupCommitment } };
    }
    const certificate = this.#parts.verdicts.certificateOf(origin);
    return certificate === undefined
      ? undefined
      : { kind: "refresh", scope: { certificate, newEpoch: origin.newEpoch } };
  }

  /**
   * A staged share outlives a session that stops afterwards: others may have the full certificate by then, and bring it.
   */
  #stage(record: Uint8Array, origin: OriginRecord | null, saved: (failure?: Abort) => void): void {
    const staged = this.#parts.keyring.stage(record, origin);
    this.#parts.waits.write(staged.writes, (result) => {
      if (result !== "ok") return saved(new Abort("stopped"));
      staged.keep();
      saved();
    });
  }
}

/** A configuration that contradicts itself is the order's fault. @throws Refused */
export function orRefuse<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) throw new Refused("invalid_order", error.message);
    throw error;
  }
}
