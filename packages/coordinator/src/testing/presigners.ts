import { hex, type NodeId, type OrderOf, type PresignatureName } from "@quorate/orders";
import type { Result } from "../reply.ts";
import { OwnedStage } from "./owned-stage.ts";
import { ecdsaRecord, type Given, type Stage } from "./stage.ts";

/** The key of these tests. */
export const key = ecdsaRecord();
/** Some encoded point: nothing is computed with it. */
export const point = (fill: number) => Uint8Array.of(2, ...new Uint8Array(32).fill(fill));

/** Signers that make every presignature they are asked for. */
export function honest(stage: Stage) {
  return ({ to, order }: Given) => {
    if (order.kind === "presign") presigned(stage, to, order);
  };
}

/** A signer says that it holds its part. */
export function presigned(
  stage: Stage,
  from: NodeId,
  { executionId }: OrderOf<"presign">,
  bigR = point(executionId[0]!),
) {
  stage.say(from, { kind: "presigned", executionId, bigR, tookMicros: 1000 });
}

/** A signer refuses an order. */
export function refused(
  stage: Stage,
  from: NodeId,
  executionId: Uint8Array,
  code: "busy" | "unknown_presignature" = "busy",
) {
  stage.say(from, { kind: "refused", executionId, code, detail: "" });
}

/** A stage whose signers are all there, honest, and have filled the pools of the key. */
export function filled(count = 4): OwnedStage {
  const stage = new OwnedStage([key]);
  stage.play = honest(stage);
  stage.connectAll();
  const result = fill(stage, count)();
  if (result === undefined || "error" in result) throw new Error("the pools did not fill");
  stage.pass(1000);
  stage.take("presign");
  return stage;
}

/** Asks for so many, and lets time pass. @returns what came of it so far */
export function fill(stage: Stage, count: number, passMs = 5000): () => Result<unknown> | undefined {
  let result: Result<unknown> | undefined;
  stage.coordinator.fillPresignatures(stage.coordinator.key(key.id), count, (end) => {
    result = end;
  });
  stage.pass(passMs);
  return () => result;
}

/** Asks for a signature, of a message unless told, and lets a moment pass. @returns as `fill` */
export function sign(
  stage: OwnedStage,
  body: Readonly<Record<string, unknown>> = message,
): () => Result<unknown> | undefined {
  let result: Result<unknown> | undefined;
  stage.sign(key, body, (end) => {
    result = end;
  });
  stage.pass(10);
  return () => result;
}

/** What signers hash themselves. */
export const message = { kind: "Message", message: "0x00", blockchainKind: "Evm" };
/** What the caller hashed. */
export const digest = { kind: "Hash", hash: "11".repeat(32) };

/** How many lie ready, by the numbers of the signers: `123` for the first three. */
export const levels = (stage: Stage) =>
  Object.fromEntries(
    stage.coordinator
      .presignatureLevels(key)
      .map(({ signers, ready }) => [signers.map((name) => name.at(-1)).join(""), ready]),
  );

/** What a signer says that it holds, by what it was ordered to make. */
export const named = (order: OrderOf<"presign">): PresignatureName => ({ ...order, presignId: order.executionId });
/** What signers were told to erase, as name and id, since orders were last taken. */
export const discarded = (stage: Stage) =>
  stage.take("discard").flatMap(({ to, order }) => order.presignatures.map((id) => `${to} ${hex(id)}`));
