import { list, mapped, u32, type Value } from "@quorate/curves";

/** The most levels below a key. */
export const MAX_PATH_LENGTH = 10;

function soft(index: number): number {
  if (index >= 2 ** 31) throw new Error("a hardened index needs the secret, which nobody has");
  return index;
}

/** Where below a key a child lies: non-hardened indices, below 2^31; empty for the key itself. */
export const derivationPath = list(mapped(u32, soft, soft), MAX_PATH_LENGTH);
export type DerivationPath = Value<typeof derivationPath>;
