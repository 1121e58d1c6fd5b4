import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import {
  type Assertion,
  bodyDigest,
  type Challenge,
  challengeText,
  encodeLogRecord,
  found,
  GENESIS_PATH,
  type Genesis,
  judge,
  type LogRecord,
  type Organisation,
  type Purpose,
  recordHash,
  refsOf,
} from "../index.ts";

/** What a test user signs with, and its public key in PEM. */
export interface UserKey {
  readonly pem: string;
  sign(message: Uint8Array): Uint8Array;
}

function newKey(): UserKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  return { pem, sign: (message) => sign(null, message, privateKey) };
}

/** Somebody with a credential of kind Key (Ed25519), whose private key stays here. */
export class TestUser {
  readonly credentialId: string;
  readonly publicKey: string;
  readonly #key: UserKey;

  constructor(credentialId = randomBytes(32).toString("base64url"), key = newKey()) {
    this.credentialId = credentialId;
    this.publicKey = key.pem;
    this.#key = key;
  }

  /** The same key under the credential id that a record gave it, as those of tokens are. */
  as(credentialId: string): Pick<TestUser, "assert"> {
    return { assert: (challenge) => this.#assert(credentialId, challenge) };
  }

  /** Signs a challenge, whatever it says, as the official key signer does. */
  assert(challenge: string): Assertion {
    return this.#assert(this.credentialId, challenge);
  }

  #assert(credId: string, challenge: string): Assertion {
    const data = Buffer.from(JSON.stringify({ type: "key.get", challenge }));
    const signature = Buffer.from(this.#key.sign(data)).toString("base64url");
    return { kind: "Key", credentialAssertion: { credId, clientData: data.toString("base64url"), signature } };
  }
}

/** What an action asks. */
export interface Asked {
  readonly method: "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** What was filled in for whoever asks: their challenge says nothing of it. */
  readonly filled?: string;
}

/** The first record of an organisation of one admin. */
export function genesisRecord(admin: TestUser, time: number, settings: Partial<Genesis["settings"]> = {}): LogRecord {
  const body: Genesis = {
    name: "Test",
    settings: {
      registration: "tofu",
      relyingParty: { id: "localhost", name: "Test", origins: ["http://localhost:8080"], userVerification: false },
      recoveryLockDays: 2,
      liftLocks: true,
      exportedKeysSign: false,
      maxNetworkFee: "50000000000000000",
      ...settings,
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

/** The challenge for an action, honest unless changed. */
export function challengeFor(
  organisation: Organisation,
  network: string,
  { method, path, body = {} }: Asked,
  now: number,
  changes: Partial<Challenge> = {},
): string {
  const refs = refsOf(organisation, { method, path, body });
  return challengeText({
    ...{
      v: 1,
      network,
      organisation: organisation.id,
      purpose: "action" as Purpose,
      method,
      path,
      body: bodyDigest(body),
    },
    ...{ nonce: randomBytes(16).toString("base64url"), expires: now + 600_000 },
    ...(Object.keys(refs).length === 0 ? {} : { refs }),
    ...changes,
  });
}

/** An organisation whose log grows here, without signers: for tests of what records mean. */
export class TestOrganisation {
  readonly admin: TestUser;
  readonly state: Organisation;
  readonly records: LogRecord[] = [];
  readonly network: string;
  time: number;

  constructor(options: { network?: string; time?: number; settings?: Partial<Genesis["settings"]> } = {}) {
    const { network = "virtual", time = 1_790_000_000_000, settings = {} } = options;
    this.network = network;
    this.time = time;
    this.admin = new TestUser();
    const first = genesisRecord(this.admin, time, settings);
    this.records.push(first);
    this.state = found(first);
  }

  /** The record that would come next, signed by `by`. */
  record(asked: Asked, by: Pick<TestUser, "assert"> | null = this.admin, changes: Partial<Challenge> = {}): LogRecord {
    const { id, head } = this.state;
    const { method, path, body = {}, ...filled } = asked;
    const proof = by === null ? null : by.assert(challengeFor(this.state, this.network, asked, this.time, changes));
    const action = { method, path, body, proof, endorsement: null, ...filled };
    return { format: 1, organisation: id, height: head.height + 1, previous: head.hash, time: this.time, action };
  }

  /** Judges a record as a signer does at first sight, and follows it. @returns its hash */
  follow(record: LogRecord): string {
    const { hash, apply } = judge(this.state, record, { network: this.network, now: this.time });
    apply();
    this.records.push(record);
    return hash;
  }

  /** Signs, judges, follows. @returns the record's hash @throws AuthorityError */
  act(asked: Asked, by: Pick<TestUser, "assert"> | null = this.admin): string {
    this.time += 1000;
    return this.follow(this.record(asked, by));
  }
}
