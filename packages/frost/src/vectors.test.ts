import { readFileSync } from "node:fs";
import { type Backend, type Point, Secret } from "@quorate/curves";
import { describe, expect, test } from "vitest";
import {
  aggregate,
  type FrostSuiteName,
  parsePublicKeyPackage,
  signingContext,
  suite as suiteOf,
  verifyingKey,
  verifyShare,
  verifySignature,
} from "./aggregate/index.ts";
import { keyShare } from "./key-share.ts";
import { commit } from "./nonces.ts";
import { signShare } from "./share.ts";
import { replayed } from "./testing.ts";

interface Vector {
  config: { MIN_PARTICIPANTS: string };
  inputs: {
    participant_list: number[];
    group_secret_key: string;
    verifying_key_key: string;
    message: string;
    participant_shares: { identifier: number; participant_share: string }[];
  };
  round_one_outputs: {
    outputs: {
      identifier: number;
      hiding_nonce_randomness: string;
      binding_nonce_randomness: string;
      hiding_nonce: string;
      binding_nonce: string;
      hiding_nonce_commitment: string;
      binding_nonce_commitment: string;
      binding_factor: string;
    }[];
  };
  round_two_outputs: { outputs: { identifier: number; sig_share: string }[] };
  final_output: { sig: string };
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");
const load = (name: string): Vector =>
  JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}.json`, import.meta.url), "utf8"));

const FILES: readonly (readonly [FrostSuiteName, string])[] = [
  ["ed25519", "frost-ed25519"],
  ["secp256k1", "frost-secp256k1"],
  ["p256", "frost-p256"],
  ["taproot", "frost-secp256k1-tr"],
  ["ed25519", "frost-ed25519-big-identifier"],
  ["secp256k1", "frost-secp256k1-big-identifier"],
  ["p256", "frost-p256-big-identifier"],
];
const BACKENDS: readonly Backend[] = ["fast", "noble"];
const cases = FILES.flatMap(([name, file]) => BACKENDS.map((backend) => ({ name, file, backend })));

describe.each(cases)("$file with $backend", ({ name, file, backend }) => {
  const vector = load(file);
  const suite = suiteOf(name, backend);
  const { group } = suite;
  const { inputs } = vector;
  const message = bytes(inputs.message);
  const key = parsePublicKeyPackage(suite, {
    publicKey: bytes(inputs.verifying_key_key),
    verifyingShares: new Map(
      inputs.participant_shares.map((one) => [
        one.identifier,
        group.encodePoint(group.base(group.decodeScalar(bytes(one.participant_share)))),
      ]),
    ),
    minSigners: Number(vector.config.MIN_PARTICIPANTS),
  });
  const signers = vector.round_one_outputs.outputs.map((published) => {
    const { participant_share } = inputs.participant_shares.find((one) => one.identifier === published.identifier)!;
    const share = keyShare(key, published.identifier, new Secret(bytes(participant_share)));
    const random = replayed(bytes(published.hiding_nonce_randomness), bytes(published.binding_nonce_randomness));
    return { share, published, ...commit(share, random) };
  });
  const commitments = signers.map((signer) => signer.commitment);
  const context = signingContext(key, commitments, message);

  test("commitments, binding factors, shares and the signature are those of the vector", () => {
    const encodedPoint = (P: Point) => hex(group.encodePoint(P));
    for (const { commitment, published } of signers) {
      expect(encodedPoint(commitment.hiding)).toBe(published.hiding_nonce_commitment);
      expect(encodedPoint(commitment.binding)).toBe(published.binding_nonce_commitment);
      const { bindingFactor } = context.contributions.get(published.identifier)!;
      expect(hex(group.encodeScalar(bindingFactor))).toBe(published.binding_factor);
    }
    const shares = new Map(
      signers.map(({ share, nonces }) => [share.identifier, signShare(share, nonces, commitments, message)]),
    );
    for (const { identifier, sig_share } of vector.round_two_outputs.outputs) {
      expect(hex(shares.get(identifier)!)).toBe(sig_share);
      expect(verifyShare(context, identifier, shares.get(identifier)!)).toBe(true);
    }
    const signature = aggregate(context, shares);
    expect(hex(signature)).toBe(vector.final_output.sig);
    expect(verifySignature(suite, verifyingKey(key, null), message, signature)).toBe(true);
  });
});
