import { encode, list } from "@quorate/curves";
import {
  type Commitment,
  commit,
  keyShare,
  type Nonces,
  parsePublicKeyPackage,
  signShare,
  suite,
} from "@quorate/frost";
import {
  interactiveContext,
  networkHash,
  type PublishedCommitment,
  publishedCommitment,
  type ShareEvidence,
  type SigningPackage,
  signCommitment,
  signShareStatement,
} from "@quorate/orders";
import { type AbortCode, type Frame, signFrame, TO_ALL } from "@quorate/protocol";
import { seededRandom } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { accuse, accuseOfShare } from "./accuse.ts";
import { formatEvidence, parseEvidence, toText } from "./document.ts";
import { altered, holds, IDENTITIES, LIAR, madeKey, NETWORK, VICTIM } from "./testing.ts";
import { verifyEvidence } from "./verify.ts";

const MINUTES = 60_000;
const SET = [VICTIM, LIAR];
const shares = madeKey("ed25519");
const [{ keyId, epoch, certificate }] = shares as unknown as readonly [(typeof shares)[number]];
const hash = networkHash(NETWORK);
const frost = suite("ed25519", "fast");
const own = (identifier: number) => shares.find((one) => one.identifier === identifier)!;
const accused = {
  node: NETWORK.nodes[LIAR - 1]!.name,
  identifier: LIAR,
  publicKey: NETWORK.nodes[LIAR - 1]!.publicKey,
};

interface Made {
  readonly nonces: Nonces;
  readonly commitment: Commitment;
  readonly published: PublishedCommitment;
}

function nonceOf(identifier: number, seed = 1, signer = identifier): Made {
  const share = own(identifier);
  const key = keyShare(parsePublicKeyPackage(frost, share), identifier, share.signingShare);
  const { nonces, commitment } = commit(key, seededRandom(10 * seed + identifier));
  const { hiding, binding } = commitment.encoded;
  const shown = { identifier, commitmentId: new Uint8Array(16).fill(identifier), hiding, binding };
  const scope = { networkHash: hash, keyId, epoch };
  return { nonces, commitment, published: signCommitment(IDENTITIES.get(signer)!, scope, shown) };
}

/** What the liar signed for a package: its share with `edit` made to it. */
function signed(edit: (share: Uint8Array) => Uint8Array, more: Partial<SigningPackage> = {}): ShareEvidence {
  const made = SET.map((one) => nonceOf(one));
  const message = Buffer.from("hello");
  const answered = { keyId, epoch, path: [], message, merkleRoot: null, commitments: made.map((one) => one.published) };
  const share = own(LIAR);
  const key = keyShare(parsePublicKeyPackage(frost, share), LIAR, share.signingShare);
  const z = signShare(
    key,
    made[1]!.nonces,
    made.map((one) => one.commitment),
    message,
    null,
  );
  const pack = { ...answered, ...more };
  return { package: pack, share: signShareStatement(IDENTITIES.get(LIAR)!, hash, pack, LIAR, edit(z)) };
}

const wrong = (share: Uint8Array) => share.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
const right = (share: Uint8Array) => share;
const documentOf = (evidence: ShareEvidence, chainCode: string | null = null) =>
  accuseOfShare(evidence, { certificate: toText(certificate), chainCode }, accused, NETWORK);
const verdict = (evidence: ShareEvidence, chainCode: string | null = null) =>
  verifyEvidence(documentOf(evidence, chainCode), NETWORK);

describe("evidence of a wrong signature share", () => {
  test(
    "proves it to whoever has the network file, and nothing once anything of it is changed",
    () => {
      const document = documentOf(signed(wrong));
      expect(verifyEvidence(parseEvidence(formatEvidence(document)), NETWORK)).toMatchObject({ proven: true, keyId });
      for (const other of altered(document)) {
        if (holds(JSON.stringify(other))) throw new Error(`holds: ${JSON.stringify(other)}`);
      }
    },
    5 * MINUTES,
  );

  test("proves nothing of a right one, nor of one that the accused did not sign", () => {
    expect(verdict(signed(right))).toMatchObject({ proven: false, reason: "the share is right" });
    const evidence = signed(right);
    const share = wrong(evidence.share.share);
    expect(verdict({ ...evidence, share: { ...evidence.share, share } }).proven).toBe(false);
    const message = Buffer.from("other");
    expect(verdict({ ...evidence, package: { ...evidence.package, message } }).proven).toBe(false);
  });

  test("proves nothing where a commitment is not its holder's, or the set is none", () => {
    const published = [nonceOf(VICTIM, 1, LIAR).published, nonceOf(LIAR).published];
    expect(verdict(signed(wrong, { commitments: published }))).toMatchObject({
      reason: "a nonce commitment is not signed by its holder",
    });
    expect(verdict(signed(wrong, { commitments: [nonceOf(LIAR).published] })).proven).toBe(false);
    expect(verdict(signed(wrong, { epoch: 1 })).proven).toBe(false);
  });

  test("by a child of the key is for those who have its chain code", () => {
    const evidence = signed(right, { path: [7] }); // the share of the key is no share of its child
    const chainCode = Buffer.from(shares[0]!.chainCode.expose()).toString("hex");
    expect(verdict(evidence)).toMatchObject({ proven: false, reason: expect.stringContaining("chain code") });
    expect(verdict(evidence, chainCode)).toMatchObject({ proven: true });
    expect(verdict(evidence, "00".repeat(32))).toMatchObject({ reason: "the chain code is that of another key" });
    expect(verdict(signed(wrong), chainCode).proven).toBe(false);
  });
});

describe("evidence of an exchange of nonce commitments", () => {
  const asked = { keyId, path: [3], request: Buffer.from("{}") };
  const authorisation = new Uint8Array(32).fill(4);
  const executionId = new Uint8Array(16).fill(8);
  const context = interactiveContext({ networkHash: hash, asked, authorisation, epoch, signers: SET });
  const setting = {
    kind: "commitments",
    scope: {
      ...{ certificate: toText(certificate), signers: SET, path: asked.path, request: toText(asked.request) },
      authorisation: Buffer.from(authorisation).toString("hex"),
    },
  } as const;
  const codec = list(publishedCommitment, 64);
  const frame = (body: Uint8Array): Frame =>
    signFrame({ executionId, context }, IDENTITIES.get(LIAR)!, { round: 1, from: LIAR, to: TO_ALL, echo: null, body });
  const honest = encode(codec, [nonceOf(LIAR).published]);
  const shown = (code: AbortCode, frames: readonly Frame[]) =>
    accuse(
      { code, executionId, context, culprits: [LIAR], frames: [...frames], exhibit: new Uint8Array() },
      setting,
      NETWORK,
    );
  const { published } = nonceOf(LIAR);
  const zeros = { ...published, hiding: new Uint8Array(32), binding: new Uint8Array(32) };
  const pointless = signCommitment(IDENTITIES.get(LIAR)!, { networkHash: hash, keyId, epoch }, zeros);

  test.each<[string, AbortCode, readonly Frame[]]>([
    ["no list", "malformed", [frame(honest.slice(1))]],
    ["a commitment of another", "malformed", [frame(encode(codec, [nonceOf(VICTIM).published]))]],
    ["a signature of another", "malformed", [frame(encode(codec, [nonceOf(LIAR, 1, VICTIM).published]))]],
    ["no points", "malformed", [frame(encode(codec, [pointless]))]],
    ["two lists", "equivocation", [frame(honest), frame(encode(codec, [nonceOf(LIAR, 2).published]))]],
  ])(
    "proves %s, and nothing once anything of it is changed",
    (_, code, frames) => {
      const [made, ...others] = shown(code, frames);
      expect(others).toEqual([]);
      expect(made).toMatchObject({ document: { code, accused }, finding: { proven: true, keyId } });
      for (const other of altered(made!.document)) {
        if (holds(JSON.stringify(other))) throw new Error(`holds: ${JSON.stringify(other)}`);
      }
    },
    5 * MINUTES,
  );

  test("proves nothing of an honest list, nor of one that is only longer", () => {
    const frames = [frame(honest), frame(honest)];
    for (const code of ["malformed", "equivocation", "bad_opening"] as const) expect(shown(code, frames)).toEqual([]);
    const longer = frame(encode(codec, [published, nonceOf(LIAR, 2).published]));
    expect(shown("malformed", [longer])).toEqual([]);
  });

  test("proves nothing for another key or request than was agreed on", () => {
    const bad = frame(honest.slice(1));
    const evidence = { code: "malformed" as const, executionId, context, culprits: [LIAR], frames: [bad] };
    for (const scope of [
      { ...setting.scope, certificate: toText(madeKey("secp256k1")[0]!.certificate) },
      { ...setting.scope, request: toText(Buffer.from("{ }")) },
      { ...setting.scope, path: [] },
    ]) {
      const said = accuse({ ...evidence, exhibit: new Uint8Array() }, { kind: "commitments", scope }, NETWORK);
      expect(said).toEqual([]);
    }
  });
});
