import {
  type Accusation,
  accuse,
  type EvidenceDocument,
  formatEvidence,
  parseEvidence,
  type SessionSetting,
  toText,
} from "@quorate/blame";
import { type Backend, decode, encode } from "@quorate/curves";
import { hex, type NetworkFile, type RecordListed, unhex, type Waits, type World } from "@quorate/orders";
import type { Abort } from "@quorate/protocol";
import { RECORD_KINDS, type VerdictRecord, verdictRecord } from "@quorate/vault";
import type { Keyring } from "./keyring.ts";

/** A verdict as this signer tells of it; the evidence is asked for by the id. */
export interface KeptVerdict {
  /** Names what the accused did: other signers that found the same have it under the same id. */
  readonly id: string;
  /** When it was found here, milliseconds since 1970. */
  readonly at: number;
  readonly kind: string;
  readonly code: string;
  /** The node that was found guilty. */
  readonly accused: string;
  /** Of the key that was used, hex; `null` where there was none yet. */
  readonly keyId: string | null;
  readonly executionId: string;
}

interface Entry {
  readonly verdict: KeptVerdict;
  readonly place: string;
}

/** The most verdicts against one node: one for each kind of run, code and key, the first of it. */
export const MAX_PER_ACCUSED = 32;
/** How many are read at once. */
const PAGE = 8;

/**
 * The verdicts of this signer, with evidence that anybody can check. Only evidence that was checked here is kept; the same misdeed again
 * takes no more room, and no node can have more than a few.
 */
export class VerdictStore {
  readonly #world: Pick<World, "emit" | "wallNow">;
  readonly #waits: Waits;
  readonly #network: NetworkFile;
  readonly #backend: Backend;
  readonly #keyring: Keyring;
  /** By place on disk. */
  readonly #entries = new Map<string, Entry>();

  constructor(parts: { world: World; waits: Waits; network: NetworkFile; backend: Backend; keyring: Keyring }) {
    this.#world = parts.world;
    this.#waits = parts.waits;
    this.#network = parts.network;
    this.#backend = parts.backend;
    this.#keyring = parts.keyring;
  }

  /** Finds what is kept; a record that cannot be read is left out. */
  load(then: () => void, after?: number): void {
    const query = { kind: RECORD_KINDS.verdict, limit: PAGE, ...(after !== undefined && { after }) };
    this.#waits.list(query, (listed) => {
      for (const one of listed) this.#found(one);
      const last = listed.at(-1);
      if (listed.length < PAGE || last === undefined) then();
      else this.load(then, last.cursor);
    });
  }

  /** A run names somebody: whoever its evidence convicts is kept, in whatever round that was. */
  convicted({ evidence }: Abort, setting: SessionSetting | undefined): void {
    if (evidence === undefined || setting === undefined) return;
    for (const one of accuse(evidence, setting, this.#network, this.#backend)) this.keep(one, () => {});
  }

  /** Keeps a verdict; `then` once it is durable, or could not be made so. */
  keep({ document, finding }: Accusation, then: () => void): void {
    const { kind, code, accused } = document;
    const keyId = finding.keyId === null ? null : hex(finding.keyId);
    const place = `${accused.publicKey}/${kind}/${code}/${keyId ?? "-"}`;
    const against = [...this.#entries.values()].filter((one) => one.place.startsWith(accused.publicKey));
    if (this.#entries.has(place) || against.length >= MAX_PER_ACCUSED) return then();
    const { id, executionId } = finding;
    const at = this.#world.wallNow();
    const verdict = { id, at, kind, code, accused: accused.node, keyId, executionId: hex(executionId) };
    this.#entries.set(place, { verdict, place });
    const record: VerdictRecord = {
      ...{ id, at, kind, code, executionId, keyId: finding.keyId },
      accused: accused.node,
      document: new TextEncoder().encode(JSON.stringify(document)),
    };
    const write = { kind: RECORD_KINDS.verdict, id: place, epoch: 0, value: encode(verdictRecord, record) };
    this.#waits.write([write], (result) => {
      if (result !== "ok") this.#entries.delete(place); // the next time that it happens is as good
      this.#world.emit({ type: "verdict.kept", id, result, accused: accused.node, kind, code, key: keyId });
      then();
    });
  }

  list(): readonly KeptVerdict[] {
    return [...this.#entries.values()].map((one) => one.verdict).toSorted((a, b) => a.at - b.at);
  }

  /**
   * The evidence of a verdict; `undefined` if there is none of that id, or its record is unusable.
   *
   * @param withChainCode adds the chain code of the key where a child of it signed: without it, only holders of the key can check the
   * evidence; whoever has it links all addresses of the key
   */
  evidence(id: string, withChainCode: boolean, then: (text: string | undefined) => void): void {
    const entry = [...this.#entries.values()].find((one) => one.verdict.id === id);
    if (entry === undefined) return then(undefined);
    this.#waits.read([{ kind: RECORD_KINDS.verdict, id: entry.place, epoch: 0 }], ([record]) => {
      if (record?.state !== "present") return then(undefined);
      try {
        const document = parseEvidence(new TextDecoder().decode(decode(verdictRecord, record.value).document));
        then(formatEvidence(withChainCode ? this.#opened(document, entry.verdict) : document));
      } catch {
        then(undefined);
      }
    });
  }

  #opened(document: EvidenceDocument, { keyId }: KeptVerdict): EvidenceDocument {
    if (document.kind !== "share" || keyId === null) return document;
    const chainCode = this.chainCodeOf(unhex(keyId));
    return { ...document, scope: { ...document.scope, chainCode: chainCode ?? null } };
  }

  /** Of a key that is held here, hex. */
  chainCodeOf(keyId: Uint8Array): string | undefined {
    const entry = this.#keyring.find(keyId);
    return entry?.state === "active" ? hex(entry.key.chainCode.expose()) : undefined;
  }

  /** The certificate of a key at an epoch, as documents carry it; `undefined` if that is not what is held. */
  certificateOf({ keyId, epoch }: { readonly keyId: Uint8Array; readonly epoch: number }): string | undefined {
    const entry = this.#keyring.find(keyId);
    return entry?.state === "active" && entry.key.epoch === epoch ? toText(entry.certificate) : undefined;
  }

  #found({ id: place, record }: RecordListed): void {
    if (record.state !== "present") return;
    try {
      const { id, at, kind, code, accused, keyId, executionId } = decode(verdictRecord, record.value);
      const verdict = {
        ...{ id, at, kind, code, accused },
        ...{ keyId: keyId === null ? null : hex(keyId), executionId: hex(executionId) },
      };
      this.#entries.set(place, { verdict, place });
    } catch {} // of another format: what it said is found again when it happens again
  }
}
