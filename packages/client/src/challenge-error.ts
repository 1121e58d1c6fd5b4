/** What of a challenge differs from the request that is being made. */
export type ChallengeField =
  | "challenge"
  | "network"
  | "organisation"
  | "purpose"
  | "method"
  | "path"
  | "body"
  | "expires"
  | "user"
  | "refs";

/** A challenge that does not describe the request that the application is making: nothing was signed. */
export class ChallengeError extends Error {
  override readonly name = "ChallengeError";
  readonly field: ChallengeField;
  constructor(field: ChallengeField, problem: string) {
    super(`nothing was signed: ${field}: ${problem}`);
    this.field = field;
  }
}
