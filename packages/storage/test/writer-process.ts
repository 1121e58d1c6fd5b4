/**
 * Writes batches for ever, or until one fails: `writer-process.ts <database> <key file> <first batch>`. Prints the number of
 * each batch once it is acknowledged; the result of the one that fails, and whether the first batch still reads.
 *
 * Batch b has 1 to 7 records, named `b/0`, `b/1`, ..., each with the number of them inside; every second one is secret.
 */
import { writeSync } from "node:fs";
import type { RecordWrite } from "@quorate/orders";
import { openSealedRecords } from "../src/key-file.ts";
import { RecordQueue } from "../src/record-queue.ts";
import { options } from "./options.ts";

const [path = "", file = "", first = "0"] = process.argv.slice(2);
const queue = new RecordQueue(openSealedRecords(path, { file }, options));

function batchOf(batch: number): RecordWrite[] {
  const count = 1 + (batch % 7);
  return Array.from({ length: count }, (_, at) => ({
    kind: "request",
    id: `${batch}/${at}`,
    epoch: 0,
    scope: String(batch),
    value: new TextEncoder().encode(String(count).padEnd(700)),
    secret: at % 2 === 1,
  }));
}

function writeTurn(from: number, failed: boolean): void {
  if (failed) {
    queue.read([{ kind: "request", id: `${first}/0`, epoch: 0 }], ([record]) => writeSync(1, `${record?.state}\n`));
    return;
  }
  const upTo = from + 1 + (from % 5);
  let failures = 0;
  for (let batch = from; batch < upTo; batch++) {
    queue.write(batchOf(batch), (result) => {
      writeSync(1, `${result === "ok" ? batch : result}\n`);
      if (result !== "ok") failures += 1;
      if (batch === upTo - 1) writeTurn(upTo, failures > 0);
    });
  }
}

writeTurn(Number(first), false);
