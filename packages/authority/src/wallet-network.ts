import { addresses } from "./address.ts";
import { type ChainFamily, isFor, saysChain } from "./chain.ts";
import type { PublicKeyFacts } from "./key.ts";
import type { KeyEntity } from "./log/state.ts";

/** Scheme and curve of a key. */
export type KeySpec = Pick<KeyEntity, "scheme" | "curve">;

/** EIP-155 numbers of the EVM networks by their names in the API. */
const CHAIN_IDS: Readonly<Record<string, number>> = {
  ArbitrumOne: 42_161,
  ArbitrumSepolia: 421_614,
  AvalancheC: 43_114,
  AvalancheCFuji: 43_113,
  Base: 8453,
  BaseSepolia: 84_532,
  Berachain: 80_094,
  BerachainBepolia: 80_069,
  Bsc: 56,
  BscTestnet: 97,
  Celo: 42_220,
  CeloAlfajores: 44_787,
  Ethereum: 1,
  EthereumClassic: 61,
  EthereumHolesky: 17_000,
  EthereumHoodi: 560_048,
  EthereumSepolia: 11_155_111,
  FantomOpera: 250,
  FlareC: 14,
  FlareCCoston2: 114,
  Gnosis: 100,
  GnosisChiado: 10_200,
  Optimism: 10,
  OptimismSepolia: 11_155_420,
  Polygon: 137,
  PolygonAmoy: 80_002,
  Sonic: 146,
};

const FAMILIES: readonly ChainFamily[] = ["Evm", "Solana", "Bitcoin"];
const ED25519: KeySpec = { scheme: "EdDSA", curve: "ed25519" };
const SECP256K1: KeySpec = { scheme: "ECDSA", curve: "secp256k1" };
const TAPROOT: KeySpec = { scheme: "Schnorr", curve: "secp256k1" };

/** The keys that a wallet on a network can have, the usual one first; empty for networks of which nothing is known here. */
const SPECS: readonly { readonly network: RegExp; readonly specs: readonly KeySpec[] }[] = [
  { network: /^KeyECDSA$/, specs: [SECP256K1] },
  { network: /^KeyEdDSA$/, specs: [ED25519] },
  { network: /^(Algorand|Aptos|Canton|Cardano|Concordium|Hedera|Iota|Near|Stellar|Sui|Tezos|Ton)/, specs: [ED25519] },
  { network: /^(Cosmos|Dogecoin|InternetComputer|Litecoin|Tron|XrpLedger)/, specs: [SECP256K1] },
];

/** The family that a network belongs to by its name; `undefined` for the others, and for the networks that are no chain. */
export function familyOf(network: string): ChainFamily | undefined {
  return saysChain({ network }) ? FAMILIES.find((family) => isFor(family, { network })) : undefined;
}

/** The EIP-155 number of an EVM network; `undefined` for all others. */
export function chainIdOf(network: string): number | undefined {
  return Object.hasOwn(CHAIN_IDS, network) ? CHAIN_IDS[network] : undefined;
}

/** The keys that go with a network, the usual one first; none when the network is not known here, so that the caller has to say. */
export function keySpecsOf(network: string): readonly KeySpec[] {
  const known = SPECS.find((one) => one.network.test(network));
  if (known !== undefined) return known.specs;
  const family = familyOf(network);
  if (family === undefined) return [];
  return { Evm: [SECP256K1], Solana: [ED25519], Bitcoin: [SECP256K1, TAPROOT] }[family];
}

/** The address of a key on a network, where this version knows its form. */
export function addressOn(network: string, key: PublicKeyFacts): string | undefined {
  const all = addresses(key);
  switch (familyOf(network)) {
    case "Evm":
      return all.evm;
    case "Solana":
      return all.solana;
    case "Bitcoin": {
      const of = all.taproot ?? all.p2wpkh;
      if (network === "Bitcoin") return of?.mainnet;
      return network === "BitcoinRegtest" ? of?.regtest : of?.testnet;
    }
    default:
      return undefined;
  }
}
