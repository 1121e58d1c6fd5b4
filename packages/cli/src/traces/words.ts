import type { Event } from "@quorate/orders";
import type { TraceLine } from "@quorate/simulator";
import { duration } from "../output.ts";

type Words = (event: Event) => string;

const joined = (value: unknown) => (Array.isArray(value) && value.length > 0 ? value.join(", ") : "nobody");
const inForm: Readonly<Record<string, string>> = {
  "one-round": "in one round trip",
  "two-round": "in two rounds",
  interactive: "in four rounds",
};

/** What a form of signing takes. */
export function formText(form: unknown): string {
  return inForm[String(form)] ?? String(form);
}

/** Events in words, after the name of the node at which they are. */
const WORDS: Readonly<Record<string, Words>> = {
  "process.started": () => "starts",
  "process.crashed": () => "crashes",
  "message.sent": ({ to, length }) => `sends ${length} bytes to ${to}`,
  "message.delivered": ({ from, length }) => `gets ${length} bytes from ${from}`,
  "message.lost": ({ to, why }) => `loses what it sent to ${to}: ${why}`,
  "disk.written": ({ result, records }) =>
    `${result === "ok" ? "has written" : `could not write (${result})`} ${joined(records)}`,
  "fault.injected": ({ id, fault }) => `fault ${id} begins: ${faultWords(fault)}`,
  "fault.cleared": ({ id, fault }) => `fault ${id} ends: ${faultWords(fault)}`,
  "coordinator.ready": ({ keys }) => `is ready, with ${keys} keys`,
  "signer.ready": ({ keys, broken }) => `is ready, with ${keys} keys${Number(broken) > 0 ? `, ${broken} broken` : ""}`,
  "request.taken_up": ({ request, from }) => `takes up ${request}, which ${from} had`,
  "request.signed": ({ request, attempts, signers }) =>
    `${request} is signed by ${joined(signers)}, at attempt ${attempts}`,
  "request.failed": ({ request, attempts, reason }) => `${request} fails after ${attempts} attempts: ${reason}`,
  "attempt.ended": ({ request, signers, form, result }) =>
    `${request}: the attempt with ${joined(signers)}, ${formText(form)}, ends: ${result}`,
  "order.refused": ({ request, peer, code, detail }) =>
    peer === undefined
      ? `refuses an order: ${detail} (${code})`
      : `hears that ${peer} refuses ${request === undefined ? "an order" : request}: ${detail} (${code})`,
  "session.aborted": ({ code, culprits, waitingFor, execution }) =>
    `stops session ${String(execution).slice(0, 8)}: ${code}${of(", waiting for signers", waitingFor)}${of(", because of", culprits)}`,
  "session.stands": ({ execution, round, peer }) =>
    `stands in round ${round} of session ${String(execution).slice(0, 8)}, waits for ${peer} and asks again`,
  "signer.blamed": ({ request, peer, reason }) => `finds ${peer} at fault in ${request}: ${reason}`,
  verdict: ({ peer, accused, guilty }) => `hears that ${peer} finds ${accused} ${guilty ? "guilty" : "not guilty"}`,
  "verdict.kept": ({ accused, code }) => `keeps a verdict: ${accused}, ${code}`,
  "peer.banned": ({ peer, code }) => `bans ${peer}: ${code}`,
  "key.created": ({ scheme, key }) => `has made the ${scheme} key ${key}`,
  "keygen.started": ({ suite, minSigners, maxSigners }) => `has a key made: ${suite}, ${minSigners} of ${maxSigners}`,
  "presignature.made": ({ tookMicros }) => `has made a presignature in ${duration(Number(tookMicros) / 1000)}`,
  "presignature.used": ({ signers }) => `uses a presignature of ${joined(signers)}`,
  "message.refused": ({ peer, code, detail }) => `refuses a message from ${peer}: ${detail} (${code})`,
};

/** An event in words; one without words of its own as its type and facts. */
export function eventText({ type, ...facts }: Event): string {
  const words = WORDS[type];
  if (words !== undefined) return words({ type, ...facts });
  const said = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [type, ...said].join(" ");
}

/** A line of a trace in words: when, who, what. */
export function lineText({ at, seq, node, ...event }: TraceLine): readonly string[] {
  return [String(seq), `${at.toFixed(1)} ms`, node, eventText(event)];
}

function faultWords(fault: unknown): string {
  const { kind, ...rest } = fault as Readonly<Record<string, unknown>>;
  return [kind, ...Object.entries(rest).map(([name, value]) => `${name}=${value}`)].join(" ");
}

function of(before: string, value: unknown): string {
  return Array.isArray(value) && value.length > 0 ? `${before} ${value.join(", ")}` : "";
}
