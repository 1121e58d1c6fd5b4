import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ActiveFault, Fault } from "@quorate/faults";
import { type NetworkFile, parseNetworkFile } from "@quorate/orders";
import type { Answer } from "../support/service-account.ts";
import { type ClusterProcess, LocalCluster, until } from "./local-cluster.ts";

/** What the API says of an attempt at a request. */
export interface Attempt {
  readonly signers: readonly string[];
  readonly result: string;
  readonly culprits: readonly { readonly node: string; readonly verifiedBy: readonly string[] }[];
}

/** What the evidence that signers hold proves somebody guilty of. */
export interface Verdict {
  readonly id: string;
  readonly accused: string;
  readonly kind: string;
  readonly code: string;
  readonly heldBy: readonly string[];
}

/** A network that may be broken, with a key to sign with meanwhile. */
export class BrokenCluster implements AsyncDisposable {
  readonly cluster: LocalCluster;

  /** The newest: what damages records damages those of the newest first. */
  #key: string;

  private constructor(cluster: LocalCluster, key: string) {
    this.cluster = cluster;
    this.#key = key;
  }

  static async start(): Promise<BrokenCluster> {
    const cluster = await LocalCluster.start("--no-regions", "--allow-faults");
    return new BrokenCluster(cluster, await cluster.key("EdDSA"));
  }

  /** Has a request signed. @throws Error unless it is */
  async signed(): Promise<{ id: string; keyId: string; attempts: readonly Attempt[] }> {
    const answer = await this.#ask();
    if (answer.body.status !== "Signed") throw new Error(`not signed: ${JSON.stringify(answer.body)}`);
    const { attempts } = answer.body._quorate as { attempts: readonly Attempt[] };
    return { id: String(answer.body.id), keyId: this.#key, attempts };
  }

  #ask(): Promise<Answer> {
    const body = { kind: "Message", message: "68656c6c6f" };
    return this.cluster.call("POST", `/keys/${this.#key}/signatures`, body);
  }

  /** What came of a new request, signed or not, attempt by attempt. */
  async #attempts(): Promise<readonly Attempt[]> {
    const { id, error } = (await this.#ask()).body as { id?: string; error?: { details: { requestId: string } } };
    const path = `/keys/${this.#key}/signatures/${id ?? error?.details.requestId}`;
    return ((await this.cluster.call("GET", path)).body._quorate as { attempts: readonly Attempt[] }).attempts;
  }

  /** Those who made the signature of a new request. */
  async signers(): Promise<readonly string[]> {
    return (await this.signed()).attempts.at(-1)!.signers;
  }

  /**
   * Has requests signed until a node was asked. The coordinator chooses the nearest, and may for long choose others: two of
   * those are cut off then. @returns what came of asking it
   */
  async askedOf(node: string): Promise<Attempt> {
    const ofIt = (attempts: readonly Attempt[]) => attempts.find(({ signers }) => signers.includes(node));
    for (let at = 0; at < 5; at++) {
      const attempt = ofIt((await this.signed()).attempts);
      if (attempt !== undefined) return attempt;
    }
    const others = (await this.signers()).slice(0, 2);
    const cuts: string[] = [];
    for (const other of others) {
      const { id } = await this.inject({ kind: "partition", link: `${other}<->coordinator` });
      cuts.push(id);
    }
    for (const other of others) await this.linked(other, false);
    const attempt = ofIt(await this.#attempts());
    for (const cut of cuts) await this.clear(cut);
    for (const other of others) await this.linked(other, true);
    if (attempt === undefined) throw new Error(`${node} was not asked, though no other three are there`);
    return attempt;
  }

  /** Puts a fault in force, as the command does. */
  async inject(fault: Fault, forMs?: number): Promise<ActiveFault> {
    const begun = await this.cluster.control("fault", {
      action: "inject",
      fault,
      ...(forMs === undefined ? {} : { forMs }),
    });
    return (begun as readonly [ActiveFault])[0];
  }

  /** Ends a fault, or all. */
  clear(which?: string): Promise<unknown> {
    return this.cluster.control("fault", { action: "clear", ...(which === undefined ? {} : { which }) });
  }

  snapshot(node: string): Promise<unknown> {
    return this.cluster.control("fault", { action: "snapshot", node });
  }

  async faults(): Promise<readonly ActiveFault[]> {
    return (await this.cluster.control("fault", { action: "ls" })) as readonly ActiveFault[];
  }

  /** The verdicts of all signers, which have to run: as `quorate blame ls` shows them. */
  async verdicts(): Promise<readonly Verdict[]> {
    const verdicts = new Map<string, Verdict>();
    for (const { name } of this.nodes) {
      const held = await this.cluster.control("ask", { node: name, question: "verdicts" });
      for (const one of held as readonly Omit<Verdict, "heldBy">[]) {
        verdicts.set(one.id, { ...one, heldBy: [...(verdicts.get(one.id)?.heldBy ?? []), name] });
      }
    }
    return [...verdicts.values()];
  }

  /** Makes a key, and signs with it from then on. @returns the status of the answer */
  async made(): Promise<number> {
    const { status, body } = await this.cluster.call("POST", "/keys", { scheme: "EdDSA", curve: "ed25519" });
    if (status === 200) this.#key = String(body.id);
    return status;
  }

  async process(name: string): Promise<ClusterProcess | undefined> {
    return (await this.cluster.processes()).find((one) => one.name === name);
  }

  /** Waits until the coordinator has a link with a node, or has none. */
  async linked(node: string, is: boolean): Promise<void> {
    await until(async () => {
      const { nodes } = (await this.cluster.call("GET", "/_quorate/network")).body as {
        nodes: readonly { name: string; connected: boolean }[];
      };
      return nodes.find((one) => one.name === node)?.connected === is;
    });
  }

  /** The signers, as the network file has them. */
  get nodes(): NetworkFile["nodes"] {
    return parseNetworkFile(readFileSync(join(this.cluster.dir, "network.json"), "utf8")).nodes;
  }

  /** Waits until one of these nodes has logged something. */
  async logged(pattern: RegExp, ...nodes: readonly string[]): Promise<void> {
    const log = (node: string) => readFileSync(join(this.cluster.dir, "nodes", node, "log.jsonl"), "utf8");
    await until(() => nodes.some((node) => pattern.test(log(node))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}
