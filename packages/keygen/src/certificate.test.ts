import { decode, encode } from "@quorate/curves";
import { runLocally, testParticipants } from "@quorate/protocol/testing";
import { describe, expect, test } from "vitest";
import { certificateCodec, verifyCertificate } from "./certificate.ts";
import { keygenContext } from "./config.ts";
import { activate, decodeShare, encodeShare, type KeyShare } from "./share.ts";
import { seeded, testConfig, testSessions, trustIn } from "./testing.ts";
import { transcriptHash } from "./transcript.ts";

const config = testConfig("ed25519", 2, 3);
const trust = trustIn(config.participants);

function make(one: typeof config, seed = 1): KeyShare {
  const state = runLocally(testSessions(one, {}, seeded(seed))).get(1);
  if (state?.kind !== "done") throw new Error(state?.kind);
  return state.output;
}

const share = make(config);
const genuine = decode(certificateCodec, share.certificate);
const other = make({ ...config, executionId: new Uint8Array(16) }, 2);
const [first, second, third] = genuine.confirmations;
const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 3 ? byte ^ 1 : byte));

describe("a certificate", () => {
  test.each<[string, string, Partial<typeof genuine>]>([
    ["a signature is missing", "bad_signature", { confirmations: [first!, second!] }],
    [
      "a signature is wrong",
      "bad_signature",
      { confirmations: [first!, second!, { ...third!, signature: flipped(third!.signature) }] },
    ],
    [
      "a signature is another's",
      "bad_signature",
      { confirmations: [first!, second!, { ...third!, signature: second!.signature }] },
    ],
    [
      "a participant is another",
      "stranger",
      { confirmations: [first!, second!, { ...third!, publicKey: new Uint8Array(32).fill(1) }] },
    ],
    ["an identifier changed", "bad_signature", { confirmations: [first!, second!, { ...third!, identifier: 4 }] }],
    ["a participant is there twice", "malformed", { confirmations: [first!, second!, third!, third!] }],
    ["participants are not ascending", "malformed", { confirmations: [second!, first!, third!] }],
    ["an identity is there twice", "malformed", { confirmations: [first!, second!, { ...second!, identifier: 3 }] }],
    ["identifier 0 takes part", "malformed", { confirmations: [{ ...first!, identifier: 0 }, second!, third!] }],
    ["nobody signed", "malformed", { confirmations: [] }],
    ["minSigners is lower than was agreed", "malformed", { minSigners: 1 }],
    ["minSigners and the commitments disagree", "malformed", { minSigners: 3 }],
    ["a commitment is missing", "malformed", { groupCommitment: genuine.groupCommitment.slice(1) }],
    [
      "a commitment is too many",
      "malformed",
      { groupCommitment: [...genuine.groupCommitment, genuine.groupCommitment[0]!] },
    ],
    [
      "both agree on a higher number",
      "bad_signature",
      { minSigners: 3, groupCommitment: [...genuine.groupCommitment, genuine.groupCommitment[0]!] },
    ],
    [
      "a commitment is no point",
      "malformed",
      { groupCommitment: [genuine.groupCommitment[0]!, new Uint8Array(32).fill(2)] },
    ],
    [
      "a commitment is the identity",
      "malformed",
      { groupCommitment: [genuine.groupCommitment[0]!, Uint8Array.of(1, ...new Uint8Array(31))] },
    ],
    ["the commitments are swapped", "bad_signature", { groupCommitment: genuine.groupCommitment.toReversed() }],
    [
      "the last commitment is another",
      "bad_signature",
      { groupCommitment: [genuine.groupCommitment[0]!, genuine.groupCommitment[0]!] },
    ],
    ["the session is another", "bad_signature", { sid: flipped(genuine.sid) }],
    ["the execution is another", "bad_signature", { executionId: flipped(genuine.executionId) }],
    ["the chain code is another", "bad_signature", { chainHash: flipped(genuine.chainHash) }],
    ["the suite is not known", "unknown_suite", { suite: "ed448" }],
    ["the suite is another", "malformed", { suite: "p256" }],
  ])("is refused when %s", (_, fault, change) => {
    const forged = encode(certificateCodec, { ...genuine, ...change });
    expect(() => verifyCertificate(forged, trust)).toThrow(
      expect.objectContaining({ name: "CertificateError", fault }),
    );
  });

  test("is refused when the network does not know a participant", () => {
    const narrower = trustIn(config.participants.slice(1));
    expect(() => verifyCertificate(share.certificate, narrower)).toThrow(
      expect.objectContaining({ fault: "stranger" }),
    );
  });

  test("is refused when everybody signed a key of which one participant's share is zero", () => {
    const { group, participants } = config;
    const groupCommitment = [group.base(group.order - 2n), group.base(1n)];
    const transcript = { ...genuine, ctx: keygenContext(config), groupCommitment };
    const signed = transcriptHash(config, transcript);
    const { identities } = testParticipants(3);
    const confirmations = participants.map((one) => {
      return { ...one, signature: identities.get(one.identifier)!.sign(signed) };
    });
    const points = groupCommitment.map((one) => group.encodePoint(one));
    const forged = encode(certificateCodec, { ...genuine, groupCommitment: points, confirmations });
    expect(() => verifyCertificate(forged, trust)).toThrow(expect.objectContaining({ fault: "degenerate_key" }));
  });

  test("is refused in another format, cut or extended", () => {
    const { certificate } = share;
    const formats = [
      Uint8Array.of(2, ...certificate.subarray(1)),
      certificate.subarray(0, -1),
      Uint8Array.of(...certificate, 0),
      new Uint8Array(),
    ];
    for (const one of formats) {
      expect(() => verifyCertificate(one, trust)).toThrow(expect.objectContaining({ fault: "malformed" }));
    }
  });

  test("holds whatever else is done with its bytes afterwards", () => {
    const bytes = share.certificate.slice();
    const key = verifyCertificate(bytes, trust);
    bytes.fill(0);
    expect(key).toEqual(verifyCertificate(share.certificate, trust));
  });
});

describe("a stored share", () => {
  const staged = () => decodeShare(encodeShare(share).expose());

  test("becomes usable with the certificate of its key", () => {
    expect(activate(staged(), share.certificate, trust)).toEqual(share);
  });

  test("shows nothing when printed", () => {
    const hidden = Buffer.from(share.signingShare.expose()).toString("hex");
    expect(`${JSON.stringify(staged())} ${encodeShare(share)}`).not.toContain(hidden);
  });

  test("does not keep the bytes it was read from", () => {
    const record = encodeShare(share);
    const read = decodeShare(record.expose());
    record.wipe();
    expect(activate(read, share.certificate, trust)).toEqual(share);
  });

  test.each<[string, Partial<KeyShare>]>([
    ["another key", { keyId: other.keyId }],
    ["another share", { signingShare: other.signingShare }],
    ["another participant", { identifier: 2 }],
    ["a stranger", { identifier: 9 }],
    ["another chain code", { chainCode: other.chainCode }],
    ["another suite", { suite: "p256" }],
  ])("is not taken for %s", (_, change) => {
    expect(() => activate({ ...share, ...change }, share.certificate, trust)).toThrow(
      expect.objectContaining({ fault: "other_key" }),
    );
  });

  test("does not fit the certificate of another key, nor a later epoch", () => {
    const fault = expect.objectContaining({ fault: "other_key" });
    expect(() => activate(staged(), other.certificate, trust)).toThrow(fault);
    expect(() => activate({ ...staged(), epoch: 1 }, share.certificate, trust)).toThrow(fault);
  });

  test("is refused in another format, cut or extended", () => {
    const record = encodeShare(share).expose();
    for (const one of [Uint8Array.of(2, ...record.subarray(1)), record.subarray(0, -1), Uint8Array.of(...record, 0)]) {
      expect(() => decodeShare(one)).toThrow(expect.objectContaining({ name: "DecodeError" }));
    }
  });
});
