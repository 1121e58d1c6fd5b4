import { randomBytes } from "node:crypto";
import { type CredentialSigner, type CredentialStore, type DfnsApiClient, DfnsAuthenticator } from "@dfns/sdk";
import { type KeyCredential, keyCredential, type Passkey, passkey } from "../support/authenticator.ts";
import type { Application } from "./application.ts";

type Official = CredentialSigner & CredentialStore;
type Registration = Parameters<DfnsApiClient["auth"]["register"]>[0]["body"];

/** A key or passkey behind the interfaces that the official clients ask a device through. */
export function device(credential: KeyCredential | Passkey): Official {
  const signing = {
    sign: async ({ challenge }: { challenge: string }) => credential.assert(challenge),
    create: async ({ challenge }: { challenge: string }) => credential.attest(challenge),
  };
  return signing as unknown as Official;
}

/** Somebody with a device and, once registered, an account. */
export class Person {
  readonly application: Application;
  readonly username: string;
  readonly credential: KeyCredential | Passkey;
  readonly recoveryKey = keyCredential("P-256", "RecoveryKey");
  id = "";
  token = "";

  constructor(application: Application, credential: KeyCredential | Passkey = keyCredential(), username = newName()) {
    this.application = application;
    this.credential = credential;
    this.username = username;
  }

  /** The official client, with the own device as its signer. */
  get client(): DfnsApiClient {
    return this.application.clientOf(this.token, device(this.credential));
  }

  /** The official authenticator of a Node process. */
  get authenticator(): DfnsAuthenticator {
    const { baseUrl, orgId } = this.application;
    return new DfnsAuthenticator({ baseUrl, orgId, signer: device(this.credential) });
  }

  /** Answers a registration challenge. */
  credentialsFor(challenge: string, { recovery = true } = {}): Registration {
    const answers = {
      firstFactorCredential: this.credential.attest(challenge),
      ...(recovery ? { recoveryCredential: this.recoveryKey.attest(challenge) } : {}),
    };
    return answers as unknown as Registration;
  }

  async login(): Promise<string> {
    const { username } = this;
    const { token } = await this.authenticator.login({ orgId: this.application.orgId, username });
    this.token = token;
    return token;
  }
}

function newName(): string {
  return `${randomBytes(6).toString("hex")}@example.test`;
}

/** An end user whom the service account registers, with a recovery key, logged in by itself. */
export async function endUser(application: Application, credential?: KeyCredential | Passkey): Promise<Person> {
  const person = new Person(application, credential);
  const backEnd = application.client(application.serviceAccount);
  const body = { email: person.username, kind: "EndUser" as const };
  const challenge = await backEnd.auth.createDelegatedRegistrationChallenge({ body });
  const registering = application.clientOf(challenge.temporaryAuthenticationToken);
  const registered = await registering.auth.register({ body: person.credentialsFor(challenge.challenge) });
  person.id = registered.user.id;
  await person.login();
  return person;
}

export { passkey };
