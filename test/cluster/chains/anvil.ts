import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const LISTENING = /Listening on (127\.0\.0\.1:\d+)/;

/** An Ethereum node of its own, unmodified: Anvil, on a free port of loopback, with an empty chain. */
export class Anvil implements AsyncDisposable {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  /** @throws Error saying what to install, if there is no Anvil on this machine */
  static async start(...options: readonly string[]): Promise<Anvil> {
    const anvil = spawn(binary(), ["--host", "127.0.0.1", "--port", "0", ...options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    const listening = new Promise<string>((resolve, reject) => {
      anvil.once("error", reject);
      anvil.once("exit", (code) => reject(new Error(`Anvil ended with ${code}:\n${said}`)));
      for (const stream of [anvil.stdout, anvil.stderr]) {
        stream.on("data", (chunk) => {
          said += String(chunk);
          const address = LISTENING.exec(said)?.[1];
          if (address !== undefined) resolve(address);
        });
      }
    });
    return new Anvil(`http://${await listening}`, anvil);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    await ended;
  }
}

/** What `ANVIL` names, or the package that npm installs where there is one for the platform. */
function binary(): string {
  const { ANVIL } = process.env;
  if (ANVIL !== undefined) {
    if (existsSync(ANVIL)) return ANVIL;
    throw new Error(`ANVIL names ${ANVIL}, which is not there`);
  }
  try {
    const manifest = createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/package.json");
    return join(dirname(manifest), "bin", "anvil");
  } catch {
    throw new Error(
      `these tests need Anvil, and no package of it is installed for ${process.platform} ${process.arch}: ` +
        "install Foundry (https://getfoundry.sh), or the @foundry-rs/anvil package of this platform somewhere, " +
        "and set ANVIL to the path of the program",
    );
  }
}
