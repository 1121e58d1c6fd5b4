import { ChallengeError, verifyChallenge } from "@quorate/client";
import { CliError, EXIT } from "../exit.ts";
import type { Credential } from "./credential.ts";

/** A call of the API with a bearer token; JSON in and out. @throws CliError */
export type Call = <T>(
  token: string | undefined,
  method: string,
  path: string,
  body: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<T>;

interface Challenge {
  readonly challenge: string;
  readonly challengeIdentifier: string;
}

/** What a user's signature is for. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** A user of an organisation who acts through the API: logs in, and signs every change. */
export class Actor {
  readonly credential: Credential;
  readonly #call: Call;
  #token: Promise<string> | undefined;

  constructor(credential: Credential, call: Call) {
    this.credential = credential;
    this.#call = call;
    if (credential.token !== undefined) this.#token = Promise.resolve(credential.token);
  }

  /** The bearer token: that of the service account, or of a login now. */
  token(): Promise<string> {
    this.#token ??= this.#logIn();
    this.#token.catch(() => {
      this.#token = undefined;
    });
    return this.#token;
  }

  /**
   * Signs a request. What is signed is checked to be this request, whoever the server is.
   *
   * @returns the headers that the request carries besides its bearer token
   * @throws CliError with exit code 3 when the server asks for a signature of something else
   */
  async sign(request: SignedRequest): Promise<Readonly<Record<string, string>>> {
    const { method, path, body } = request;
    const token = await this.token();
    const given = await this.#call<Challenge>(token, "POST", "/auth/action/init", {
      userActionPayload: body === undefined ? "" : JSON.stringify(body),
      userActionHttpMethod: method,
      userActionHttpPath: path,
      userActionServerKind: "Api",
    });
    this.#verify(given.challenge, { method, path, body });
    const { userAction } = await this.#call<{ userAction: string }>(token, "POST", "/auth/action", {
      challengeIdentifier: given.challengeIdentifier,
      firstFactor: this.credential.assert(given.challenge),
    });
    return { "x-dfns-useraction": userAction };
  }

  async #logIn(): Promise<string> {
    const { organisation: orgId, username } = this.credential;
    const given = await this.#call<Challenge>(undefined, "POST", "/auth/login/init", { orgId, username });
    this.#verify(given.challenge, { purpose: "login" });
    const { token } = await this.#call<{ token: string }>(undefined, "POST", "/auth/login", {
      challengeIdentifier: given.challengeIdentifier,
      firstFactor: this.credential.assert(given.challenge),
    });
    return token;
  }

  #verify(challenge: string, expected: Partial<SignedRequest> & { readonly purpose?: "login" }): void {
    const { network, organisation } = this.credential;
    try {
      verifyChallenge(challenge, { ...expected, network, organisation });
    } catch (error) {
      if (!(error instanceof ChallengeError)) throw error;
      throw new CliError(EXIT.safety, `the network wants something else signed: ${error.message}`, "do not trust it");
    }
  }
}
