import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { sha256 } from "@quorate/curves";
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { unauthorized } from "../auth.ts";

/** What a bearer token is good for. `Temp` completes one registration or recovery and nothing else. */
export type TokenKind = "Pat" | "ServiceAccount" | "Token" | "Temp";

/** What a bearer token says. */
export interface Claims {
  readonly organisation: string;
  readonly user: string;
  readonly username: string;
  readonly kind: TokenKind;
  /** Of the token in the log, or of the session. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const METADATA = "https://custom/app_metadata";
const USERNAME = "https://custom/username";

const payload = z.looseObject({
  sub: z.string(),
  jti: z.string(),
  exp: z.number(),
  [METADATA]: z.looseObject({
    orgId: z.string(),
    userId: z.string(),
    tokenKind: z.enum(["Pat", "ServiceAccount", "Token", "Temp"]),
  }),
  [USERNAME]: z.string(),
});

/** Signs and reads the bearer tokens: JSON Web Tokens of EdDSA, with the claims that Dfns gives them. */
export class Tokens {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #kid: string;
  readonly #issuer: string;
  readonly #now: () => number;

  /** @param seed 32 bytes @param now milliseconds since 1970 @throws Error for a seed of another length */
  constructor(seed: Uint8Array, networkId: string, now: () => number) {
    if (seed.length !== 32) throw new Error("the seed of the token key has not 32 bytes");
    // RFC 8410, section 7: the fixed head of an Ed25519 private key.
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
    this.#privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    this.#publicKey = createPublicKey(this.#privateKey);
    const spki = this.#publicKey.export({ format: "der", type: "spki" });
    this.#kid = Buffer.from(sha256(spki)).toString("base64url").slice(0, 22);
    this.#issuer = `quorate:${networkId}`;
    this.#now = now;
  }

  /** The text of a token. It is kept nowhere: whoever loses it makes another. */
  sign({ organisation, user, username, kind, id, expires }: Claims): Promise<string> {
    const claims: JWTPayload = {
      [METADATA]: { orgId: organisation, userId: user, tokenKind: kind },
      [USERNAME]: username,
      scope: "",
      permissions: [],
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "EdDSA", typ: "JWT", kid: this.#kid })
      .setIssuer(this.#issuer)
      .setAudience(this.#issuer)
      .setSubject(organisation)
      .setJti(id)
      .setIssuedAt(Math.floor(this.#now() / 1000))
      .setExpirationTime(Math.floor(expires / 1000))
      .sign(this.#privateKey);
  }

  /** @throws HttpError 401 unless the token is one of ours and has not expired */
  async read(text: string): Promise<Claims> {
    const claims = payload.parse(await this.#verified(text));
    const { orgId, userId, tokenKind } = claims[METADATA];
    if (claims.sub !== orgId) throw unauthorized("the token contradicts itself");
    const { jti: id, exp } = claims;
    return { organisation: orgId, user: userId, username: claims[USERNAME], kind: tokenKind, id, expires: exp * 1000 };
  }

  /** RFC 7517: the public key, for those who verify tokens themselves. */
  jwks() {
    const { kty, crv, x } = this.#publicKey.export({ format: "jwk" });
    return { keys: [{ kty, crv, x, kid: this.#kid, alg: "EdDSA", use: "sig" }] };
  }

  async #verified(text: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(text, this.#publicKey, {
        algorithms: ["EdDSA"],
        typ: "JWT",
        issuer: this.#issuer,
        audience: this.#issuer,
        currentDate: new Date(this.#now()),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthorized("the token has expired");
      throw unauthorized("this is not a token of this network");
    }
  }
}
