import type { Backend, Identity } from "@quorate/curves";
import { judge, type KeygenConfig, type KeyShare, keygen, keygenContext, keygenRounds } from "@quorate/keygen";
import {
  hex,
  type NetworkFile,
  type NodeId,
  type OrderOf,
  trustOf,
  unhex,
  type Waits,
  type World,
} from "@quorate/orders";
import { Abort } from "@quorate/protocol";
import type { Behaviour } from "./config.ts";
import { LocalDriver } from "./driver.ts";
import { checkJoined, type Executions } from "./executions.ts";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { Pairs } from "./pairs.ts";
import { Refused } from "./refused.ts";
import type { Sessions } from "./sessions.ts";
import type { Signing } from "./signing.ts";

/** What key generation works with. */
export interface KeyMakingParts {
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
  /** Tells the coordinator which keys are held. */
  readonly reportHoldings: () => void;
}

/** How long the holders of a new key may take together, milliseconds. */
const TIMEOUT_MS = 25_000;

/** Takes part in making keys: once per execution id, ever; the share is on disk before this signer confirms. */
export class KeyMaking {
  readonly #parts: KeyMakingParts;

  constructor(parts: KeyMakingParts) {
    this.#parts = parts;
  }

  start(order: OrderOf<"keygen">): void {
    const { signing, sessions, keyring, executions, pairs } = this.#parts;
    const { executionId } = order;
    signing.guarded(executionId, () => {
      const config = this.#config(order);
      if (keyring.full) throw new Refused("no_space", "this signer holds as many keys as it can");
      pairs.checkNotBanned(order.members.map((one) => one.node));
      sessions.checkRoom();
      executions.join(executionId, (joined) => {
        signing.guarded(executionId, () => {
          checkJoined(joined);
          sessions.checkRoom();
          this.#run(order, config);
        });
      });
    });
  }

  /** The coordinator brings the certificate of a key of which this signer has only staged its share. */
  certify(order: OrderOf<"certify">): void {
    try {
      this.#activate(order.certificate, () => this.#parts.reportHoldings());
    } catch (error) {
      const detail = (error as Error).message;
      this.#parts.world.emit({ type: "order.refused", code: "invalid_certificate", detail });
    }
  }

  #config(order: OrderOf<"keygen">): KeygenConfig {
    const { network, backend } = this.#parts;
    const participants = order.members.map(({ identifier, node }) => {
      const publicKey = network.nodes.find((one) => one.name === node)?.publicKey;
      if (publicKey === undefined) throw new Refused("invalid_order", `${node} is not a signer of this network`);
      return { identifier, publicKey: unhex(publicKey) };
    });
    const group = trustOf(network, backend).groupOf(order.suite)!;
    const config = {
      suite: order.suite,
      group,
      executionId: order.executionId,
      minSigners: order.minSigners,
      participants,
    };
    try {
      keygenContext(config);
    } catch (error) {
      if (error instanceof RangeError) throw new Refused("invalid_order", error.message);
      throw error;
    }
    if (!order.members.some((one) => one.node === this.#parts.self))
      throw new Refused("invalid_order", "not a member here");
    return config;
  }

  #run(order: OrderOf<"keygen">, config: KeygenConfig): void {
    const { world, identity, link, sessions, behaviour, self } = this.#parts;
    const own = order.members.find((one) => one.node === self)!.identifier;
    const protocol = keygen(config, own, identity, (length) => world.random(length));
    const { executionId } = order;
    const setup = {
      executionId,
      context: keygenContext(config),
      participants: config.participants,
      rounds: keygenRounds(config),
      self: own,
      identity,
    };
    sessions.start<KeyShare>({
      setup,
      driver: new LocalDriver(setup, behaviour.protocol?.("keygen", protocol) ?? protocol),
      nodes: new Map(order.members.filter((one) => one.node !== self).map((one) => [one.identifier, one.node])),
      timeoutMs: TIMEOUT_MS,
      checkpoint: (value, saved) => this.#stage(value, saved),
      done: (share) =>
        this.#activate(share.certificate, () => {
          link.report({ kind: "keygenDone", executionId, certificate: share.certificate });
        }),
      aborted: (abort, waitingFor) => link.abort(executionId, abort, waitingFor),
      judge: (evidence) => judge(evidence, config),
    });
  }

  /**
   * A staged share outlives a session that stops afterwards: others may have the full certificate by then, and bring it.
   */
  #stage(record: Uint8Array, saved: (failure?: Abort) => void): void {
    const staged = this.#parts.keyring.stage(record);
    this.#parts.waits.write([staged.write], (result) => {
      if (result !== "ok") return saved(new Abort("stopped"));
      staged.keep();
      saved();
    });
  }

  #activate(certificate: Uint8Array, then: () => void): void {
    const certified = this.#parts.keyring.certify(certificate);
    if (certified === undefined) return;
    this.#parts.waits.write([certified.write], (result) => {
      if (result !== "ok") return this.#parts.world.emit({ type: "key.not_stored", result });
      const key = certified.activate();
      this.#parts.world.emit({ type: "key.active", key: hex(key.keyId), suite: key.suiteName });
      then();
    });
  }
}
