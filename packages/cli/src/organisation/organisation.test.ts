import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeLogRecord, found, readAttestation, verifyAssertion } from "@quorate/authority";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit.ts";
import { makeNetwork } from "../setup.ts";
import { State } from "../state.ts";
import { attest, newCredentialId, newCredentialKey, readCredential } from "./credential.ts";
import { environment, shellText, writeEnv } from "./env-file.ts";
import { genesisText, localGenesis, readGenesis } from "./genesis.ts";
import { ownCredential } from "./seed.ts";

let dir: string;
let state: State;
const plan = { regions: ["virginia", "ohio", "montreal"], minSigners: 2, addressOf: () => "/ip4/127.0.0.1/tcp/1" };
const refused = (exitCode: number, text: RegExp) =>
  expect.objectContaining({ name: "CliError", exitCode, message: expect.stringMatching(text) });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "quorate-organisation-"));
  state = new State(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("a new network", () => {
  it("has an organisation whose first record the network file names, and its administrator's credential", () => {
    const network = makeNetwork(state, { ...plan, organisation: "local" });
    const { record, hash, organisation } = readGenesis("genesis", state.genesisPath);
    expect(network.organisations).toEqual([{ genesis: hash }]);
    const admin = ownCredential(state, "admin")!;
    expect(admin).toMatchObject({ organisation, network: network.networkId });
    const { credentials, settings } = found(record);
    const credential = [...credentials.values()].find((one) => one.credentialId === admin.credentialId)!;
    const assertion = admin.assert("a-challenge");
    const check = { credential, assertion, challenge: "a-challenge", relyingParty: settings.relyingParty };
    expect(() => verifyAssertion(check)).not.toThrow();
  });

  it("keeps its secrets readable by their owner alone", () => {
    makeNetwork(state, { ...plan, organisation: "local" });
    const secrets = [state.tokenKeyPath, "organisation/admin.pem", "organisation/admin.json"].map((one) =>
      one.startsWith("/") ? one : join(dir, one),
    );
    for (const path of secrets) expect((statSync(path).mode & 0o777).toString(8), path).toBe("600");
    expect(readFileSync(state.tokenKeyPath, "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  });

  it("takes an organisation that was made elsewhere, and then has nobody's key", () => {
    const { publicKey } = newCredentialKey();
    const mine = localGenesis({ username: "me", credentialId: newCredentialId(), publicKey }, 1_790_000_000_000);
    const file = join(dir, "mine.json");
    writeFileSync(file, genesisText(mine));
    const network = makeNetwork(state, { ...plan, organisation: readGenesis("--org-file", file) });
    expect(network.organisations).toEqual([{ genesis: mine.hash }]);
    expect(readGenesis("genesis", state.genesisPath)).toEqual(mine);
    expect(existsSync(join(state.organisationDir, "admin.pem"))).toBe(false);
    expect(ownCredential(state, "admin")).toBeUndefined();
  });
});

describe("a first record in a file", () => {
  it("is refused where a byte differs, and where it is something else", () => {
    const { publicKey } = newCredentialKey();
    const made = localGenesis({ username: "me", credentialId: newCredentialId(), publicKey }, 1_790_000_000_000);
    const file = join(dir, "genesis.json");
    const later = { ...made.record, height: 1, organisation: "or-1", previous: made.hash };
    for (const text of [`${genesisText(made)}\n`, "{}", "", new TextDecoder().decode(encodeLogRecord(later))]) {
      writeFileSync(file, text);
      expect(() => readGenesis("--org-file", file)).toThrow(refused(EXIT.usage, /^--org-file: /));
    }
    expect(() => readGenesis("--org-file", join(dir, "none"))).toThrow(refused(EXIT.environment, /no such file/));
  });
});

describe("a credential in files", () => {
  it("is refused when others can read it, when it is incomplete, and when its key is none", () => {
    makeNetwork(state, { ...plan, organisation: "local" });
    const json = join(state.organisationDir, "admin.json");
    const pem = join(state.organisationDir, "admin.pem");
    chmodSync(pem, 0o644);
    expect(() => readCredential(json)).toThrow(refused(EXIT.environment, /can be read by others \(mode 644\)/));
    chmodSync(pem, 0o600);
    writeFileSync(pem, "no key");
    expect(() => readCredential(json)).toThrow(refused(EXIT.environment, /holds no private key/));
    writeFileSync(json, "{}");
    expect(() => readCredential(json)).toThrow(refused(EXIT.environment, /network: /));
    writeFileSync(json, "no json");
    expect(() => readCredential(json)).toThrow(refused(EXIT.environment, /is no JSON/));
  });

  it("is attested as the authority reads it", () => {
    const keys = newCredentialKey();
    const relyingParty = { id: "localhost", name: "x", origins: ["http://localhost:3000"], userVerification: false };
    const attestation = attest("a-challenge", "an-id", keys);
    const made = readAttestation({ attestation, challenge: "a-challenge", relyingParty });
    expect(made).toMatchObject({ kind: "Key", credentialId: "an-id" });
  });
});

describe("the environment of a shell", () => {
  it("is written for its owner alone, with the text of a key as a shell keeps it", () => {
    makeNetwork(state, { ...plan, organisation: "local" });
    const admin = ownCredential(state, "admin")!;
    const variables = environment({ url: "http://127.0.0.1:4300", token: "it's a token" }, { ...admin, token: "t" });
    writeEnv(state, variables);
    writeEnv(state, variables);
    expect((statSync(state.envPath).mode & 0o777).toString(8)).toBe("600");
    const text = readFileSync(state.envPath, "utf8");
    expect(text).toBe(`${shellText(variables).join("\n")}\n`);
    expect(text).toContain(`export QUORATE_TOKEN='it'\\''s a token'\n`);
    expect(text).toContain("export DFNS_PRIVATE_KEY='-----BEGIN PRIVATE KEY-----\n");
    expect(Object.keys(variables)).toEqual(
      expect.arrayContaining(["DFNS_API_URL", "DFNS_ORG_ID", "DFNS_AUTH_TOKEN", "DFNS_CRED_ID", "QUORATE_CREDENTIAL"]),
    );
  });

  it("has the operator's token alone where nobody's key is here", () => {
    mkdirSync(join(dir, "x"));
    expect(Object.keys(environment({ url: "u", token: "t" }, undefined))).toEqual(["QUORATE_URL", "QUORATE_TOKEN"]);
  });
});
