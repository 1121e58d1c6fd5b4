import {
  type Assertion,
  bodyDigest,
  challengeText,
  encodeLogRecord,
  GENESIS_PATH,
  type Genesis,
  type LogRecord,
  type Organisation,
  recordHash,
  refsOf,
} from "@quorate/authority";
import type { Identity } from "@quorate/curves";
import type { Chance } from "./chance.ts";

/** What a person asks for over the API. */
export interface Asked {
  readonly method: "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
/** How long what a person signs can be admitted, milliseconds. */
const EXPIRY_MS = 600_000;

/** Somebody with a credential of kind Key (Ed25519), as the official key signer uses one. */
export class Person {
  readonly credentialId: string;
  /** PEM. */
  readonly publicKey: string;
  readonly #identity: Identity;
  readonly #chance: Chance;

  constructor(identity: Identity, chance: Chance) {
    this.#identity = identity;
    this.#chance = chance;
    this.credentialId = Buffer.from(chance.bytes(32)).toString("base64url");
    const spki = Buffer.concat([SPKI_PREFIX, identity.publicKey]).toString("base64");
    this.publicKey = `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`;
  }

  /** Signs a challenge for exactly this. */
  sign(organisation: Organisation, network: string, { method, path, body }: Asked, now: number): Assertion {
    const refs = refsOf(organisation, { method, path, body });
    return this.assert(
      challengeText({
        ...{ v: 1, network, organisation: organisation.id, purpose: "action", method, path, body: bodyDigest(body) },
        ...{ nonce: Buffer.from(this.#chance.bytes(16)).toString("base64url"), expires: now + EXPIRY_MS },
        ...(Object.keys(refs).length === 0 ? {} : { refs }),
      }),
    );
  }

  /** Signs whatever challenge it is given. */
  assert(challenge: string): Assertion {
    const data = Buffer.from(JSON.stringify({ type: "key.get", challenge }));
    return {
      kind: "Key",
      credentialAssertion: {
        credId: this.credentialId,
        clientData: data.toString("base64url"),
        signature: Buffer.from(this.#identity.sign(data)).toString("base64url"),
      },
    };
  }
}

/** The first record of an organisation of one admin. */
export function genesisOf(admin: Person, time: number): LogRecord {
  const body: Genesis = {
    name: "Simulated",
    settings: {
      registration: "tofu",
      relyingParty: { id: "localhost", name: "Simulated", origins: ["http://localhost"], userVerification: false },
      recoveryLockDays: 2,
      liftLocks: true,
      exportedKeysSign: false,
      maxNetworkFee: "50000000000000000",
    },
    admin: { username: "admin@example.test", credentialId: admin.credentialId, publicKey: admin.publicKey },
  };
  const action = { method: "POST", path: GENESIS_PATH, body, proof: null, endorsement: null } as const;
  return { format: 1, organisation: "", height: 0, previous: "", time, action };
}

/** Hex: what stands in a network file for a log that begins with this record. */
export function genesisHash(record: LogRecord): string {
  return recordHash(encodeLogRecord(record));
}
