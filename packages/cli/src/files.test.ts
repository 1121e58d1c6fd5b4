import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { EXIT } from "./exit.ts";
import { formed, readBytes, readFormed, unform, writeOut } from "./files.ts";

const dir = mkdtempSync(join(tmpdir(), "quorate-files-"));
afterAll(() => rmSync(dir, { recursive: true }));

const text = (content: string) => new TextEncoder().encode(content);

describe("bytes in a file", () => {
  it("come back from every form that they were written in", () => {
    // Starts as transactions and PSBTs do, with a byte that no text has in front.
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8 }), (rest) => {
        const bytes = Uint8Array.of(1, 0xff, ...rest);
        for (const form of ["binary", "hex", "base64"] as const) {
          const read = unform(formed({ bytes, form }));
          expect({ form: read.form, bytes: [...read.bytes] }).toEqual({ form, bytes: [...bytes] });
        }
      }),
    );
  });

  it.each([
    ["0x00ff", "hex"],
    ["00FF\n", "hex"],
    ["00 ff", "hex"],
    ["AP8=", "base64"],
    [" A P 8 =\r\n", "base64"],
  ])("%j are 00ff in %s", (content, form) => {
    expect(unform(text(content))).toEqual({ form, bytes: Uint8Array.of(0, 255) });
  });

  it.each(["abc", "AP8", "AP9=", "A=P8", "hello, world"])(
    "%j are neither hex nor base64, but themselves",
    (content) => {
      expect(unform(text(content))).toEqual({ form: "binary", bytes: text(content) });
    },
  );
});

describe("a file", () => {
  it("that is not there, is a directory, is empty or far too long is refused by the name of the argument", () => {
    const usage = (problem: string) =>
      expect.objectContaining({ exitCode: EXIT.usage, message: expect.stringContaining(problem) });
    writeFileSync(join(dir, "empty"), " \n");
    writeFileSync(join(dir, "long"), new Uint8Array((1 << 20) + 1));
    expect(() => readBytes("--file", join(dir, "none"))).toThrow(usage("--file: there is no file"));
    expect(() => readBytes("--file", dir)).toThrow(usage("--file: "));
    expect(() => readFormed("--psbt", join(dir, "empty"))).toThrow(usage("--psbt: "));
    expect(() => readBytes("--file", join(dir, "long"))).toThrow(usage("at most 1048576 are read"));
  });

  it("that cannot be written is the environment's fault", () => {
    const path = join(dir, "none", "out");
    expect(() => writeOut("--out", path, text("x"))).toThrow(
      expect.objectContaining({ exitCode: EXIT.environment, message: `--out: ${path} cannot be written (ENOENT)` }),
    );
    writeOut("--out", join(dir, "out"), formed({ bytes: Uint8Array.of(1, 2), form: "hex" }));
    expect(readFileSync(join(dir, "out"), "utf8")).toBe("0102\n");
  });
});
