import {
  type Assertion,
  type Head,
  type Organisation,
  type PermittedSignature,
  permitSignature,
} from "@quorate/authority";
import { InputError, type SigningAuthority, unhex } from "@quorate/orders";
import { refusing } from "./refusal.ts";

/** Under whose authority a signature is asked for. */
export type RequestAuthority =
  /** The user's signed request itself; its body is the request's. */
  | {
      readonly kind: "inline";
      readonly organisation: string;
      readonly method: string;
      readonly path: string;
      readonly assertion: Assertion;
    }
  /** A request that was put into the log. */
  | { readonly kind: "admitted"; readonly organisation: string; readonly requestId: string };

/**
 * What the signers will find as well: whether this may be signed now, and with which key.
 *
 * @param network `networkId`
 * @throws InputError
 */
export function permitted(
  organisation: Organisation,
  network: string,
  { method, path, assertion }: RequestAuthority & { readonly kind: "inline" },
  body: Readonly<Record<string, unknown>>,
  now: number,
): PermittedSignature {
  return refusing(() => permitSignature(organisation, network, { method, path, body, assertion }, now));
}

/** @throws InputError unless what the user signed is a request for a signature with this key */
export function checkKey({ key }: PermittedSignature, keyId: string): void {
  if (key.id === keyId) return;
  throw new InputError("forbidden", `the user asked for a signature of key ${key.id}, not of ${keyId}`, {
    field: "keyId",
  });
}

/** How an order says it. */
export function signingAuthority(authority: RequestAuthority, { height, hash }: Head): SigningAuthority {
  const { organisation } = authority;
  const head = { height, hash: unhex(hash) };
  if (authority.kind === "admitted") return { kind: "admitted", organisation, head, requestId: authority.requestId };
  const { method, path } = authority;
  const assertion = new TextEncoder().encode(JSON.stringify(authority.assertion));
  return { kind: "inline", organisation, head, method, path, assertion };
}
