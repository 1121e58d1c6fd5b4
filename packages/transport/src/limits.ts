import { MAX_SIGNED_BYTES } from "@quorate/orders";

/** Every bound of the transport. Times in milliseconds. */
export interface TransportLimits {
  /** The largest message: a signed body and the envelope around it. */
  readonly maxMessageBytes: number;
  /** What may wait for one peer before messages to it are lost: for the delay to pass, or for the peer to read. */
  readonly maxWaitingFrames: number;
  readonly maxWaitingBytes: number;
  /** Between two pings on one link. */
  readonly heartbeatMs: number;
  /** A link on which nothing was heard for so long is given up. */
  readonly silenceMs: number;
  /** For one attempt to connect: dial, Noise, hello. */
  readonly attemptMs: number;
  /** How long an established link has to show life when its peer appears a second time. */
  readonly probeMs: number;
  /** Between two attempts: doubles from the first to the second, with jitter. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** After a refusal that time alone does not cure. */
  readonly refusedRetryMs: number;
}

export const DEFAULT_LIMITS: TransportLimits = {
  maxMessageBytes: MAX_SIGNED_BYTES + 1024,
  maxWaitingFrames: 4096,
  maxWaitingBytes: 8 << 20,
  heartbeatMs: 3000,
  silenceMs: 9500,
  attemptMs: 5000,
  probeMs: 1500,
  retryMinMs: 100,
  retryMaxMs: 3000,
  refusedRetryMs: 10_000,
};
