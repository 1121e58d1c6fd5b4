import { setTimeout } from "node:timers/promises";
import { decodeHalt, decodeRepair, decodeResume, encodeHalt, hex, unhex } from "@quorate/orders";
import { type HaltAnswer, type RepairAnswer, Signer } from "@quorate/signer";
import { allowedFaults, answerFault, serveFaults } from "./allowed-faults.ts";
import { serveHealth } from "./health.ts";
import { startNode } from "./node.ts";
import { followParent, report } from "./parent.ts";
import type { ProcessSettings } from "./settings.ts";

/** How long a signer that has to wait for others keeps whoever started it waiting: longer than it waits for those that are gone. */
const MAX_WAIT_MS = 6000;
const POLL_MS = 20;

/** Runs a signer until it is told to stop. */
export async function runSigner(settings: ProcessSettings): Promise<void> {
  const { network, self } = settings;
  const faults = await allowedFaults(settings);
  const node = await startNode(settings, {
    sealed: true,
    workshop: true,
    faults,
    reactor: ({ world, identity }) => {
      const behaviour = faults === undefined ? {} : { behaviour: faults.signer };
      return new Signer({ network, self, identity, world, backend: "fast", ...behaviour });
    },
  });
  const metrics = () => {
    node.metrics.standing(node.reactor.pairs());
    return node.metrics.text();
  };
  if (settings.healthPort > 0) {
    await serveHealth(settings.healthHost, settings.healthPort, () => node.reactor.ready, metrics);
  }
  followParent(
    () => node.close(),
    (question, payload) => {
      if (question === "metrics") return metrics();
      if (question === "rotate-key") return node.rotateStorageKey();
      if (question === "memory") return process.memoryUsage();
      if (question === "pairs") return node.reactor.pairs();
      if (question === "audit") return audit(node.reactor, payload);
      if (question === "verdicts") return node.reactor.verdicts.list();
      if (question === "evidence") return evidence(node.reactor, payload);
      if (question === "halted") return node.reactor.halted === undefined ? null : hex(encodeHalt(node.reactor.halted));
      if (question === "halt" || question === "resume") return stated(node.reactor, question, String(payload));
      if (question === "repair") return repaired(node.reactor, String(payload));
      if (question === "taken") return node.reactor.taken;
      if (question === "cloned") return node.reactor.cloned;
      if (question === "readmit") return readmit(node.reactor, String(payload));
      if (question === "fault") return answerFault(faults, payload);
      throw new Error(`unknown question ${question}`);
    },
  );
  await serving(node.reactor);
  await serveFaults(faults, settings);
  report({ type: "ready" });
}

/** Waits until a signer serves; not for ever, as it may be the only one that runs. */
async function serving(signer: Signer): Promise<void> {
  const end = performance.now() + MAX_WAIT_MS;
  while (!signer.ready && performance.now() < end) await setTimeout(POLL_MS);
}

/** Entries of the audit log, hex. */
function audit(signer: Signer, payload: unknown): Promise<readonly string[]> {
  const { from, limit } = payload as { readonly from: number; readonly limit: number };
  return new Promise((resolve) => signer.audit(from, limit, (entries) => resolve(entries.map((one) => hex(one)))));
}

/** The evidence of a verdict, JSON; `null` if there is none. */
function evidence(signer: Signer, payload: unknown): Promise<string | null> {
  const { id, withChainCode } = payload as { readonly id: string; readonly withChainCode: boolean };
  return new Promise((resolve) => signer.verdicts.evidence(id, withChainCode, (text) => resolve(text ?? null)));
}

/** Halts, or goes on, at the word of operators. @returns once that is durable */
function stated(signer: Signer, question: "halt" | "resume", statement: string): Promise<HaltAnswer> {
  const bytes = unhex(statement);
  return new Promise((resolve) => {
    if (question === "halt") signer.halt(decodeHalt(bytes), resolve);
    else signer.resume(decodeResume(bytes), resolve);
  });
}

/** Takes the record that operators decided on. @returns once that is durable */
function repaired(signer: Signer, statement: string): Promise<RepairAnswer> {
  return new Promise((resolve) => signer.repair(decodeRepair(unhex(statement)), resolve));
}

/** Works with a banned signer again. @returns once that is durable */
function readmit(signer: Signer, peer: string): Promise<void> {
  return new Promise((resolve, reject) => {
    signer.readmit(peer, (known) => (known ? resolve() : reject(new Error(`there is no other signer ${peer}`))));
  });
}
