import type { Asking, Client } from "../client.ts";
import type { Checker } from "./checker.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/** How late an answer may come, milliseconds; and how much of its deadline more, for a clock that runs slow. */
const LATE_MS = 1000;
const DRIFT = 0.01;
/** How long an asker may take to ask again when the coordinator that it asked is gone, milliseconds. */
const AGAIN_MS = 2000;
/** A disk that takes longer than this for a write, milliseconds, is not one that promises are made for. */
const SLOW_DISK_MS = 100;

/**
 * A12. Who asks hears the end by the deadline, while a coordinator is up: after one was down, asleep, slow or without room on its disk
 * the time begins again.
 */
export class EveryRequestEnds implements Checker {
  readonly property: Property = "every-request-ends";
  readonly #scene: Scene;
  #open: Asking[] = [];
  /** How many of each client's askings were taken up. */
  readonly #read = new Map<Client, number>();
  /** Since when all coordinators are well. */
  #wellSince = 0;
  /** When the next of those that are open is due. */
  #nextDue = Number.POSITIVE_INFINITY;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  passed(): void {
    const { now } = this.#scene;
    if (!this.#isWell()) this.#wellSince = now;
    this.#takeUp();
    if (now > this.#nextDue) this.#look();
  }

  finish(): void {
    this.passed();
    this.#look();
  }

  #takeUp(): void {
    for (const client of this.#scene.clients) {
      const from = this.#read.get(client) ?? 0;
      if (from === client.asked.length) continue;
      this.#read.set(client, client.asked.length);
      for (const asking of client.asked.slice(from)) {
        this.#open.push(asking);
        this.#nextDue = Math.min(this.#nextDue, this.#due(asking));
      }
    }
  }

  #look(): void {
    const { now } = this.#scene;
    this.#open = this.#open.filter((asking) => {
      if (asking.endedMs !== undefined) return false;
      const lateMs = now - this.#due(asking);
      if (lateMs > 0) this.#report(asking);
      return lateMs <= 0;
    });
    this.#nextDue = Math.min(...this.#open.map((asking) => this.#due(asking)));
  }

  #report({ key, body, askedMs, deadlineMs }: Asking): void {
    const text = `no end of ${JSON.stringify(body)} with ${key.id}, asked at ${askedMs} for ${deadlineMs} ms`;
    this.#scene.report(this.property, "client", text);
  }

  #due({ askedMs, deadlineMs }: Asking): number {
    const again = this.#wellSince > askedMs ? AGAIN_MS : 0;
    return Math.max(askedMs, this.#wellSince) + again + deadlineMs * (1 + DRIFT) + LATE_MS;
  }

  #isWell(): boolean {
    return this.#scene.coordinators.every(({ promptSince, disk }) => {
      return promptSince !== undefined && !disk.full && disk.writeMs <= SLOW_DISK_MS;
    });
  }
}
