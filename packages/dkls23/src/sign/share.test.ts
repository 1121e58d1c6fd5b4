import { group, Secret } from "@quorate/curves";
import { expect, test } from "vitest";
import { Presignature, SpentPresignature } from "../presign/presignature.ts";
import { signShare } from "./share.ts";

const secp256k1 = group("secp256k1", "fast");
const bigR = secp256k1.encodePoint(secp256k1.base(6n));
const [phi, u, v] = [11n, 12n, 13n];
const made = () => {
  const fill = (value: number) => new Uint8Array(32).fill(value);
  const publicKey = secp256k1.encodePoint(secp256k1.base(9n));
  const terms = { group: "secp256k1", context: fill(1), request: fill(2), sid: fill(3), signers: [1, 2] } as const;
  const secrets = new Uint8Array(Buffer.concat([phi, u, v].map((one) => secp256k1.encodeScalar(one))));
  return new Presignature({ ...terms, publicKey, bigR }, new Secret(secrets));
};

test("a share is u and h * phi + r * v", () => {
  const r = secp256k1.decodeScalar(bigR.slice(1));
  for (const h of [0n, 1n, secp256k1.order - 1n, secp256k1.order, 2n ** 256n - 1n]) {
    const digest = new Uint8Array(Buffer.from(h.toString(16).padStart(64, "0"), "hex"));
    const share = signShare(secp256k1, made(), digest);
    expect(secp256k1.decodeScalar(share.u)).toBe(u);
    expect(secp256k1.decodeScalar(share.w)).toBe(secp256k1.mod(h * phi + r * v));
  }
});

test("a presignature signs once, whether it went well or not", () => {
  const digest = new Uint8Array(32).fill(1);
  for (const first of [
    (one: Presignature) => void signShare(secp256k1, one, digest),
    (one: Presignature) => expect(() => signShare(secp256k1, one, new Uint8Array(31))).toThrow(RangeError),
    (one: Presignature) => expect(() => signShare(secp256k1, one, new Uint8Array(33))).toThrow(RangeError),
    (one: Presignature) => expect(() => signShare(group("p256", "fast"), one, digest)).toThrow(RangeError),
    (one: Presignature) => void one.encode(),
  ]) {
    const presignature = made();
    first(presignature);
    for (const again of [digest, new Uint8Array(32)]) {
      expect(() => signShare(secp256k1, presignature, again)).toThrow(SpentPresignature);
    }
  }
});
