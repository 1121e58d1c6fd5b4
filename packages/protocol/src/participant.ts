/** Names a participant of a key: 1..15, and its Shamir x-coordinate. */
export type Identifier = number;

/** The most participants that a protocol runs with. */
export const MAX_PARTICIPANTS = 15;

/** A participant as the others know it. */
export interface Participant {
  readonly identifier: Identifier;
  /** Its Ed25519 identity, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * Checks who takes part: 2 to 15, identifiers within 1..15 and distinct, identity keys of 32 bytes and distinct (one
 * process under two identifiers would count twice towards `minSigners`).
 *
 * @returns the same, by ascending identifier
 * @throws RangeError saying what is wrong
 */
export function ordered(participants: readonly Participant[]): readonly Participant[] {
  const { length } = participants;
  if (length < 2 || length > MAX_PARTICIPANTS) throw new RangeError(`${length} participants; 2 to 15 are possible`);
  const keys = new Set<string>();
  const identifiers = new Set<Identifier>();
  for (const { identifier, publicKey } of participants) {
    if (!Number.isInteger(identifier) || identifier < 1 || identifier > MAX_PARTICIPANTS) {
      throw new RangeError(`identifier ${identifier} is not within 1..15`);
    }
    if (publicKey.length !== 32) throw new RangeError(`the identity of participant ${identifier} is not 32 bytes`);
    identifiers.add(identifier);
    keys.add(Buffer.from(publicKey).toString("hex"));
  }
  if (identifiers.size !== length) throw new RangeError("two participants have one identifier");
  if (keys.size !== length) throw new RangeError("two participants have one identity");
  return participants.toSorted((a, b) => a.identifier - b.identifier);
}
