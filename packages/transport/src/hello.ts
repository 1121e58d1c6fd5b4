import { choice, DecodeError, decode, encode, fixed, list, struct, text, u16, type Value } from "@quorate/curves";
import { hex, type NodeId, nodeId } from "@quorate/orders";
import type { Channel } from "./channel.ts";
import { FRAME, type FrameKind } from "./frame.ts";

/** Raised whenever nodes of two releases could misunderstand each other. */
export const PROTOCOL_VERSION = 1;

/** What both ends say first. The version stays in front for ever, so that every release can read it. */
export const hello = struct({
  version: u16,
  /** Of the network file: same nodes, same keys, same defaults. */
  networkHash: fixed(32),
  node: nodeId,
  /** 16 random bytes, new at each start of the process. */
  instance: fixed(16),
  /** What this node can do beyond the version; none yet. */
  features: list(text(32), 32),
});
export type Hello = Value<typeof hello>;

/** Why a node of the network is not talked to. */
export const REFUSALS = [
  "version_mismatch",
  "config_mismatch",
  "identity_mismatch",
  "clone_detected",
  "malformed_hello",
] as const;
export type RefusalCode = (typeof REFUSALS)[number];

export interface Refusal {
  readonly code: RefusalCode;
  /** For people: the facts on both sides. */
  readonly detail: string;
}

const MAX_DETAIL_BYTES = 512;
/** What both ends say second: whether they accept the other's hello. */
export const verdict = struct({ code: choice(["accepted", ...REFUSALS]), detail: text(MAX_DETAIL_BYTES) });

/** How a greeting ended. A refusal is known on both sides. */
export type Greeting =
  | { readonly kind: "accepted"; readonly hello: Hello }
  | { readonly kind: "refused"; readonly by: "us" | "peer"; readonly refusal: Refusal };

/**
 * Greets on a fresh stream: hello for hello, then verdict for verdict.
 *
 * @param known tells whether the hello's instance may take the place of the node's present link
 * @throws Error when the stream ends or `signal` fires before both verdicts are in
 */
export async function greet(
  channel: Channel,
  mine: Hello,
  known: (theirs: Hello) => Promise<Refusal | undefined>,
  signal: AbortSignal,
): Promise<Greeting> {
  channel.send(FRAME.hello, encode(hello, mine));
  const theirs = readHello(await expectFrame(channel, FRAME.hello, signal));
  const ours = "code" in theirs ? theirs : (judge(mine, theirs, channel.peer) ?? (await known(theirs)));
  channel.send(FRAME.verdict, encode(verdict, ours ?? { code: "accepted", detail: "" }));
  const answer = decode(verdict, await expectFrame(channel, FRAME.verdict, signal));
  if (ours !== undefined) return { kind: "refused", by: "us", refusal: ours };
  if (answer.code !== "accepted") {
    return { kind: "refused", by: "peer", refusal: { code: answer.code, detail: printable(answer.detail) } };
  }
  return { kind: "accepted", hello: theirs as Hello };
}

async function expectFrame(channel: Channel, kind: FrameKind, signal: AbortSignal): Promise<Uint8Array> {
  const frame = await channel.read(signal);
  if (frame.kind !== kind) throw new Error(`a frame of kind ${frame.kind} before the greeting was over`);
  return frame.body;
}

function readHello(body: Uint8Array): Hello | Refusal {
  // A later release may have changed everything behind the version.
  const version = body.length < 2 ? undefined : decode(u16, body.subarray(0, 2));
  if (version !== undefined && version !== PROTOCOL_VERSION) {
    return { code: "version_mismatch", detail: `protocol version ${version}, ours is ${PROTOCOL_VERSION}` };
  }
  try {
    return decode(hello, body);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { code: "malformed_hello", detail: error.message };
  }
}

function judge(mine: Hello, theirs: Hello, peer: NodeId): Refusal | undefined {
  const [ours, other] = [hex(mine.networkHash), hex(theirs.networkHash)];
  if (ours !== other) {
    const detail = `network file of ${peer} has hash ${other.slice(0, 16)}, that of ${mine.node} ${ours.slice(0, 16)}`;
    return { code: "config_mismatch", detail };
  }
  if (theirs.node !== peer) {
    return { code: "identity_mismatch", detail: `the key of ${peer} says that it is ${theirs.node}` };
  }
  return undefined;
}

/** What a peer wrote goes into our log: no control characters. */
function printable(theirs: string): string {
  return theirs.replace(/\p{C}/gu, "?");
}
