import { accuseOfShare, verifyEvidence } from "@quorate/blame";
import type { Backend } from "@quorate/curves";
import { hex, type NetworkFile, type OrderOf, type ShareEvidence, type World } from "@quorate/orders";
import type { Keyring } from "./keyring.ts";
import type { Link } from "./link.ts";
import type { VerdictStore } from "./verdict-store.ts";

/** Checks evidence of a wrong share that a coordinator brings, by this signer's own lights, and keeps it where it holds. */
export class Verdicts {
  readonly #world: World;
  readonly #network: NetworkFile;
  readonly #backend: Backend;
  readonly #link: Link;
  readonly #keyring: Keyring;
  readonly #store: VerdictStore;

  constructor(parts: {
    world: World;
    network: NetworkFile;
    backend: Backend;
    link: Link;
    keyring: Keyring;
    verdicts: VerdictStore;
  }) {
    this.#world = parts.world;
    this.#network = parts.network;
    this.#backend = parts.backend;
    this.#link = parts.link;
    this.#keyring = parts.keyring;
    this.#store = parts.verdicts;
  }

  judge({ executionId, evidence }: OrderOf<"evidence">): void {
    const { identifier } = evidence.share;
    const accusation = this.#accusation(evidence);
    const guilty = accusation !== undefined;
    this.#world.emit({ type: "evidence.judged", key: hex(evidence.package.keyId), identifier, guilty });
    const answer = () => this.#link.answer({ kind: "verdict", executionId, identifier, guilty });
    if (accusation === undefined) answer();
    else this.#store.keep(accusation, answer);
  }

  /** The evidence as a document, if it proves what it says to this signer, which knows the chain code of the key. */
  #accusation(evidence: ShareEvidence) {
    const { keyId, path } = evidence.package;
    const certificate = this.#store.certificateOf(evidence.package);
    const entry = this.#keyring.find(keyId);
    if (certificate === undefined || entry?.state !== "active") return undefined;
    const { identifier } = evidence.share;
    const node = entry.key.nodes.get(identifier);
    const publicKey = this.#network.nodes.find((one) => one.name === node)?.publicKey;
    if (node === undefined || publicKey === undefined) return undefined;
    const accused = { node, identifier, publicKey };
    const told = (chainCode: string | null) =>
      accuseOfShare(evidence, { certificate, chainCode }, accused, this.#network);
    const chainCode = path.length === 0 ? null : (this.#store.chainCodeOf(keyId) ?? null);
    const finding = verifyEvidence(told(chainCode), this.#network, this.#backend);
    // What is kept names no chain code: that is as secret as the addresses of the key are to be.
    return finding.proven ? { document: told(null), finding } : undefined;
  }
}
