import type { Event, NodeId } from "@quorate/orders";
import type { Checker } from "./checker.ts";
import type { Scene } from "./scene.ts";
import type { Property } from "./violation.ts";

/** No reactor throws, whatever it is told: a mistake of ours, with its stack. A malicious node may be as broken as it likes. */
export class NoDefect implements Checker {
  readonly property: Property = "no-defect";
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  event(node: NodeId, { type, message, stack }: Event): void {
    if (type !== "defect" || !this.#scene.isHonest(node)) return;
    this.#scene.report(this.property, node, String(stack === "" ? message : stack));
  }
}
