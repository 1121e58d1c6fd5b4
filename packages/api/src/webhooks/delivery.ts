import { createHmac } from "node:crypto";

/** Pauses before the second to fifth attempt: a minute, twelve, two hours, a day. Milliseconds. */
export const PAUSES_MS: readonly number[] = [60_000, 720_000, 7_200_000, 86_400_000];
/** How long a receiver may take, milliseconds. */
const TIMEOUT_MS = 10_000;

/** What an attempt came to: the receiver's status, or why there is none. */
export interface Attempt {
  readonly status: string;
  readonly error?: string;
}

/** The value of the header `X-DFNS-WEBHOOK-SIGNATURE`: HMAC-SHA256 of the very text that is sent. */
export function webhookSignature(secret: string, text: string): string {
  return `sha256=${createHmac("sha256", secret).update(text).digest("hex")}`;
}

/** Hands an event to its receiver. Redirects are not followed: the answer is what the named address says. */
export async function deliver(url: string, secret: string, event: object): Promise<Attempt> {
  const text = JSON.stringify(event);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-dfns-webhook-signature": webhookSignature(secret, text) },
      body: text,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    const status = String(response.status);
    return response.ok ? { status } : { status, error: `the receiver answers ${status}` };
  } catch (error) {
    return { status: "0", error: (error as Error).message };
  }
}
