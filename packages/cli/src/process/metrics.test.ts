import { describe, expect, it } from "vitest";
import { Metrics } from "./metrics.ts";

/** The values of a metric, by its labels without the node's own. */
async function values(metrics: Metrics, name: string): Promise<Record<string, number>> {
  const { body } = await metrics.text();
  const lines = body.split("\n").filter((line) => line.startsWith(`${name}{`));
  return Object.fromEntries(
    lines.map((line) => {
      const [, labels, value] = /^\w+\{(.*)\} (\S+)$/.exec(line)!;
      return [labels!.replace(/,?node="coordinator"/, ""), Number(value)];
    }),
  );
}

describe("the metrics of a process", () => {
  it("tell what lies ready of presignatures, and what became of those that were made", async () => {
    const metrics = new Metrics("coordinator");
    const place = { key: "key-1", signers: ["virginia", "ohio"] };
    for (const level of [1, 2]) {
      metrics.count({ type: "presignature.made", ...place, count: 1 });
      metrics.count({ type: "presignatures.level", ...place, level });
    }
    metrics.count({ type: "presignature.used", ...place, count: 2 });
    metrics.count({ type: "presignatures.level", ...place, level: 0 });
    metrics.count({ type: "presignature.orphaned", ...place, count: 5 });
    expect(await values(metrics, "quorate_presignatures_ready")).toEqual({ 'key="key-1",signers="virginia,ohio"': 0 });
    const fates = { 'fate="made"': 2, 'fate="used"': 2, 'fate="orphaned"': 5 };
    expect(await values(metrics, "quorate_presignatures_total")).toEqual(fates);
  });

  it("count one for each presignature that a signer itself made", async () => {
    const metrics = new Metrics("coordinator");
    metrics.count({ type: "presignature.made", presignature: "00", key: "11", tookMicros: 5 });
    expect(await values(metrics, "quorate_presignatures_total")).toEqual({ 'fate="made"': 1 });
  });

  it("show one state of each pair, the one that was said last", async () => {
    const metrics = new Metrics("coordinator");
    metrics.count({ type: "pairs.changed", peer: "virginia", states: { ohio: "making" } });
    metrics.count({ type: "pairs.changed", peer: "virginia", states: { ohio: "ready" } });
    metrics.standing([{ node: "ohio", state: "banned" }]);
    const shown = Object.entries(await values(metrics, "quorate_pair")).filter(([, value]) => value === 1);
    expect(shown.map(([labels]) => labels).toSorted()).toEqual([
      'by="coordinator",peer="ohio",state="banned"',
      'by="virginia",peer="ohio",state="ready"',
    ]);
  });
});
