/** The longest that one step is made to last, milliseconds: a process that hears nobody for long is a crashed one. */
const MAX_STALL_MS = 2000;
const never = new Int32Array(new SharedArrayBuffer(4));

/** Runs a step and keeps its thread busy until it has taken `factor` times as long. */
export function slowed<T>(factor: number, step: () => T): T {
  if (factor <= 1) return step();
  const startedMs = performance.now();
  try {
    return step();
  } finally {
    const restMs = Math.min(MAX_STALL_MS, (performance.now() - startedMs) * (factor - 1));
    if (restMs > 0) Atomics.wait(never, 0, 0, restMs);
  }
}
