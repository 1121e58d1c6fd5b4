import { hex } from "@quorate/orders";
import { type AbortCode, consequence, type Frame, isAbortCode, signFrame } from "@quorate/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accuse } from "./accuse.ts";
import type { SessionSetting } from "./stage.ts";
import {
  honestFrames,
  importPlay,
  keygenPlay,
  LIAR,
  NETWORK,
  type Play,
  pairPlay,
  presignPlay,
  refreshPlay,
  VICTIM,
  written,
} from "./testing.ts";

const MINUTES = 60_000;

/** All codes that name somebody. */
const WORDS = [
  ...["equivocation", "malformed", "bad_opening", "bad_proof", "bad_share", "bad_chain_code", "wrong_verifying_share"],
  ...["bad_share_proof", "bad_transcript", "bad_signature_share", "bad_setup", "bad_extension", "bad_multiplication"],
  "bad_consistency",
];
const CODES = WORDS.filter(isAbortCode).filter((code) => consequence(code).blames === "culprits");

/** Here the one who is accused followed the protocol, and everybody else may be a member of the coalition that accuses it. */
const INNOCENT = LIAR;

interface Change {
  /** Which frame. */
  readonly at: number;
  readonly how: "drop" | "repeat" | "damage" | "resign" | "swap" | "readdress";
  /** Which byte. */
  readonly byte: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(63),
  how: fc.constantFrom("drop", "repeat", "damage", "resign", "swap", "readdress"),
  byte: fc.nat(1 << 16),
});

/** What a coalition makes of the frames of an honest run: it signs whatever it likes, but not in the name of the innocent. */
function forged(play: Play, frames: readonly Frame[], other: readonly Frame[], changes: readonly Change[]) {
  let list = frames;
  for (const one of changes) list = changed(play, list, other, one);
  return list;
}

function changed(play: Play, list: readonly Frame[], other: readonly Frame[], { at: place, how, byte }: Change) {
  const at = place % Math.max(1, list.length);
  const one = list[at];
  if (one === undefined) return list;
  const body = one.body.map((value, n) => (n === byte % one.body.length ? value ^ 1 : value));
  const edited = (frame: Frame) => {
    return one.from === INNOCENT ? list : list.with(at, signFrame(play, play.identities.get(one.from)!, frame));
  };
  switch (how) {
    case "drop":
      return list.toSpliced(at, 1);
    case "repeat":
      return [...list, one];
    case "damage":
      return list.with(at, { ...one, body });
    case "resign":
      return edited({ ...one, body });
    case "swap":
      return edited({ ...one, body: other[at % other.length]!.body });
    case "readdress":
      return edited({ ...one, to: one.to === 0 ? VICTIM : 0 });
  }
}

describe.each([
  ["keygen", keygenPlay()],
  ["refresh", refreshPlay()],
  ["import", importPlay()],
  ["presign", presignPlay()],
  ["pair", pairPlay()],
])("of an honest run of %s", (name, play) => {
  const frames = honestFrames(play);
  const other = name === "keygen" || name === "import" ? honestFrames(play, 9) : frames;

  test.each(CODES)("no evidence of %s against an honest participant can be made", (code: AbortCode) => {
    expect(accuse(written(play, code, frames, INNOCENT), play.setting, NETWORK)).toEqual([]);
    expect(accuse(written(play, code, [...frames, ...frames], INNOCENT), play.setting, NETWORK)).toEqual([]);
    expect(accuse(written(play, code, [], INNOCENT), play.setting, NETWORK)).toEqual([]);
  });

  test(
    "none can be made of what others add, leave out, change or sign anew",
    () => {
      const property = fc.property(
        fc.constantFrom(...CODES),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (code, changes) => {
          const shown = forged(play, frames, other, changes);
          expect(accuse(written(play, code, shown, INNOCENT), play.setting, NETWORK)).toEqual([]);
        },
      );
      fc.assert(property, { numRuns: 150 });
    },
    5 * MINUTES,
  );
});

test("nobody is convicted of how it confirmed an import by the shares of another key than it was given", () => {
  const play = importPlay();
  const { config } = keygenPlay("secp256k1");
  const point = (k: bigint) => hex(config.group.encodePoint(config.group.base(k)));
  const { scope } = play.setting as SessionSetting & { kind: "import" };
  const other: SessionSetting = { kind: "import", scope: { ...scope, groupCommitment: [point(5n), point(6n)] } };
  for (const code of CODES)
    expect(accuse(written(play, code, honestFrames(play), INNOCENT), other, NETWORK)).toEqual([]);
});
