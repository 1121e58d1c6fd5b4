import type { Purpose } from "@quorate/authority/challenge";
import { ChallengeError } from "./challenge-error.ts";
import { type Expected, verifyChallenge } from "./verify-challenge.ts";

/**
 * Of the official SDK: the class through which its clients, direct and delegated, ask for every challenge. Its methods are typed here
 * as loosely as they are wrapped.
 */
export interface SdkAuthApi {
  createUserActionChallenge(request: SdkAction, options: never): Promise<{ challenge: string }>;
  createUserLoginChallenge(request: never, options: never): Promise<{ challenge: string }>;
}

/** What the SDK says of a request when it asks for the challenge of it. */
interface SdkAction {
  readonly userActionHttpMethod: string;
  readonly userActionHttpPath: string;
  /** JSON, or empty. */
  readonly userActionPayload: string;
}

/** A credential signer of the SDK: with a key, a passkey, or of your own making. */
export interface SdkSigner<C extends { readonly challenge: string }, A> {
  sign(challenge: C): Promise<A>;
}

/** One that registers credentials as well, as that of passkeys does. */
export interface SdkRegistrar<C extends { readonly challenge: string }, A> {
  create(challenge: C): Promise<A>;
}

/** Whom a signer signs for. */
export interface Home {
  /** `BaseAuthApi` of the very `@dfns/sdk` that the application uses. */
  readonly sdk: SdkAuthApi;
  /** `networkId` of the network file. */
  readonly network: string;
  /** `or-…` */
  readonly organisation: string;
}

/** The request for which the SDK got each challenge. */
const requests = new WeakMap<object, Expected>();
const watched = new WeakSet<SdkAuthApi>();

/**
 * Has the SDK remember which request it asked a challenge for: its signers are shown the challenge alone. Both its clients and all their
 * methods ask through one class, which this wraps once; nothing of what is sent or received changes.
 *
 * @param sdk `BaseAuthApi` of `@dfns/sdk`
 */
export function watchSdk(sdk: SdkAuthApi): void {
  if (watched.has(sdk)) return;
  watched.add(sdk);
  const { createUserActionChallenge: action, createUserLoginChallenge: login } = sdk;
  sdk.createUserActionChallenge = async (request, options) => {
    // Taken before anything is sent: nobody changes it meanwhile.
    const expected = requestOf(request);
    return remembered(await action.call(sdk, request, options), expected);
  };
  sdk.createUserLoginChallenge = async (request, options) => {
    return remembered(await login.call(sdk, request, options), { purpose: "login" });
  };
}

/**
 * Wraps a credential signer of the SDK so that it signs only challenges that describe the request that the SDK is making. Whatever it
 * did not see the SDK ask for is refused as well.
 *
 * @throws ChallengeError from `sign`, and so from the call of the application, before anything is signed
 */
export function verifyingSigner<C extends { readonly challenge: string }, A, S extends SdkSigner<C, A>>(
  signer: S & SdkSigner<C, A>,
  { sdk, network, organisation }: Home,
): S {
  watchSdk(sdk);
  const sign = async (challenge: C) => {
    const request = requests.get(challenge);
    if (request === undefined) {
      throw new ChallengeError(
        "challenge",
        "this SDK was not seen to ask for it: is sdk the BaseAuthApi that your client uses?",
      );
    }
    verifyChallenge(challenge.challenge, { ...request, network, organisation });
    return await signer.sign(challenge);
  };
  return withMethod(signer, "sign", sign);
}

/**
 * Wraps what registers credentials (the SDK's passkey signer): it registers only at challenges that are for that.
 *
 * @param expected the user that is registered, where it is known
 * @throws ChallengeError from `create`
 */
export function verifyingRegistrar<C extends { readonly challenge: string }, A, S extends SdkRegistrar<C, A>>(
  registrar: S & SdkRegistrar<C, A>,
  expected: {
    readonly network: string;
    readonly organisation: string;
    readonly purpose: Purpose;
    readonly user?: string;
  },
): S {
  const create = async (challenge: C) => {
    verifyChallenge(challenge.challenge, expected);
    return await registrar.create(challenge);
  };
  return withMethod(registrar, "create", create);
}

/**
 * For the delegated client: checks what one of its `…Init` methods returned, where the user is, before the user signs it.
 *
 * @param request what the user agreed to: method, path and body, taken from what the user was shown and never from the server
 * @throws ChallengeError
 */
export function verifyInit<C extends { readonly challenge: string }>(
  challenge: C,
  request: Expected & { readonly method: string; readonly path: string },
): C {
  verifyChallenge(challenge.challenge, request);
  return challenge;
}

function requestOf({ userActionHttpMethod, userActionHttpPath, userActionPayload }: SdkAction): Expected {
  const text = userActionPayload ?? "";
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  return { purpose: "action", method: userActionHttpMethod, path: userActionHttpPath, body };
}

function remembered<C extends object>(challenge: C, request: Expected): C {
  requests.set(challenge, request);
  return challenge;
}

/** The same object with one method replaced; its others, and what they keep privately, stay its own. */
function withMethod<T extends object>(target: T, name: string, method: unknown): T {
  return new Proxy(target, {
    get(_, property) {
      if (property === name) return method;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
