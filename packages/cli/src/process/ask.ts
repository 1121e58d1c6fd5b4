// Asks a process that allows faults, over its socket, and prints what it says as JSON: `status` and `body`, or the `problem` of
// getting there. Run beside the process, in its container, once for each question: it loads nothing else.
//
//   node ask.ts <socket> <question, JSON> [how long to wait for the socket, milliseconds]
import { request } from "node:http";
import { setTimeout } from "node:timers/promises";

/** How long the answer may take: a process that stands still gives none. */
const ANSWER_MS = 10_000;
const POLL_MS = 100;
const [socketPath = "", question = "", waitMs = "0"] = process.argv.slice(2);

function asked(): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: "POST", path: "/fault", timeout: ANSWER_MS }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
    });
    sent.once("timeout", () => sent.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })));
    sent.once("error", reject);
    sent.end(question);
  });
}

const endMs = performance.now() + Number(waitMs);
for (;;) {
  try {
    process.stdout.write(JSON.stringify(await asked()));
    break;
  } catch (error) {
    const { code: problem = "unknown" } = error as NodeJS.ErrnoException;
    if (problem === "ETIMEDOUT" || performance.now() >= endMs) {
      process.stdout.write(JSON.stringify({ problem }));
      break;
    }
    await setTimeout(POLL_MS);
  }
}
