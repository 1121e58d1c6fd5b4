import { existsSync } from "node:fs";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";

/** The usual place, where Debian puts it. */
const USUAL = "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a browser without a window, with a profile of its own. @throws Error saying what to install, if there is none */
export async function startChromium(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? USUAL;
  if (!existsSync(executablePath)) {
    const wanted = process.env.CHROMIUM === undefined ? "there is none at" : "CHROMIUM names";
    throw new Error(
      `this test needs Chromium, and ${wanted} ${executablePath}: ` +
        "install it (Debian: apt-get install chromium), or set CHROMIUM to the path of the program",
    );
  }
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/** A page with an authenticator in software that agrees to whatever the page asks for. */
export class PasskeyPage {
  readonly page: Page;
  readonly #session: CDPSession;
  readonly #authenticator: string;

  private constructor(page: Page, session: CDPSession, authenticator: string) {
    this.page = page;
    this.#session = session;
    this.#authenticator = authenticator;
  }

  static async open(browser: Browser, url: string): Promise<PasskeyPage> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    const session = await context.newCDPSession(page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new PasskeyPage(page, session, authenticatorId);
  }

  /** Calls a function of the page. @returns what it resolves to, as JSON */
  run<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    return this.page.evaluate(`${name}(...${JSON.stringify(args)})`) as Promise<T>;
  }

  /** Gives this page's authenticator the passkeys of another's. */
  async copyFrom(other: PasskeyPage): Promise<void> {
    const { credentials } = await other.#session.send("WebAuthn.getCredentials", {
      authenticatorId: other.#authenticator,
    });
    for (const credential of credentials) {
      await this.#session.send("WebAuthn.addCredential", { authenticatorId: this.#authenticator, credential });
    }
  }
}
