import { readFileSync } from "node:fs";
import {
  AuthorityError,
  decodeLogRecord,
  encodeLogRecord,
  found,
  GENESIS_PATH,
  type Genesis,
  type LogRecord,
  recordHash,
} from "@quorate/authority";
import { CliError, EXIT } from "../exit.ts";

/** An organisation as its first record makes it. */
export interface Founding {
  readonly record: LogRecord;
  /** Hex, 32 bytes: what stands in the network file. */
  readonly hash: string;
  /** `or-…` */
  readonly organisation: string;
}

/** The pages on which passkeys of a local network are made and used: the usual addresses of applications in development. */
const ORIGINS = [3000, 4300, 5173, 8080].map((port) => `http://localhost:${port}`);

/** The first record of an organisation that a new local network gets. @param now milliseconds since 1970 */
export function localGenesis(admin: Genesis["admin"], now: number): Founding {
  const body: Genesis = {
    name: "Local",
    settings: {
      registration: "tofu",
      relyingParty: { id: "localhost", name: "Quorate", origins: ORIGINS, userVerification: false },
      recoveryLockDays: 2,
      liftLocks: true,
      exportedKeysSign: false,
      maxNetworkFee: "50000000000000000",
    },
    admin,
  };
  const action = { method: "POST", path: GENESIS_PATH, body, proof: null, endorsement: null } as const;
  return founding({ format: 1, organisation: "", height: 0, previous: "", time: now, action });
}

/** Reads a first record, and finds out whether it is one. @param argument named if it is not @throws CliError */
export function readGenesis(argument: string, path: string): Founding {
  try {
    return founding(decodeLogRecord(new Uint8Array(readFileSync(path))));
  } catch (error) {
    if (!(error instanceof AuthorityError)) {
      throw new CliError(EXIT.environment, `${argument}: ${(error as Error).message}`, "check the path");
    }
    const hint = "it must hold the first record of an organisation, byte for byte as quorate wrote it";
    throw new CliError(EXIT.usage, `${argument}: ${path}: ${error.message}`, hint);
  }
}

/** The one text of a first record. */
export function genesisText({ record }: Founding): string {
  return new TextDecoder().decode(encodeLogRecord(record));
}

function founding(record: LogRecord): Founding {
  return { record, hash: recordHash(encodeLogRecord(record)), organisation: found(record).id };
}
