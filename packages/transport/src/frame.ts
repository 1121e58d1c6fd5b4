import { u32be } from "@quorate/curves";

/** What a frame is. On the wire: the length of the body as 4 bytes, the kind as one byte, the body. */
export const FRAME = { hello: 0, verdict: 1, message: 2, ping: 3, pong: 4 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];
export const HEADER_BYTES = 5;

export interface Frame {
  readonly kind: FrameKind;
  readonly body: Uint8Array;
}

/** A peer broke the framing. The link ends, since nothing after it can be read. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly code: "oversized_frame" | "unknown_frame";
  constructor(code: FrameError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** A new buffer with header and body: the caller may reuse `body`. */
export function encodeFrame(kind: FrameKind, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  frame.set(u32be(body.length));
  frame[4] = kind;
  frame.set(body, HEADER_BYTES);
  return frame;
}

/**
 * Checks a header before anything is allocated for its body.
 *
 * @param header 5 bytes
 * @throws FrameError
 */
export function decodeHeader(header: Uint8Array, maxBytes: number): { kind: FrameKind; length: number } {
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const length = view.getUint32(0);
  const kind = view.getUint8(4);
  if (length > maxBytes) {
    throw new FrameError("oversized_frame", `a frame of ${length} bytes, at most ${maxBytes} are allowed`);
  }
  if (!isKind(kind)) throw new FrameError("unknown_frame", `unknown kind of frame ${kind}`);
  return { kind, length };
}

function isKind(kind: number): kind is FrameKind {
  return kind <= FRAME.pong;
}
