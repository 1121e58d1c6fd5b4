import { choice, decode, encode, fixed, list, mapped, Secret, struct, u8 } from "@quorate/curves";
import { type Identifier, MAX_PARTICIPANTS } from "@quorate/protocol";

/** The public part of a presignature: for what, and with whom, it may be used. */
export interface PresignatureTerms {
  readonly group: "secp256k1" | "p256";
  /** ctx, 32 bytes. */
  readonly context: Uint8Array;
  /** 32 bytes. */
  readonly request: Uint8Array;
  /** Names the run that made it: the same at all signers, 32 bytes. */
  readonly sid: Uint8Array;
  /** S, ascending. */
  readonly signers: readonly Identifier[];
  /** X', SEC1 compressed, 33 bytes: no other key can use it, nor a child of it. */
  readonly publicKey: Uint8Array;
  /** R, SEC1 compressed, 33 bytes. */
  readonly bigR: Uint8Array;
}

/** The secret part: scalars, 32 bytes each. */
export interface PresignatureSecrets {
  readonly phi: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}

/** A presignature was asked for a second time. */
export class SpentPresignature extends Error {
  override readonly name = "SpentPresignature";
  constructor() {
    super("this presignature was used, moved or wiped");
  }
}

const formatOne = mapped(
  u8,
  (value) => {
    if (value !== 1) throw new Error(`format ${value}, known is 1`);
    return value;
  },
  (value) => value,
);

const record = struct({
  format: formatOne,
  group: choice(["secp256k1", "p256"]),
  context: fixed(32),
  request: fixed(32),
  sid: fixed(32),
  signers: list(u8, MAX_PARTICIPANTS),
  publicKey: fixed(33),
  bigR: fixed(33),
  secrets: fixed(96),
});

/**
 * One signer's part of a signature that lacks only the message: a nonce, and as such for one message, ever. It lives in one place:
 * `take` yields its secrets once, `encode` moves it to another thread, and both leave nothing behind. Never to be stored.
 */
export class Presignature implements PresignatureTerms, Disposable {
  readonly group: "secp256k1" | "p256";
  readonly context: Uint8Array;
  readonly request: Uint8Array;
  readonly sid: Uint8Array;
  readonly signers: readonly Identifier[];
  readonly publicKey: Uint8Array;
  readonly bigR: Uint8Array;
  /** phi_i, u_i, v_i, 96 bytes. */
  readonly #secrets: Secret;
  #isGone = false;

  /** Takes over `secrets`: 96 bytes, phi_i, u_i and v_i. */
  constructor(terms: PresignatureTerms, secrets: Secret) {
    this.group = terms.group;
    this.context = terms.context;
    this.request = terms.request;
    this.sid = terms.sid;
    this.signers = terms.signers;
    this.publicKey = terms.publicKey;
    this.bigR = terms.bigR;
    this.#secrets = secrets;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /**
   * Hands the secrets to `use` and wipes them, whatever `use` does.
   *
   * @throws SpentPresignature the second time, and after it was moved or disposed of
   */
  take<T>(use: (secrets: PresignatureSecrets) => T): T {
    if (this.#isGone) throw new SpentPresignature();
    this.#isGone = true;
    try {
      const all = this.#secrets.expose();
      return use({ phi: all.subarray(0, 32), u: all.subarray(32, 64), v: all.subarray(64) });
    } finally {
      this.#secrets.wipe();
    }
  }

  /**
   * Moves it into bytes, for the way to another thread: nothing is left here. Who has the bytes has the presignature.
   *
   * @throws SpentPresignature
   */
  encode(): Uint8Array {
    return this.take(({ phi, u, v }) => {
      using secrets = new Secret(new Uint8Array([...phi, ...u, ...v]));
      const { group, context, request, sid, signers, publicKey, bigR } = this;
      const terms = { group, context, request, sid, signers, publicKey, bigR };
      return encode(record, { format: 1, ...terms, secrets: secrets.expose() });
    });
  }

  /**
   * Moves it out of bytes, which are wiped.
   *
   * @throws DecodeError
   */
  static decode(encoded: Uint8Array): Presignature {
    const moved = encoded.slice();
    encoded.fill(0);
    const { format: _, secrets, ...terms } = decode(record, moved);
    return new Presignature(terms, new Secret(secrets));
  }

  [Symbol.dispose](): void {
    this.#isGone = true;
    this.#secrets.wipe();
  }
}
