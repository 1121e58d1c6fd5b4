import type { Backend } from "@quorate/curves";
import { judgePair, judgePresign, pairContext, presignContext } from "@quorate/dkls23";
import {
  type GroupKey,
  judge,
  type KeygenConfig,
  keygenContext,
  refreshConfig,
  verifyCertificate,
} from "@quorate/keygen";
import { interactiveContext, isEcdsa, isSuite, type NetworkFile, networkHash, trustOf, unhex } from "@quorate/orders";
import type { Evidence, Participant } from "@quorate/protocol";
import { judgeCommitments } from "./commitments.ts";
import { type ScopeOf, type Setting, toBytes } from "./document.ts";
import { must } from "./unproven.ts";

/** The settings whose evidence are the frames of a session. */
export type SessionSetting = Exclude<Setting, { kind: "share" }>;

/** A run as a judge sees it. */
export interface Stage {
  readonly participants: readonly Participant[];
  readonly context: Uint8Array;
  /** Of the key that was used; `null` where there was none yet. */
  readonly keyId: Uint8Array | null;
  judge(evidence: Evidence): boolean;
}

/** What a verifier has. */
export interface Bench {
  readonly network: NetworkFile;
  readonly backend: Backend;
}

/**
 * What follows from what a document says of its run. Nothing of it is believed: the context is a hash of it, and is signed with every frame.
 *
 * @throws Unproven, CertificateError, RangeError where it contradicts itself or the network file
 */
export function stageOf(setting: SessionSetting, executionId: Uint8Array, bench: Bench): Stage {
  switch (setting.kind) {
    case "keygen":
      return keyRun(makingConfig(setting.scope, executionId, bench), null);
    case "import":
      return keyRun(importing(setting.scope, executionId, bench), null);
    case "refresh":
      return refreshing(setting.scope, executionId, bench);
    case "presign":
      return presigning(setting.scope, executionId, bench);
    case "commitments":
      return committing(setting.scope, bench);
    case "pair":
      return pairing(setting.scope, executionId, bench);
  }
}

/** @throws CertificateError unless all holders, nodes of the network, signed it */
export function certified(certificate: string, { network, backend }: Bench): GroupKey {
  return verifyCertificate(toBytes(certificate), trustOf(network, backend));
}

function keyRun(config: KeygenConfig, keyId: Uint8Array | null): Stage {
  const { participants } = config;
  return { participants, context: keygenContext(config), keyId, judge: (evidence) => judge(evidence, config) };
}

function makingConfig(
  { suite, minSigners, participants }: ScopeOf<"keygen">,
  executionId: Uint8Array,
  { network, backend }: Bench,
): KeygenConfig {
  const trust = trustOf(network, backend);
  const members = participants.map((one) => ({ identifier: one.identifier, publicKey: unhex(one.publicKey) }));
  must(
    members.every((one) => trust.isMember(one.publicKey)),
    "a participant is not a signer of this network",
  );
  return { suite, group: trust.groupOf(suite)!, executionId, minSigners, participants: members };
}

function importing({ groupCommitment, ...making }: ScopeOf<"import">, executionId: Uint8Array, bench: Bench) {
  const config = makingConfig(making, executionId, bench);
  // Most checks do not look at it; those that do find that the accused was not given this one.
  const shown = groupCommitment?.map((one) => pointOf(config, unhex(one)));
  const points = shown ?? Array.from({ length: config.minSigners }, () => config.group.base(1n));
  return { ...config, origin: { kind: "import", groupCommitment: points } } as const;
}

function pointOf({ group }: KeygenConfig, encoded: Uint8Array) {
  try {
    return group.decodePoint(encoded);
  } catch (error) {
    throw new RangeError(`groupCommitment: ${(error as Error).message}`);
  }
}

function refreshing({ certificate, newEpoch }: ScopeOf<"refresh">, executionId: Uint8Array, bench: Bench): Stage {
  const key = certified(certificate, bench);
  const group = trustOf(bench.network, bench.backend).groupOf(key.suite)!;
  return keyRun(refreshConfig(key, group, executionId, newEpoch), key.keyId);
}

function presigning({ certificate, operation }: ScopeOf<"presign">, executionId: Uint8Array, bench: Bench): Stage {
  const key = certified(certificate, bench);
  const { suite, participants, keyId } = key;
  must(isSuite(suite) && isEcdsa(suite), "the key does not sign ECDSA");
  const group = trustOf(bench.network, bench.backend).groupOf(suite)!;
  const context = presignContext(key, operation, executionId);
  const scope = { group, suite, context, executionId, participants };
  return { participants, context, keyId, judge: (evidence) => judgePresign(evidence, scope) };
}

function committing({ certificate, ...asked }: ScopeOf<"commitments">, bench: Bench): Stage {
  const key = certified(certificate, bench);
  const { keyId, epoch } = key;
  const hash = networkHash(bench.network);
  const context = interactiveContext({
    networkHash: hash,
    asked: { keyId, path: asked.path, request: toBytes(asked.request) },
    authorisation: unhex(asked.authorisation),
    epoch,
    signers: asked.signers,
  });
  const participants = key.participants.filter((one) => asked.signers.includes(one.identifier));
  const commitments = { key, networkHash: hash, backend: bench.backend };
  return { participants, context, keyId, judge: (evidence) => judgeCommitments(evidence, participants, commitments) };
}

function pairing(
  { pairClass, epoch, identities }: ScopeOf<"pair">,
  executionId: Uint8Array,
  { network, backend }: Bench,
): Stage {
  const [first, second] = [unhex(identities[0]), unhex(identities[1])];
  const trust = trustOf(network, backend);
  must(trust.isMember(first) && trust.isMember(second), "one of the pair is not a signer of this network");
  const networkId = new TextEncoder().encode(network.networkId);
  const context = pairContext({ networkId, pairClass, epoch, identities: [first, second], backend });
  const participants = [first, second].map((publicKey, at) => ({ identifier: at + 1, publicKey }));
  const scope = { context, executionId, participants, backend };
  return { participants, context, keyId: null, judge: (evidence) => judgePair(evidence, scope) };
}
