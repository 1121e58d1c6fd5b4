import { presignRounds } from "@quorate/dkls23";
import { keygenRounds } from "@quorate/keygen";
import { hex, type NetworkFile } from "@quorate/orders";
import { type AbortCode, decodeEvidence, type Evidence, encodeEvidence } from "@quorate/protocol";
import { describe, expect, test } from "vitest";
import { accuse } from "./accuse.ts";
import { type EvidenceDocument, formatEvidence, parseEvidence, toBytes, toText } from "./document.ts";
import { statementOf } from "./statement.ts";
import {
  altered,
  type Body,
  edited,
  evidenceOf,
  holds,
  importPlay,
  keygenPlay,
  LIAR,
  lie,
  NETWORK,
  type Play,
  pairPlay,
  presignPlay,
  refreshPlay,
  SIGNERS,
  twoFaced,
} from "./testing.ts";
import { verifyEvidence } from "./verify.ts";

const MINUTES = 60_000;

const flip = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
const cut: Body = (honest) => honest.slice(1);

/** What the liar does in which round, by the code under which it is stopped. */
type Lies = readonly (readonly [AbortCode, number, Body])[];

/** Everything that is provable when a key is made, refreshed or imported. */
function keyLies({ config }: ReturnType<typeof keygenPlay>): Lies {
  const [COMMITMENTS, OPENINGS, SHARES, CONFIRMATIONS] = keygenRounds(config);
  const { group, origin } = config;
  const more = (scalar: bigint) => group.mod(scalar + 1n);
  const confirmation = (edit: Parameters<typeof edited<ReturnType<typeof CONFIRMATIONS.codec.read>>>[1]) =>
    edited(CONFIRMATIONS.codec, edit);
  return [
    ["malformed", 1, cut],
    ["malformed", 2, cut],
    ["malformed", 4, cut],
    ["bad_opening", 2, edited(OPENINGS.codec, (one) => ({ ...one, salt: flip(one.salt) }))],
    [
      "bad_proof",
      2,
      edited(OPENINGS.codec, ({ proofs: [first, ...rest], ...one }) => {
        return { ...one, proofs: [{ ...first!, response: more(first!.response) }, ...rest] };
      }),
    ],
    ["bad_share", 3, edited(SHARES.codec, (one) => ({ ...one, share: more(one.share) }))],
    origin?.kind === "refresh"
      ? [
          "bad_chain_code",
          1,
          edited(COMMITMENTS.codec, (one) => ({ ...one, chainCommitment: flip(one.chainCommitment) })),
        ]
      : ["bad_chain_code", 3, edited(SHARES.codec, (one) => ({ ...one, chainPart: flip(one.chainPart) }))],
    ["wrong_verifying_share", 4, confirmation((one) => ({ ...one, verifyingShare: group.base(7n) }))],
    [
      "bad_share_proof",
      4,
      confirmation(({ proof, ...one }) => ({ ...one, proof: { ...proof, response: more(proof.response) } })),
    ],
    ["bad_transcript", 4, confirmation((one) => ({ ...one, signature: flip(one.signature) }))],
  ];
}

function presignLies(): Lies {
  const [, , ANSWERS] = presignRounds(keygenPlay("ecdsa-secp256k1").config.group);
  return [
    ["malformed", 1, cut],
    ["malformed", 2, cut],
    ["malformed", 3, cut],
    ["bad_opening", 3, edited(ANSWERS.codec, (one) => ({ ...one, salt: flip(one.salt) }))],
  ];
}

/** Somebody's point in place of the second, and bytes that encode none. */
const pairLies: Lies = [
  ["malformed", 2, cut],
  ["malformed", 3, cut],
  ["bad_setup", 3, (honest) => Uint8Array.of(...honest.subarray(32, 64), ...honest.subarray(32))],
  ["bad_setup", 3, (honest) => Uint8Array.of(...new Uint8Array(32).fill(255), ...honest.subarray(32))],
  ["bad_setup", 2, (honest) => Uint8Array.of(...new Uint8Array(32).fill(255), ...honest.subarray(32))],
];

const PLAYS: readonly (readonly [string, Play, Lies])[] = [
  ["keygen", keygenPlay(), keyLies(keygenPlay())],
  ["refresh", refreshPlay(), keyLies(refreshPlay())],
  ["import", importPlay(), keyLies(importPlay())],
  ["presign", presignPlay(), presignLies()],
  ["pair", pairPlay(), pairLies],
];

const ROWS = PLAYS.flatMap(([name, play, lies]) => [
  [name, "equivocation", 0, () => twoFaced(play), play] as const,
  ...lies.map(([code, round, body]) => [name, code, round, () => evidenceOf(play, lie(round, body)), play] as const),
]);

/** The one document against the liar. */
function documentOf(play: Play, evidence: Evidence): EvidenceDocument {
  const made = accuse(evidence, play.setting, NETWORK);
  expect(made).toHaveLength(1);
  return made[0]!.document;
}

describe.each(ROWS)("evidence of %s: %s in round %i", (_name, code, _round, evidence, play) => {
  test(
    "proves it to whoever has the network file, and nothing once anything of it is changed",
    () => {
      const document = documentOf(play, evidence());
      expect(document).toMatchObject({ code, accused: { identifier: LIAR } });
      const text = formatEvidence(document);
      expect(verifyEvidence(parseEvidence(text), NETWORK)).toMatchObject({ proven: true });
      for (const other of altered(document)) {
        if (holds(JSON.stringify(other))) throw new Error(`holds: ${JSON.stringify(other)}`);
      }
    },
    5 * MINUTES,
  );

  test("proves nothing against anybody else, nor in another network", () => {
    const document = documentOf(play, evidence());
    const { executionId } = verifyEvidence(document, NETWORK) as { executionId: Uint8Array };
    for (const [at, { identifier, publicKey }] of SIGNERS.entries()) {
      const accused = { node: NETWORK.nodes[at]!.name, identifier, publicKey: hex(publicKey) };
      if (accused.publicKey === document.accused.publicKey) continue;
      const renamed = { ...document.accused, node: accused.node };
      for (const one of [accused, { ...accused, identifier: LIAR }, renamed]) {
        const statement = statementOf({ ...document, accused: one }, executionId);
        expect(verifyEvidence({ ...document, accused: one, statement }, NETWORK).proven).toBe(false);
      }
    }
    const others: readonly NetworkFile[] = [
      { ...NETWORK, networkId: "other" },
      { ...NETWORK, nodes: NETWORK.nodes.toReversed() },
      { ...NETWORK, nodes: NETWORK.nodes.filter((one) => one.name !== document.accused.node) },
    ];
    for (const network of others) expect(holds(formatEvidence(document), network)).toBe(false);
  });
});

test("evidence that shows more than the proof needs proves nothing", () => {
  const keygen = keygenPlay();
  const document = documentOf(keygen, evidenceOf(keygen, lie(2, cut)));
  const evidence = { ...decodeEvidence(toBytes(document.evidence)), exhibit: new Uint8Array(1) };
  expect(verifyEvidence({ ...document, evidence: toText(encodeEvidence(evidence)) }, NETWORK).proven).toBe(false);

  const imported = importPlay();
  const made = documentOf(imported, evidenceOf(imported, lie(2, cut))) as EvidenceDocument & { kind: "import" };
  expect(made.scope.groupCommitment).toBeNull();
  const { groupCommitment } = imported.setting.scope as { groupCommitment: string[] };
  expect(verifyEvidence({ ...made, scope: { ...made.scope, groupCommitment } }, NETWORK).proven).toBe(false);
});

describe("what rests on the accuser's secrets", () => {
  test.each([
    ["a setup of a pair whose answers are wrong", pairPlay(), lie(5, flip)],
    ["a setup of a pair whose openings are wrong", pairPlay(), lie(6, flip)],
    [
      "an extension of oblivious transfers that is not consistent",
      presignPlay(),
      lie(2, (honest) => honest.map((byte, at) => (at === honest.length - 1 ? byte ^ 1 : byte))),
    ],
  ])("is shown to nobody: %s", (_, play, edits) => {
    const evidence = evidenceOf(play, edits);
    expect(evidence.culprits).toEqual([LIAR]);
    expect(accuse(evidence, play.setting, NETWORK)).toEqual([]);
  });
});
