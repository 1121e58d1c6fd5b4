import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { describe, expect, test } from "vitest";
import { type PasskeyTwist, passkey } from "../testing/index.ts";
import { verifyAssertion } from "./assertion.ts";
import { readAttestation } from "./attestation.ts";
import type { Attestation, PasskeyAssertion } from "./types.ts";

const ORIGIN = "http://localhost:8080";
const relyingParty = { id: "localhost", name: "Quorate", origins: [ORIGIN], userVerification: true };
const challenge = Buffer.from('{"purpose":"action","v":1}').toString("base64url");
const expectedChallenge = Buffer.from(challenge).toString("base64url");
const common = { expectedChallenge, expectedOrigin: ORIGIN, expectedRPID: "localhost" };
const envelope = { type: "public-key", clientExtensionResults: {} } as const;
const ALGORITHMS = [-7, -8, -257] as const;

/** In bits: a flip in every fourth byte or so, at all places in a byte. */
const STEP = 29;

function* flips(text: string): Generator<string> {
  const bytes = Buffer.from(text, "base64url");
  for (let bit = 0; bit < 8 * bytes.length; bit += STEP) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    yield copy.toString("base64url");
  }
}

/**
 * How many of the flips in a signature SimpleWebAuthn may not notice: of the two numbers of an ECDSA signature it drops the byte before
 * those that are as long as the field, zero or not. We refuse such a signature.
 */
const mayOverlook = (algorithm: number) => (algorithm === -7 ? 2 : 0);

async function agrees(check: () => Promise<{ verified: boolean }>): Promise<boolean> {
  try {
    return (await check()).verified;
  } catch {
    return false;
  }
}

function accepts(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: "AuthorityError" });
    return false;
  }
}

function theirsOfRegistration({ credentialInfo }: Attestation): Promise<boolean> {
  const { credId, clientData, attestationData } = credentialInfo;
  const response: RegistrationResponseJSON = {
    ...envelope,
    id: credId,
    rawId: credId,
    response: { clientDataJSON: clientData, attestationObject: attestationData },
  };
  return agrees(() => verifyRegistrationResponse({ response, ...common, supportedAlgorithmIDs: [...ALGORITHMS] }));
}

const oursOfRegistration = (attestation: Attestation) =>
  accepts(() => readAttestation({ attestation, challenge, relyingParty }));

function theirsOfAssertion({ credentialAssertion }: PasskeyAssertion, publicKey: Uint8Array): Promise<boolean> {
  const { credId, clientData, authenticatorData, signature } = credentialAssertion;
  const response: AuthenticationResponseJSON = {
    ...envelope,
    id: credId,
    rawId: credId,
    response: { clientDataJSON: clientData, authenticatorData, signature },
  };
  const credential = { id: credId, publicKey: Uint8Array.from(publicKey), counter: 0 };
  return agrees(() => verifyAuthenticationResponse({ response, ...common, credential }));
}

const TWISTS: [string, PasskeyTwist, boolean][] = [
  ["nothing", {}, true],
  ["another member of the client data", { clientData: { more: [1] } }, true],
  ["the relying party", { rpId: "example.org" }, false],
  ["the origin", { clientData: { origin: "http://example.org" } }, false],
  ["the purpose", { clientData: { type: "payment.get" } }, false],
  ["the challenge", { clientData: { challenge: "b3RoZXI" } }, false],
  ["bytes behind", { behind: Buffer.of(1, 2, 3) }, false],
];

describe.each(ALGORITHMS)("SimpleWebAuthn and we agree on algorithm %s", (algorithm) => {
  const key = passkey({ algorithm });
  const attested = readAttestation({ attestation: key.attest(challenge), challenge, relyingParty });
  const { signCount: _, ...credential } = attested;
  const ours = (assertion: PasskeyAssertion) =>
    accepts(() => verifyAssertion({ credential, assertion, challenge, relyingParty }));

  describe.each(["none", "packed"] as const)("when a passkey registers in format %s", (format) => {
    const registering = passkey({ algorithm, format });
    test.each([
      ...TWISTS,
      ["no user", { flags: 0x44 }, false],
      ["no verification", { flags: 0x41 }, false],
    ] as typeof TWISTS)("and changes %s", async (_, twist, accepted) => {
      const attestation = registering.attest(challenge, twist);
      expect(oursOfRegistration(attestation)).toBe(accepted);
      expect(await theirsOfRegistration(attestation)).toBe(accepted);
    });
  });

  test.each([
    ...TWISTS,
    ["no user", { flags: 0x04 }, false],
    ["no verification", { flags: 0x01 }, false],
  ] as typeof TWISTS)("when a passkey signs and changes %s", async (_, twist, accepted) => {
    const assertion = key.assert(challenge, twist);
    expect(ours(assertion)).toBe(accepted);
    expect(await theirsOfAssertion(assertion, key.cose)).toBe(accepted);
  });

  test.each(["clientData", "authenticatorData", "signature"] as const)("when a bit of %s flips", async (part) => {
    const assertion = key.assert(challenge);
    let overlooked = 0;
    for (const flipped of flips(assertion.credentialAssertion[part])) {
      const changed = { ...assertion, credentialAssertion: { ...assertion.credentialAssertion, [part]: flipped } };
      expect(ours(changed)).toBe(false);
      if (await theirsOfAssertion(changed, key.cose)) overlooked += 1;
    }
    expect(overlooked).toBeLessThanOrEqual(part === "signature" ? mayOverlook(algorithm) : 0);
  });

  test("when a bit of a packed attestation flips", async () => {
    const attestation = passkey({ algorithm, format: "packed" }).attest(challenge);
    let overlooked = 0;
    for (const attestationData of flips(attestation.credentialInfo.attestationData)) {
      const changed = { ...attestation, credentialInfo: { ...attestation.credentialInfo, attestationData } };
      expect(oursOfRegistration(changed)).toBe(false);
      if (await theirsOfRegistration(changed)) overlooked += 1;
    }
    expect(overlooked).toBeLessThanOrEqual(mayOverlook(algorithm));
  });
});
