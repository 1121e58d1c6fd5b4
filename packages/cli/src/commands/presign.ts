import type { PoolReport, PresignatureReport } from "@quorate/coordinator";
import type { Command } from "commander";
import type { ApiClient, Key } from "../api-client.ts";
import { runCommand } from "../exit.ts";
import { findKey } from "../key-lookup.ts";
import { duration, Output, table } from "../output.ts";
import { type CommandContext, type CommonOptions, examples, optionsOf } from "./context.ts";
import { presign } from "./keys.ts";

interface FillOptions extends CommonOptions {
  readonly count: number;
  readonly path?: string;
}

/** How often the levels are looked at while a pool fills, milliseconds. */
const POLL_MS = 300;

/** `quorate presign status`, `fill` and `drop`. */
export function registerPresign(program: Command, context: CommandContext): void {
  const group = program
    .command("presign")
    .summary("presignatures of ECDSA keys")
    .description(
      "presignatures of ECDSA keys: what signers prepare among themselves, so that a signature takes one round trip; in memory only, each for one key and one exact set of signers",
    );
  group
    .command("status")
    .description("what lies ready, for which key and signers, and what became of those that were made")
    .argument("[key]", "id or name of a key; all if left out")
    .option("--path <path>", "of a child of that key, such as m/0")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples("quorate presign status", "quorate presign status demo-ecdsa"))
    .action(runCommand((key: string | undefined, _: unknown, self: Command) => status(key, optionsOf(self), context)));
  group
    .command("fill")
    .description("have presignatures of a key made, and keep as many lying ready from now on")
    .argument("<key>", "id or name of the key")
    .option("--count <n>", "how many, for the set of signers that is used first", presign, 8)
    .option("--path <path>", "of a child of that key, such as m/0")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples("quorate presign fill demo-ecdsa --count 20", "quorate presign fill payer --path m/0"),
    )
    .action(runCommand((key: string, _: unknown, self: Command) => fill(key, optionsOf(self), context)));
  group
    .command("drop")
    .description("erase the presignatures of a key everywhere, and make no more until it is used")
    .argument("<key>", "id or name of the key")
    .option("--path <path>", "of a child of that key, such as m/0")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples("quorate presign drop demo-ecdsa"))
    .action(runCommand((key: string, _: unknown, self: Command) => drop(key, optionsOf(self), context)));
}

async function status(
  idOrName: string | undefined,
  options: CommonOptions & { readonly path?: string },
  context: CommandContext,
): Promise<void> {
  const output = new Output(options);
  const client = await context.connect(options);
  const key = idOrName === undefined ? undefined : await findKey(client, idOrName);
  const report = await client.presignatures(key?.id, options.path);
  await print(output, client, report);
}

async function fill(idOrName: string, options: FillOptions, context: CommandContext): Promise<void> {
  const output = new Output(options);
  const client = await context.connect(options);
  const key = await findKey(client, idOrName);
  const started = performance.now();
  const done = client.fillPresignatures(key.id, options.count, options.path);
  await following(output, client, key, options, done);
  const report = await done;
  await print(output, client, report);
  output.line(`filled in ${duration(performance.now() - started)}`);
}

async function drop(
  idOrName: string,
  options: CommonOptions & { readonly path?: string },
  context: CommandContext,
): Promise<void> {
  const output = new Output(options);
  const client = await context.connect(options);
  const key = await findKey(client, idOrName);
  const before = await client.presignatures(key.id, options.path);
  const report = await client.dropPresignatures(key.id, options.path);
  output.document({ dropped: count(before.pools), ...report });
  output.line(`dropped ${count(before.pools)} presignatures of ${key.name ?? key.id}`);
}

/** Says how many lie ready until `done`. */
async function following(
  output: Output,
  client: ApiClient,
  { id, name }: Key,
  { count: wanted, path }: FillOptions,
  done: Promise<unknown>,
): Promise<void> {
  let last = -1;
  const ended = done.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([ended, pause()]))) {
    const { pools } = await client.presignatures(id, path);
    const ready = pools[0]?.ready ?? 0;
    if (ready !== last) output.progress(`presignatures of ${name ?? id}: ${ready} of ${wanted}`);
    last = ready;
  }
}

function pause(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), POLL_MS));
}

async function print(output: Output, client: ApiClient, report: PresignatureReport): Promise<void> {
  output.document(report);
  const names = new Map((await client.keys()).map(({ id, name }) => [id, name ?? id]));
  const rows = report.pools.map(({ keyId, path, signers, ready, making, target }) => [
    names.get(keyId) ?? keyId,
    path,
    signers.join(", "),
    String(ready),
    String(target),
    String(making),
  ]);
  if (rows.length === 0) output.line("no presignatures, nor any wanted: keys that sign get some by themselves");
  else rows.unshift(["key", "path", "signers", "ready", "kept", "in the making"]);
  for (const line of table(rows, "")) output.line(line);
  const { made, used, burnt, orphaned, expired, dropped } = report.totals;
  output.line(
    `since the coordinator started: ${made} made, ${used} used, ${burnt} burnt by failed attempts, ${orphaned} orphaned, ${expired} expired, ${dropped} dropped`,
  );
}

function count(pools: readonly PoolReport[]): number {
  return pools.reduce((sum, { ready }) => sum + ready, 0);
}
