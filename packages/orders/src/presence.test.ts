import { identityFromSeed } from "@quorate/curves";
import { describe, expect, it } from "vitest";
import { comparePresence, type Presence, presenceHash, provesClone, signPresence, verifyPresence } from "./presence.ts";

const NETWORK = new Uint8Array(32).fill(1);
const identity = identityFromSeed(new Uint8Array(32).fill(2));
const said = (changes: Partial<Presence> = {}): Presence => ({
  incarnation: 3,
  instance: new Uint8Array(16).fill(4),
  sequence: 10,
  head: new Uint8Array(32).fill(5),
  banned: [],
  halt: null,
  seen: null,
  ...changes,
});
const other = new Uint8Array(16).fill(9);

describe("two presences of a signer", () => {
  const proves = (one: Presence, two: Presence) => {
    expect(provesClone(NETWORK, "ohio", two, one)).toBe(provesClone(NETWORK, "ohio", one, two));
    return provesClone(NETWORK, "ohio", one, two);
  };

  it.each<[string, Presence]>([
    ["the same", said()],
    ["a later one", said({ sequence: 11, head: new Uint8Array(32).fill(6) })],
    ["another life, further or not", said({ incarnation: 4, instance: other, sequence: 1 })],
    ["the same place with another ban", said({ banned: ["virginia"] })],
  ])("prove nothing if they are of one process, or of one after another: %s", (_, two) => {
    expect(proves(said(), two)).toBe(false);
  });

  it("prove a clone if they are of two processes with one number", () => {
    expect(proves(said(), said({ instance: other, sequence: 30 }))).toBe(true);
  });

  it("prove a clone if one log ends there in two ways", () => {
    expect(proves(said(), said({ head: new Uint8Array(32) }))).toBe(true);
  });

  it("prove a clone if one process knew what the other said, and not if it knew something else", () => {
    const later = said({ incarnation: 4, instance: other });
    expect(proves(said({ seen: presenceHash(NETWORK, "ohio", later) }), later)).toBe(true);
    expect(proves(said({ seen: presenceHash(NETWORK, "virginia", later) }), later)).toBe(false);
  });

  it("are ordered by life, then by how far the log goes", () => {
    expect(comparePresence(said({ incarnation: 2, sequence: 99 }), said())).toBeLessThan(0);
    expect(comparePresence(said({ sequence: 9 }), said())).toBeLessThan(0);
    expect(comparePresence(said(), said())).toBe(0);
  });
});

describe("a signed presence", () => {
  const statement = signPresence(NETWORK, "ohio", said(), identity);

  it("is of its signer, in its network, under its name, in these words", () => {
    expect(verifyPresence(NETWORK, "ohio", statement, identity.publicKey)).toBe(true);
    expect(verifyPresence(NETWORK, "virginia", statement, identity.publicKey)).toBe(false);
    expect(verifyPresence(new Uint8Array(32), "ohio", statement, identity.publicKey)).toBe(false);
    expect(
      verifyPresence(NETWORK, "ohio", { ...statement, presence: said({ sequence: 11 }) }, identity.publicKey),
    ).toBe(false);
    const stranger = identityFromSeed(new Uint8Array(32));
    expect(verifyPresence(NETWORK, "ohio", statement, stranger.publicKey)).toBe(false);
  });
});
