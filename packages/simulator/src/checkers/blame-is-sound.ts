import { type EvidenceDocument, parseEvidence, verifyEvidence } from "@quorate/blame";
import { decode } from "@quorate/curves";
import { decodeShare } from "@quorate/keygen";
import { type Event, hex, type NodeId, type RecordWrite } from "@quorate/orders";
import { consequence, isAbortCode } from "@quorate/protocol";
import { RECORD_KINDS, verdictRecord } from "@quorate/vault";
import type { Checker } from "./checker.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/**
 * A6. Whatever an honest signer keeps as a verdict is proven to everybody who has the network file (and, for children of a key, its
 * chain code), and is of the node that it names; nobody is named where a run was stopped for no fault of anybody, as by a time-out.
 */
export class BlameIsSound implements Checker {
  readonly property: Property = "blame-is-sound";
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  event(node: NodeId, { type, code, culprits, execution }: Event): void {
    if (type !== "session.aborted" || !this.#scene.isHonest(node)) return;
    const named = (culprits as readonly number[]).length > 0;
    if (named && isAbortCode(String(code)) && consequence(code as never).blames === "nobody")
      this.#report(node, `names somebody for the ${code} of ${execution}`);
  }

  stored(node: NodeId, { kind, value }: RecordWrite): void {
    if (kind !== RECORD_KINDS.verdict || value === null) return;
    const { id, accused, document: text } = decode(verdictRecord, value);
    try {
      const document = parseEvidence(new TextDecoder().decode(text));
      const problem = this.#problem(document, accused);
      if (problem !== undefined) this.#report(node, `keeps a verdict ${id} on ${accused}, but ${problem}`);
    } catch (error) {
      this.#report(node, `keeps a verdict ${id} that is no evidence: ${(error as Error).message}`);
    }
  }

  #problem(document: EvidenceDocument, accused: NodeId): string | undefined {
    if (document.accused.node !== accused) return `the evidence is of ${document.accused.node}`;
    const { simulation, file } = this.#scene;
    let reason = "";
    for (const one of this.#opened(document)) {
      const finding = verifyEvidence(one, file, simulation.crypto.backend);
      if (finding.proven) return undefined;
      reason = finding.reason;
    }
    return reason;
  }

  /** The document, and what it is with each chain code that the holders of keys could give with it. */
  #opened(document: EvidenceDocument): readonly EvidenceDocument[] {
    if (document.kind !== "share" || document.scope.chainCode !== null) return [document];
    const codes = new Set(this.#scene.honestSigners.flatMap((node) => this.#chainCodes(node)));
    return [document, ...[...codes].map((chainCode) => ({ ...document, scope: { ...document.scope, chainCode } }))];
  }

  #chainCodes(node: NodeId): readonly string[] {
    const { disk } = this.#scene.machine(node);
    return disk.places(RECORD_KINDS.share).flatMap((place) => {
      const record = disk.read(place);
      return record.state === "present" ? [hex(decodeShare(record.value).chainCode.expose())] : [];
    });
  }

  #report(node: NodeId, text: string): void {
    this.#scene.report(this.property, node, text);
  }
}
