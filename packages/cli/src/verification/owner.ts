import { group } from "@quorate/curves";
import { curveOf } from "@quorate/orders";
import * as Address from "ox/Address";
import { addressOf } from "../checks/ethereum.ts";
import type { CommandContext } from "../commands/context.ts";
import { refuseArgument } from "../exit.ts";
import { CURVES, findKey, suiteOf, type VerifyingKey, verifyingKey } from "../key-lookup.ts";
import { hexArgument } from "../signing-input.ts";
import type { VerifyOptions } from "./finding.ts";

/** Whose signature something is said to be: a key, or whatever key has an address on Ethereum. */
export type Owner = { readonly key: VerifyingKey } | { readonly address: string };

/** @returns undefined if the options name nobody. @throws CliError if they name somebody wrongly */
export async function namedOwner(options: VerifyOptions, context: CommandContext): Promise<Owner | undefined> {
  const { key, publicKey, address, scheme } = options;
  const [first, second] = [
    ...(key === undefined ? [] : ["--key"]),
    ...(publicKey === undefined ? [] : ["--public-key"]),
    ...(address === undefined ? [] : ["--address"]),
  ];
  if (second !== undefined) refuseArgument(second, `cannot go with ${first}`, "give one of them");
  if (key !== undefined) return { key: verifyingKey(await findKey(await context.connect(options), key)) };
  if (address !== undefined) return { address: readAddress(address) };
  if (publicKey === undefined) return undefined;
  if (scheme === undefined) refuseArgument("--scheme", "is missing", Object.keys(CURVES).join(", "));
  return { key: readKey(publicKey, suiteOf(scheme, options.curve ?? CURVES[scheme][0])) };
}

/** Where an owner receives on Ethereum; undefined for keys of other kinds. */
export function addressOfOwner(owner: Owner): string | undefined {
  if ("address" in owner) return owner.address;
  return owner.key.suite === "ecdsa-secp256k1" ? addressOf(owner.key.publicKey) : undefined;
}

function readAddress(text: string): string {
  const isAddress = /^0x[0-9a-fA-F]{40}$/.test(text);
  if (!isAddress) refuseArgument("--address", "is no address", "0x and 40 hex digits");
  const canonical = Address.checksum(text as `0x${string}`);
  if (text !== text.toLowerCase() && text !== canonical) {
    refuseArgument("--address", "has a wrong checksum (EIP-55)", "a digit may be mistyped; or give it in lower case");
  }
  return canonical;
}

function readKey(publicKey: string, suite: VerifyingKey["suite"]): VerifyingKey {
  const lengths = suite === "ed25519" ? [32] : suite === "taproot" ? [32, 33] : [33];
  const bytes = hexArgument("--public-key", publicKey, ...lengths);
  const point = suite === "taproot" && bytes.length === 32 ? Uint8Array.of(2, ...bytes) : bytes;
  try {
    group(curveOf(suite), "noble").decodePoint(point);
  } catch (error) {
    const problem = `is no key on ${curveOf(suite)} (${(error as Error).message})`;
    refuseArgument("--public-key", problem, "check it, --scheme and --curve");
  }
  return { suite, publicKey: bytes };
}
