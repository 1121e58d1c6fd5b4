const FAMILIES = ["Evm", "Solana", "Bitcoin"] as const;

/** Families of chains whose requests are understood here. */
export type ChainFamily = (typeof FAMILIES)[number];

/** What a request says of the chain that it is for. */
export interface ChainHints {
  readonly network?: string | undefined;
  readonly blockchainKind?: string | undefined;
}

/** Names of networks by family. Those of EVM networks are too many to list: the others go with `blockchainKind`. */
const NETWORKS: Readonly<Record<ChainFamily, RegExp>> = {
  Evm: /^(Arbitrum|AvalancheC|Base|Berachain|Bsc|Celo|Ethereum|FantomOpera|FlareC|Gnosis|Optimism|Polygon|Sonic)/,
  Solana: /^Solana/,
  Bitcoin: /^Bitcoin(Testnet\d?|Signet|Regtest)?$/,
};

/** Networks of the API that are no chain: keys that only sign. */
const NO_CHAIN: readonly (string | undefined)[] = [undefined, "KeyECDSA", "KeyEdDSA"];

/** Whether the request names a chain at all. */
export function saysChain({ blockchainKind, network }: ChainHints): boolean {
  return blockchainKind !== undefined || !NO_CHAIN.includes(network);
}

/**
 * Whether the request names no chain, or one of this family: by `blockchainKind`, by a network such as `SolanaDevnet`, or by both.
 * `blockchainKind` "Evm" goes with any network that is not of another family.
 */
export function isFor(family: ChainFamily, { blockchainKind, network }: ChainHints): boolean {
  if (blockchainKind !== undefined && blockchainKind !== family) return false;
  if (network === undefined || NO_CHAIN.includes(network)) return true;
  const named = FAMILIES.find((one) => NETWORKS[one].test(network));
  return named === family || (named === undefined && blockchainKind === "Evm");
}

/** The field that says which chain, or would. */
export function chainField(hints: ChainHints): "network" | "blockchainKind" {
  return hints.blockchainKind === undefined && saysChain(hints) ? "network" : "blockchainKind";
}
