export { type KeyCredential, type KeyCredentialTwist, type KeyCurve, keyCredential } from "./key-credential.ts";
export { ecdsaPair } from "./keys.ts";
export { addEmployee, addEndUser, addServiceAccount } from "./members.ts";
export * from "./organisation.ts";
export { type Passkey, type PasskeyAlgorithm, type PasskeyOptions, type PasskeyTwist, passkey } from "./passkey.ts";
export * from "./people.ts";
export { filledIn, native } from "./policies.ts";
