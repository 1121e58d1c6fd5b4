/** What a process of the network tells the supervisor that started it. */
export type Report =
  | { readonly type: "ready"; readonly url?: string }
  | { readonly type: "failed"; readonly message: string; readonly hint: string | undefined; readonly exitCode: number }
  | { readonly type: "answer"; readonly id: number; readonly result: unknown; readonly error?: string };

/** What the supervisor tells a process. */
export type Instruction =
  | { readonly type: "stop" }
  | { readonly type: "ask"; readonly id: number; readonly question: string; readonly payload: unknown };

/** Tells the supervisor, if there is one: in a container there is none. */
export function report(message: Report): void {
  process.send?.(message);
}

/**
 * Follows the supervisor: does what it says, and ends when it is gone, however it went. Signals work as well.
 *
 * @param answer called for each question; what it returns or throws goes back
 */
export function followParent(stop: () => Promise<void>, answer: (question: string, payload: unknown) => unknown): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    // Whatever hangs on the way out must not keep the process.
    setTimeout(() => process.exit(0), 2000).unref();
    void stop().finally(() => process.exit(0));
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  if (process.send === undefined) return;
  process.on("disconnect", end);
  process.on("message", async (message: Instruction) => {
    if (message.type === "stop") return end();
    const { id } = message;
    try {
      report({ type: "answer", id, result: (await answer(message.question, message.payload)) ?? null });
    } catch (error) {
      report({ type: "answer", id, result: null, error: (error as Error).message });
    }
  });
}
