import { CliError, EXIT } from "./exit.ts";

/** What `--chain` takes. */
export const CHAIN_HELP =
  "a node of a chain, which transfers go through, such as EthereumSepolia=http://127.0.0.1:8545";

/** Reads the values of `--chain`: a network's name, and where a node of it answers JSON-RPC. @throws CliError */
export function chainNodes(values: readonly string[] = []): ReadonlyMap<string, string> {
  return new Map(values.map(chainNode));
}

function chainNode(value: string): [network: string, url: string] {
  const [, network, url] = /^([A-Za-z0-9]{1,50})=(.+)$/.exec(value) ?? [];
  if (network !== undefined && url !== undefined && /^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    return [network, url];
  }
  throw new CliError(EXIT.usage, `--chain ${value.slice(0, 100)}: is not of the form network=url`, CHAIN_HELP);
}
