import { type HaltStatement, networkHash, resumeQuorum, signHalt, signResume } from "@quorate/orders";
import { type Simulation, START_MS } from "./simulation.ts";

/** The operators of a simulated network: each may halt its own signers, and enough of them let those go on. */
export class Operators {
  readonly #simulation: Simulation;
  readonly #hash: Uint8Array;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#hash = networkHash(simulation.file);
  }

  /** Has the signers of an operator stop. @returns what has them go on */
  halt(operator: string): () => void {
    const { file, crypto, now } = this.#simulation;
    const nodes = file.nodes.filter((one) => one.operator === operator).map((one) => one.name);
    const time = START_MS + Math.floor(now);
    const statement = signHalt(this.#hash, { operator, nodes, time }, crypto.identityOf(operator));
    for (const node of nodes) this.#simulation.signers.get(node)?.halt(statement, () => {});
    return () => this.#resume(statement);
  }

  #resume(halt: HaltStatement): void {
    const { file, crypto, signers } = this.#simulation;
    const agreed = file.operators.slice(0, resumeQuorum(file));
    const signatures = agreed.map(({ name }) => {
      return { operator: name, signature: signResume(this.#hash, halt, crypto.identityOf(name)) };
    });
    for (const node of halt.halt.nodes) signers.get(node)?.resume({ halt, signatures }, () => {});
  }
}
