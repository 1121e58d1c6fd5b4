import { type Codec, decode, H } from "@quorate/curves";
import { hex, InputError, isSuite, type SuiteName, unhex } from "@quorate/orders";
import { z } from "zod";

/** The longest document that is read, characters: a request of 128 KiB and a certificate fit. */
export const MAX_DOCUMENT_LENGTH = 1 << 19;

const digits = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes in hex`);
const binary = z.string().regex(/^[A-Za-z0-9_-]*$/, "base64url");
const identifier = z.int().min(1).max(15);
const count = z.int().min(0);
const suite = z.string().refine((name): name is SuiteName => isSuite(name), "a kind of key") as z.ZodType<SuiteName>;

const participants = z.array(z.strictObject({ identifier, publicKey: digits(32) })).max(15);
const making = { suite, minSigners: identifier, participants };

/** What a judge has to know of the run beside the signed messages, by the kind of run; all of it public unless it says otherwise. */
const SCOPES = {
  /** A key was made. */
  keygen: z.strictObject(making),
  /** A key was brought here. `groupCommitment`: of the shares that its bringer dealt, encoded points; only where the check needs it. */
  import: z.strictObject({
    ...making,
    groupCommitment: z
      .array(z.string().regex(/^([0-9a-f]{2}){32,33}$/))
      .max(15)
      .nullable(),
  }),
  /** A key got new shares. `certificate`: of the shares that it had. */
  refresh: z.strictObject({ certificate: binary, newEpoch: count }),
  /** Signers exchanged nonce commitments for one request. */
  commitments: z.strictObject({
    certificate: binary,
    signers: z.array(identifier).max(15),
    path: z.array(count).max(10),
    request: binary,
    authorisation: digits(32),
  }),
  /** The rounds of an ECDSA signature, ahead of a request or for one. */
  presign: z.strictObject({ certificate: binary, operation: z.enum(["presign", "sign"]) }),
  /**
   * A signature share of FROST. `chainCode`: only of a key whose child signed, and only if the holder of the evidence gave it: who knows
   * it links all addresses of the key.
   */
  share: z.strictObject({ certificate: binary, chainCode: digits(32).nullable() }),
  /** Two signers set up their pair. */
  pair: z.strictObject({ pairClass: z.string().max(32), epoch: count, identities: z.tuple([digits(32), digits(32)]) }),
} as const;

/** The kinds of run in which somebody can be found guilty. */
export type EvidenceKind = keyof typeof SCOPES;

const common = {
  format: z.literal(1),
  /** Hash of the network file, hex. */
  network: digits(32),
  /** Why the run stopped, an abort code. */
  code: z.string().max(64),
  accused: z.strictObject({ node: z.string().max(63), identifier, publicKey: digits(32) }),
  /** What is said of the accused, for people; follows from the rest. */
  statement: z.string().max(1024),
  /** The signed messages: `Evidence` of a run, or `ShareEvidence`. */
  evidence: binary,
};
const document = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("keygen"), ...common, scope: SCOPES.keygen }),
  z.strictObject({ kind: z.literal("import"), ...common, scope: SCOPES.import }),
  z.strictObject({ kind: z.literal("refresh"), ...common, scope: SCOPES.refresh }),
  z.strictObject({ kind: z.literal("commitments"), ...common, scope: SCOPES.commitments }),
  z.strictObject({ kind: z.literal("presign"), ...common, scope: SCOPES.presign }),
  z.strictObject({ kind: z.literal("share"), ...common, scope: SCOPES.share }),
  z.strictObject({ kind: z.literal("pair"), ...common, scope: SCOPES.pair }),
]);

/** Evidence against one node, to be checked by anybody who has the network file. */
export type EvidenceDocument = Readonly<z.infer<typeof document>>;
/** The run that evidence is about, as its signers know it. */
export type Setting = {
  [K in EvidenceKind]: { readonly kind: K; readonly scope: Readonly<z.infer<(typeof SCOPES)[K]>> };
}[EvidenceKind];
/** What evidence of one kind says of its run. */
export type ScopeOf<K extends EvidenceKind> = Extract<Setting, { kind: K }>["scope"];
/** Who is accused. */
export type Accused = EvidenceDocument["accused"];

/**
 * Reads a document; whether it proves anything is another question.
 *
 * @throws InputError naming the field
 */
export function parseEvidence(json: string): EvidenceDocument {
  const refuse = (field: string, problem: string): never => {
    throw new InputError("invalid_input", `evidence: ${field === "" ? "" : `${field}: `}${problem}`, { field });
  };
  if (json.length > MAX_DOCUMENT_LENGTH) refuse("", `${json.length} characters; ${MAX_DOCUMENT_LENGTH} are read`);
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch (error) {
    return refuse("", `is not JSON: ${(error as Error).message}`);
  }
  const parsed = document.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuse(issue!.path.map(String).join("."), issue!.message);
}

/** The one text of a document. */
export function formatEvidence(evidence: EvidenceDocument): string {
  return `${JSON.stringify(evidence, null, 2)}\n`;
}

/** Names what somebody did, whoever tells of it: 16 hex digits. */
export function caseId(
  { network, kind, code, accused }: Pick<EvidenceDocument, "network" | "kind" | "code" | "accused">,
  where: { readonly keyId: Uint8Array | null; readonly executionId: Uint8Array },
): string {
  const words = [kind, code].map((one) => new TextEncoder().encode(one));
  const place = [
    unhex(network),
    ...words,
    unhex(accused.publicKey),
    where.keyId ?? new Uint8Array(),
    where.executionId,
  ];
  return hex(H("blame/v1", "case", ...place).subarray(0, 8));
}

/** Bytes as documents carry them. */
export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** @throws RangeError unless it is the one text of these bytes */
export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  if (toText(bytes) !== text) throw new RangeError("not the one base64url text of any bytes");
  return bytes;
}

/** @throws DecodeError, RangeError */
export function decodeText<T>(codec: Codec<T>, text: string): T {
  return decode(codec, toBytes(text));
}
