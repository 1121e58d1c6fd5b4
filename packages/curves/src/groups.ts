import { fastEd25519 } from "./fast-ed25519.ts";
import { fastP256 } from "./fast-p256.ts";
import { fastSecp256k1 } from "./fast-secp256k1.ts";
import type { Backend, Group, GroupName } from "./group.ts";
import { groupOf } from "./member.ts";
import { loadedModel } from "./model-slot.ts";
import { noble } from "./noble.ts";

const groups: Readonly<Record<Exclude<Backend, "model">, Readonly<Record<GroupName, Group>>>> = {
  fast: { ed25519: groupOf(fastEd25519), secp256k1: groupOf(fastSecp256k1), p256: groupOf(fastP256) },
  noble: { ed25519: groupOf(noble.ed25519), secp256k1: groupOf(noble.secp256k1), p256: groupOf(noble.p256) },
};

/**
 * The group of that name, computed by that backend: always the same instance. Nothing falls back from one backend to the other.
 *
 * @throws Error for the model, unless it was loaded in this process
 */
export function group(name: GroupName, backend: Backend): Group {
  return backend === "model" ? loadedModel().groups[name] : groups[backend][name];
}
