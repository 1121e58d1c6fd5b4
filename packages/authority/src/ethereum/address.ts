import { uncompressed } from "@quorate/curves";
import { hex } from "@quorate/orders";
import * as Address from "ox/Address";
import * as Hash from "ox/Hash";

/** The address of a key on every EVM chain, with the checksum of EIP-55. @param publicKey on secp256k1, 33 bytes */
export function evmAddress(publicKey: Uint8Array): string {
  const point = uncompressed("secp256k1", publicKey).subarray(1);
  return Address.checksum(`0x${hex(Hash.keccak256(point).subarray(12))}`);
}
