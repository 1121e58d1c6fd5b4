import { describe, expect, it } from "vitest";
import { EventHub } from "./events.ts";

function filled(count: number) {
  const hub = new EventHub();
  const ids: string[] = [];
  hub.subscribe(({ id }) => ids.push(id));
  for (let at = 1; at <= count; at++) hub.publish({ type: "tick", at });
  return { hub, ids };
}

const ticks = (answer: ReturnType<EventHub["after"]>) => answer.events.map(({ event }) => event.at);

describe("EventHub", () => {
  it("hands each event to every listener, in order, until it leaves", () => {
    const hub = new EventHub();
    const seen: string[] = [];
    const leave = hub.subscribe(({ event }) => seen.push(`a ${event.type}`));
    hub.subscribe(({ event }) => seen.push(`b ${event.type}`));
    hub.publish({ type: "one" });
    leave();
    hub.publish({ type: "two" });
    expect(seen).toEqual(["a one", "b one", "b two"]);
    expect(hub.listeners).toBe(1);
  });

  it("gives what came after an id, and nothing when nothing came", () => {
    const { hub, ids } = filled(5);
    expect([ticks(hub.after(ids[2]!)), hub.after(ids[2]!).missed]).toEqual([[4, 5], false]);
    expect([ticks(hub.after(ids[4]!)), hub.after(ids[4]!).missed]).toEqual([[], false]);
  });

  it("keeps 256, and says when some were missed", () => {
    const { hub, ids } = filled(300);
    const edge = hub.after(ids[43]!);
    expect([edge.missed, edge.events.length, ticks(edge)[0]]).toEqual([false, 256, 45]);
    const beyond = hub.after(ids[42]!);
    expect([beyond.missed, beyond.events.length, ticks(beyond)[0]]).toEqual([true, 256, 45]);
  });

  it("takes an id of another process, of the future, or of nobody for one that missed everything", () => {
    const { hub, ids } = filled(3);
    const own = ids[0]!.split("-")[0];
    const other = filled(3).ids[1]!;
    for (const id of [other, `${own}-4`, `${own}--1`, `${own}-`, `${own}-1e0`, "2", "", "-"]) {
      expect([id, ticks(hub.after(id)), hub.after(id).missed]).toEqual([id, [1, 2, 3], true]);
    }
  });
});
