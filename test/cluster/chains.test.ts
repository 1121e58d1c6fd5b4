import "./chains/bitcoin-and-solana.ts";
import "./chains/ethereum.ts";

// What the software of each chain makes of what the network signs stands in the files of the chains; all of it on one network.
