import { InputError } from "@quorate/orders";

/** How long a node of a chain may take to answer, milliseconds. */
const TIMEOUT_MS = 10_000;
/** The longest answer that is read, bytes. */
const MAX_ANSWER_BYTES = 1 << 20;

/** Nodes of chains by the network's name, such as `EthereumSepolia`. */
export type ChainNodes = ReadonlyMap<string, string>;

/** A node of an EVM chain, spoken to in JSON-RPC. */
export class ChainNode {
  readonly network: string;
  readonly #url: string;

  constructor(network: string, url: string) {
    this.network = network;
    this.#url = url;
  }

  /** @throws InputError `impossible` with what the node says; `failed` when it does not answer */
  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    let answer: { result?: unknown; error?: { message?: unknown } };
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      if (text.length > MAX_ANSWER_BYTES) throw new Error("the answer is too long");
      answer = JSON.parse(text);
    } catch (error) {
      const message = `the node of ${this.network} does not answer ${method}: ${(error as Error).message}`;
      throw new InputError("failed", message, { hint: `start it, or name another with --chain ${this.network}=<url>` });
    }
    if (answer.error === undefined) return answer.result ?? null;
    const message = `the node of ${this.network} refuses ${method}: ${String(answer.error.message).slice(0, 300)}`;
    throw new InputError("impossible", message);
  }

  /** @throws InputError as `call`, and when the answer is no number */
  async quantity(method: string, params: readonly unknown[]): Promise<bigint> {
    const result = await this.call(method, params);
    if (typeof result === "string" && /^0x[0-9a-fA-F]{1,64}$/.test(result)) return BigInt(result);
    throw new InputError("failed", `the node of ${this.network} answers ${method} with no number`);
  }
}

/** @throws InputError `unsupported` when none is configured for the network */
export function nodeFor(chains: ChainNodes | undefined, network: string): ChainNode {
  const url = chains?.get(network);
  if (url !== undefined) return new ChainNode(network, url);
  throw new InputError("unsupported", `network: no node of ${network} is configured`, {
    field: "network",
    hint: `start with --chain ${network}=http://127.0.0.1:8545, or sign the transaction yourself with /signatures and send it where you like`,
  });
}
