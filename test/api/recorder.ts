import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A call that went through. */
export interface Recorded {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
}

/** Stands between the clients and the API, passes on every byte, and notes what was asked and how it was answered. */
export class Recorder implements AsyncDisposable {
  readonly calls: Recorded[] = [];
  readonly #server: Server;

  private constructor(target: string) {
    const { hostname, port } = new URL(target);
    this.#server = createServer((incoming, outgoing) => {
      const { method = "GET", url = "/", headers } = incoming;
      const onward = request({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
        this.calls.push({ method, path: url.split("?")[0]!, status: answer.statusCode ?? 0 });
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      incoming.pipe(onward);
    });
  }

  /** @param target such as `http://127.0.0.1:4300` */
  static async before(target: string): Promise<Recorder> {
    const recorder = new Recorder(target);
    await new Promise<void>((resolve) => recorder.#server.listen(0, "127.0.0.1", resolve));
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}
