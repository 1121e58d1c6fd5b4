import { NETWORK, TEST_NETWORK } from "@scure/btc-signer";

/** An address per network. */
export interface BitcoinAddresses {
  readonly mainnet: string;
  readonly testnet: string;
  readonly regtest: string;
}

/** @param encode an output as an address, given the network's prefixes */
export function onEachNetwork(encode: (network: typeof NETWORK) => string): BitcoinAddresses {
  return {
    mainnet: encode(NETWORK),
    testnet: encode(TEST_NETWORK),
    regtest: encode({ ...TEST_NETWORK, bech32: "bcrt" }),
  };
}
