import type { RequestRecord } from "@quorate/coordinator";
import { InputError } from "@quorate/orders";
import type { Access } from "../access/access.ts";
import { nodeFor } from "../chains/json-rpc.ts";
import { date } from "../shapes.ts";
import type { Broadcast } from "./shapes.ts";

const DAY_MS = 24 * 3600_000;
/** How long it is known what became of a transaction on its chain. */
const KEPT_MS = 31 * DAY_MS;

function keep(access: Access, id: string, value: Broadcast): Promise<void> {
  return access.records.put({ kind: "broadcast", id, scope: id, value, expires: access.now() + KEPT_MS });
}

/** Those that are being sent, by API and request: whoever asks meanwhile waits for the same. */
const sending = new WeakMap<Access, Map<string, Promise<Broadcast>>>();

/** Hands a signed transaction to the chain's node, once. What goes wrong there is the request's end, not the call's. */
export async function send(access: Access, record: RequestRecord, network: string): Promise<Broadcast> {
  const running = sending.get(access) ?? new Map<string, Promise<Broadcast>>();
  sending.set(access, running);
  const begun = running.get(record.id) ?? sendOnce(access, record, network);
  running.set(record.id, begun);
  return begun.finally(() => running.delete(record.id));
}

async function sendOnce(access: Access, record: RequestRecord, network: string): Promise<Broadcast> {
  const known = (await access.records.get("broadcast", record.id))?.value as Broadcast | undefined;
  if (known !== undefined) return known;
  const sent = await attempt(access, record, network);
  await keep(access, record.id, sent);
  return sent;
}

async function attempt(access: Access, record: RequestRecord, network: string): Promise<Broadcast> {
  try {
    const node = nodeFor(access.options.chains, network);
    const txHash = await node.call("eth_sendRawTransaction", [record.result?.signedData]);
    return { status: "Broadcasted", txHash: String(txHash), dateBroadcasted: date(access.now()) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { status: "Failed", reason: error.message };
  }
}

/** What became of a transaction: asks the chain about one that was sent and is not known to be in a block. */
export async function followed(access: Access, record: RequestRecord, network: string): Promise<Broadcast | undefined> {
  const known = (await access.records.get("broadcast", record.id))?.value as Broadcast | undefined;
  if (known?.status !== "Broadcasted") return known;
  try {
    const node = nodeFor(access.options.chains, network);
    const receipt = (await node.call("eth_getTransactionReceipt", [known.txHash])) as Record<string, unknown> | null;
    if (receipt === null) return known;
    const fee = String(BigInt(String(receipt.gasUsed ?? 0)) * BigInt(String(receipt.effectiveGasPrice ?? 0)));
    const ended = { ...known, fee, dateConfirmed: date(access.now()) };
    const isReverted = receipt.status === "0x0";
    const next: Broadcast = isReverted
      ? { ...ended, status: "Failed", reason: "the chain reverted it" }
      : { ...ended, status: "Confirmed" };
    await keep(access, record.id, next);
    return next;
  } catch (error) {
    if (error instanceof InputError) return known;
    throw error;
  }
}
