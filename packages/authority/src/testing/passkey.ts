import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { sha256 } from "@quorate/curves";
import type { Attestation, PasskeyAssertion } from "../credentials/types.ts";
import { type Cbor, cbor } from "./cbor.ts";

/** Identifiers of COSE: ES256, EdDSA, RS256. */
export type PasskeyAlgorithm = -7 | -8 | -257;

export interface PasskeyOptions {
  readonly rpId?: string;
  readonly origin?: string;
  readonly userVerified?: boolean;
  readonly algorithm?: PasskeyAlgorithm;
  readonly format?: "none" | "packed";
}

/** What this authenticator or this browser does differently for once. */
export interface PasskeyTwist {
  readonly clientData?: Readonly<Record<string, unknown>>;
  readonly rpId?: string;
  /** The whole byte of flags. */
  readonly flags?: number;
  readonly signCount?: number;
  /** Bytes behind the authenticator data, as of extensions. */
  readonly behind?: Uint8Array;
  /** In place of the members that belong to the statement. */
  readonly statement?: ReadonlyMap<string, Cbor>;
  /** In place of the format. */
  readonly fmt?: string;
  /** In place of the key in COSE. */
  readonly cose?: Cbor;
}

/** An authenticator and a browser in memory. */
export interface Passkey {
  readonly credentialId: string;
  /** PEM, as Node writes it. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  /** COSE, as the authenticator writes it. */
  readonly cose: Uint8Array;
  /** Registers at the challenge text, which the browser encodes. */
  attest(challenge: string, twist?: PasskeyTwist): Attestation;
  assert(challenge: string, twist?: PasskeyTwist): PasskeyAssertion;
}

const base64url = (data: string | Uint8Array) => Buffer.from(data).toString("base64url");
const unbase64url = (text: string | undefined) => Buffer.from(text ?? "", "base64url");

function generate(algorithm: PasskeyAlgorithm) {
  if (algorithm === -7) return generateKeyPairSync("ec", { namedCurve: "P-256" });
  return algorithm === -8 ? generateKeyPairSync("ed25519") : generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function coseOf(publicKey: KeyObject, algorithm: PasskeyAlgorithm): ReadonlyMap<number, Cbor> {
  const { x, y, n, e } = publicKey.export({ format: "jwk" });
  const members: readonly [number, Cbor][] =
    algorithm === -257
      ? [
          [1, 3],
          [3, -257],
          [-1, unbase64url(n)],
          [-2, unbase64url(e)],
        ]
      : algorithm === -8
        ? [
            [1, 1],
            [3, -8],
            [-1, 6],
            [-2, unbase64url(x)],
          ]
        : [
            [1, 2],
            [3, -7],
            [-1, 1],
            [-2, unbase64url(x)],
            [-3, unbase64url(y)],
          ];
  return new Map(members);
}

class SoftwarePasskey implements Passkey {
  readonly credentialId: string;
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  readonly cose: Uint8Array;
  readonly #id = randomBytes(32);
  readonly #options: Required<PasskeyOptions>;
  #count = 0;

  constructor(options: Required<PasskeyOptions>) {
    const pair = generate(options.algorithm);
    this.#options = options;
    this.credentialId = base64url(this.#id);
    this.publicKey = pair.publicKey.export({ format: "pem", type: "spki" }) as string;
    this.privateKey = pair.privateKey;
    this.cose = cbor(coseOf(pair.publicKey, options.algorithm));
  }

  attest(challenge: string, twist: PasskeyTwist = {}): Attestation {
    const clientData = this.#clientData("webauthn.create", challenge, twist);
    const cose = twist.cose === undefined ? this.cose : cbor(twist.cose);
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.of(0, this.#id.length), this.#id, cose]);
    const authData = this.#authenticatorData(0x40, attested, twist);
    const { algorithm, format } = this.#options;
    const statement = new Map<string, Cbor>();
    if (format === "packed") statement.set("alg", algorithm).set("sig", this.#signed(authData, clientData));
    const object = new Map<string, Cbor>()
      .set("fmt", twist.fmt ?? format)
      .set("attStmt", twist.statement ?? statement)
      .set("authData", authData);
    return {
      credentialKind: "Fido2",
      credentialInfo: {
        credId: this.credentialId,
        clientData: base64url(clientData),
        attestationData: base64url(cbor(object)),
      },
    };
  }

  assert(challenge: string, twist: PasskeyTwist = {}): PasskeyAssertion {
    const clientData = this.#clientData("webauthn.get", challenge, twist);
    const authenticatorData = this.#authenticatorData(0, Buffer.alloc(0), twist);
    return {
      kind: "Fido2",
      credentialAssertion: {
        credId: this.credentialId,
        clientData: base64url(clientData),
        authenticatorData: base64url(authenticatorData),
        signature: base64url(this.#signed(authenticatorData, clientData)),
        userHandle: "",
      },
    };
  }

  #clientData(type: string, challenge: string, { clientData }: PasskeyTwist): Buffer {
    const { origin } = this.#options;
    return Buffer.from(
      JSON.stringify({ type, challenge: base64url(challenge), origin, crossOrigin: false, ...clientData }),
    );
  }

  #authenticatorData(flag: number, attested: Uint8Array, twist: PasskeyTwist): Buffer {
    const { rpId, userVerified } = this.#options;
    const head = Buffer.alloc(5);
    head[0] = twist.flags ?? 0x01 | (userVerified ? 0x04 : 0) | flag;
    head.writeUInt32BE(twist.signCount ?? this.#count++, 1);
    return Buffer.concat([sha256(Buffer.from(twist.rpId ?? rpId)), head, attested, twist.behind ?? Buffer.alloc(0)]);
  }

  #signed(authenticatorData: Uint8Array, clientData: Uint8Array): Buffer {
    const message = Buffer.concat([authenticatorData, sha256(clientData)]);
    return sign(this.#options.algorithm === -8 ? null : "sha256", message, this.privateKey);
  }
}

/** A new passkey; it counts its uses from 0, which the registration takes. */
export function passkey({
  rpId = "localhost",
  origin = "http://localhost:8080",
  userVerified = true,
  algorithm = -7,
  format = "none",
}: PasskeyOptions = {}): Passkey {
  return new SoftwarePasskey({ rpId, origin, userVerified, algorithm, format });
}
