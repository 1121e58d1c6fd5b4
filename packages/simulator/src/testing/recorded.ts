import type { KeyRecord, Result } from "@quorate/coordinator";
import { type Order, type Outcome, order, outcome, seal } from "@quorate/orders";
import { unchecked } from "@quorate/orders/observe";
import { type Checkers, checkersOf } from "../checkers/index.ts";
import { Client } from "../client.ts";
import { type Crypto, cryptoOf } from "../crypto.ts";
import type { Observer, Passing } from "../observer.ts";
import { type Malice, Simulation } from "../simulation.ts";
import { topologyOf } from "../topology.ts";
import { warmDisks } from "../warm-disks.ts";

const REGIONS = ["ireland", "frankfurt", "london"];

/** A message between the coordinator and a signer, decoded. */
export interface Spoken<T> {
  readonly message: Passing;
  readonly value: T;
}

/**
 * A small network in which all are honest, checked while it makes keys and signs; and then told again, with changes, to checkers of
 * its own for each test.
 */
export class Recorded {
  readonly simulation: Simulation;
  readonly client: Client;
  /** Those that watched all of it. */
  readonly checkers: Checkers;
  readonly sent: Passing[] = [];
  readonly written: Parameters<Required<Observer>["written"]>[] = [];

  /** @param malice of nodes that are not honest, after all */
  constructor(name: Crypto["name"] = "model", signers = REGIONS.length, malice?: Malice) {
    const crypto = cryptoOf(name);
    const disks = warmDisks(signers, crypto);
    const topology = topologyOf(REGIONS.slice(0, signers), 2);
    this.simulation = new Simulation({
      seed: "checkers",
      topology,
      disks,
      crypto,
      ...(malice && { liars: () => malice }),
    });
    this.client = new Client(this.simulation);
    const faulty = new Set([...(malice?.signers.keys() ?? []), ...(malice?.coordinators.keys() ?? [])]);
    this.checkers = checkersOf(this.simulation, [this.client], { faulty });
    this.simulation.observers.add({
      sent: (message) => void this.sent.push(message),
      written: (...what) => void this.written.push(what),
    });
    this.simulation.timeline.pass(2000);
  }

  makeKey(scheme: KeyRecord["scheme"], curve: KeyRecord["curve"]): KeyRecord {
    let made: Result<KeyRecord> | undefined;
    this.client.createKey(scheme, curve, (result) => {
      made = result;
    });
    this.simulation.until(() => made !== undefined);
    if (made === undefined || "error" in made) throw new Error("no key was made");
    this.simulation.timeline.pass(2000);
    return made.ok;
  }

  sign(key: KeyRecord, body: Readonly<Record<string, unknown>>) {
    const asking = this.client.ask(key, body);
    this.simulation.until(() => asking.endedMs !== undefined);
    return asking;
  }

  /** Orders of a kind, as they were sent. */
  orders<K extends Order["kind"]>(kind: K): Spoken<Extract<Order, { kind: K }>>[] {
    return this.#spoken(order, kind, (message) => this.simulation.isCoordinator(message.from));
  }

  outcomes<K extends Outcome["kind"]>(kind: K): Spoken<Extract<Outcome, { kind: K }>>[] {
    return this.#spoken(outcome, kind, (message) => this.simulation.isCoordinator(message.to));
  }

  /** The message with another value, signed as it has to be. */
  altered<T extends Order | Outcome>({ message }: Spoken<T>, value: T): Passing {
    const purpose = this.simulation.isCoordinator(message.from) ? "order" : "outcome";
    const identity = this.simulation.crypto.identityOf(message.from);
    const address = { networkHash: new Uint8Array(32), purpose, from: message.from, to: message.to } as const;
    const codec = (purpose === "order" ? order : outcome) as typeof order;
    return { ...message, bytes: seal(codec, value as Order, identity, address) };
  }

  #spoken<T, K>(
    codec: Parameters<typeof unchecked<T>>[0],
    kind: K,
    whose: (message: Passing) => boolean,
  ): Spoken<never>[] {
    return this.sent.filter(whose).flatMap((message) => {
      const value = unchecked(codec, message.bytes) as { readonly kind: unknown };
      return value.kind === kind ? [{ message, value: value as never }] : [];
    });
  }
}
