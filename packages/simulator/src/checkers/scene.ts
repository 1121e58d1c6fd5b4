import type { Group } from "@quorate/curves";
import { type GroupKey, verifyCertificate } from "@quorate/keygen";
import { hex, type NetworkFile, type NodeId, networkHash, type SuiteName, trustOf, unhex } from "@quorate/orders";
import type { Client } from "../client.ts";
import type { Machine } from "../machine.ts";
import type { Simulation } from "../simulation.ts";
import type { Property, Violation } from "./violation.ts";

/** The most violations that are kept: the first of them says what is wrong. */
const MAX_KEPT = 100;

/** What all checkers look at and report to: a network, who of it is honest, and those who ask it for signatures. */
export class Scene {
  readonly simulation: Simulation;
  readonly clients: readonly Client[];
  readonly faulty: ReadonlySet<NodeId>;
  readonly file: NetworkFile;
  readonly networkHash: Uint8Array;
  /** Of all coordinators. */
  readonly coordinators: readonly Machine[];
  readonly violations: Violation[] = [];
  /** Names of nodes by their identity in hex. */
  readonly #names: ReadonlyMap<string, NodeId>;
  readonly #trust: ReturnType<typeof trustOf>;
  /** By certificate in hex. */
  readonly #certified = new Map<string, GroupKey | undefined>();

  constructor(simulation: Simulation, clients: readonly Client[], faulty: ReadonlySet<NodeId>) {
    this.simulation = simulation;
    this.clients = clients;
    this.faulty = faulty;
    this.file = simulation.file;
    this.coordinators = [...simulation.machines.values()].filter((one) => simulation.isCoordinator(one.name));
    this.networkHash = networkHash(simulation.file);
    this.#names = new Map(simulation.file.nodes.map((node) => [node.publicKey, node.name]));
    this.#trust = trustOf(simulation.file, simulation.crypto.backend);
  }

  get now(): number {
    return this.simulation.now;
  }

  isCoordinator(node: NodeId): boolean {
    return this.simulation.isCoordinator(node);
  }

  isHonest(node: NodeId): boolean {
    return !this.faulty.has(node);
  }

  get honestSigners(): readonly NodeId[] {
    return this.file.nodes.map((node) => node.name).filter((name) => this.isHonest(name));
  }

  /** Whether all coordinators follow the protocol. */
  get isLed(): boolean {
    return [...this.faulty].every((node) => !this.isCoordinator(node));
  }

  machine(node: NodeId): Machine {
    return this.simulation.machine(node);
  }

  /** @param identity hex */
  nodeOf(identity: string): NodeId | undefined {
    return this.#names.get(identity);
  }

  identityOf(node: NodeId): Uint8Array {
    return unhex(this.file.nodes.find((one) => one.name === node)?.publicKey ?? "");
  }

  groupOf(suite: SuiteName): Group {
    return this.#trust.groupOf(suite)!;
  }

  /** What a certificate says, if it is one: verified once. */
  keyOf(certificate: Uint8Array): GroupKey | undefined {
    const name = hex(certificate);
    if (!this.#certified.has(name)) {
      let key: GroupKey | undefined;
      try {
        key = verifyCertificate(certificate.slice(), this.#trust);
      } catch {
        // Whoever shows it shows nothing.
      }
      this.#certified.set(name, key);
    }
    return this.#certified.get(name);
  }

  report(property: Property, node: NodeId, text: string): void {
    if (this.violations.length < MAX_KEPT) this.violations.push({ property, at: this.now, node, text });
  }
}
