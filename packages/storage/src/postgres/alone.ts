import type { RecordFault, RecordKey, RecordRead } from "@quorate/orders";
import type { Failure } from "./failure.ts";
import type { Session } from "./session.ts";
import { type Reading, runTogether, type Task } from "./turn.ts";

/** How often a transaction that stood in the way of another process's is tried. */
const MAX_TRIES = 3;

/** Does one task that failed among others. @returns its answer */
export async function runAlone(session: Session, reading: Reading, task: Task): Promise<"lost" | (() => void)> {
  let failure: Failure = "again";
  for (let tries = 0; failure === "again" && tries < MAX_TRIES; tries++) {
    const done = await runTogether(session, reading, [task]);
    if (done.failure === undefined) return done.answers[0]!;
    failure = done.failure;
  }
  if (failure === "lost") return "lost";
  if (task.kind === "write") {
    const result = failure === "conflict" || failure === "no_space" ? failure : "io_error";
    return () => task.done(result);
  }
  if (task.kind === "list" || task.keys.length < 2) return faulty(task, faultOf(failure));
  return readEach(session, reading, task.keys, task.done);
}

/** The answer to a question that cannot be put. */
export function unreachable(task: Task & { kind: "read" | "list" }): () => void {
  return faulty(task, "unreachable");
}

/** A damaged record keeps no other from being read. */
async function readEach(
  session: Session,
  reading: Reading,
  keys: readonly RecordKey[],
  done: (records: readonly RecordRead[]) => void,
): Promise<"lost" | (() => void)> {
  const records: RecordRead[] = [];
  for (const key of keys) {
    const task: Task = { kind: "read", keys: [key], done: ([record]) => records.push(record!) };
    const answer = await runAlone(session, reading, task);
    if (answer === "lost") return "lost";
    answer();
  }
  return () => done(records);
}

function faultOf(failure: Failure): RecordFault {
  return failure === "corrupt" ? "corrupt_record" : "unreachable";
}

/** A list that cannot be had is one faulty record whose id is empty, so that it does not look complete. */
function faulty(task: Task & { kind: "read" | "list" }, fault: RecordFault): () => void {
  if (task.kind === "read") return () => task.done(task.keys.map(() => ({ state: "faulty", fault })));
  const { kind, after = 0 } = task.query;
  return () => task.done([{ kind, id: "", epoch: 0, cursor: after, record: { state: "faulty", fault } }]);
}
