import { describe, expect, it } from "vitest";
import { captured } from "../testing/captured.ts";
import { registerPlan } from "./plan.ts";

const plan = (...argv: readonly string[]) => captured(registerPlan, "plan", ...argv);

const CANDIDATES = "virginia@aws,ohio@gcp,montreal@ovh,ireland@aws,frankfurt@hetzner,london@gcp";
const ASKED = ["--candidates", CANDIDATES, "--users", "virginia:60,frankfurt:40", "--jitter", "0", "--top", "1"];

describe("quorate plan", () => {
  it("shows the best placements with what each loss does, and who can block or collude", async () => {
    const { stdout, exitCode } = await plan(...ASKED, "--survive", "region=1,operator=1");
    const lines = stdout.split("\n").map((line) => line.trim().replace(/ {2,}/g, " | "));
    expect(lines).toEqual(
      expect.arrayContaining([
        "3 of 5 signers: 6 placements, of which 6 survive region=1, operator=1; the best by p50",
        "1. virginia@aws, ohio@gcp, montreal@ovh, ireland@aws, frankfurt@hetzner",
        "signature | p50 138 ms, p99 138 ms | coordinator in virginia, signed by virginia, ohio, montreal; network floor 19 ms",
        "from frankfurt | p50 295 ms, p99 295 ms",
        "without region montreal or operator ovh or country CA | p50 189 ms, p99 189 ms",
        "to block or collude (3) | any 3 regions",
        "2 operators: aws + gcp, or aws + ovh, or aws + hetzner",
        "New keys take all 5 signers; changes of who may do what, 4.",
      ]),
    );
    expect(stdout).toMatch(/without operator aws +p50 \d+ ms, p99 \d+ ms +changes wait/);
    expect(stdout).not.toContain("warning");
    expect(exitCode).toBe(0);
  });

  it("warns of the operator and the country that can sign and block alone", async () => {
    const { stdout, exitCode } = await plan("--candidates", "virginia@aws:3,ireland@gcp,london@gcp", "--jitter", "0");
    expect(stdout).toContain("warning: operator aws holds 3 of 5 signers: it alone can sign, and keep the others");
    expect(stdout).toContain("warning: country US holds 3 of 5 signers");
    expect(stdout).toMatch(
      /without region virginia or operator aws or country US +signing stops: 2 left +changes wait/,
    );
    expect(exitCode).toBe(0);
  });

  it("names blocking and colluding apart where they take different numbers", async () => {
    const { stdout } = await plan("--candidates", "eu", "--n", "4", "--min-signers", "3", "--jitter", "0");
    expect(stdout).toMatch(/to block \(2\) +any 2 regions/);
    expect(stdout).toMatch(/to collude \(3\) +any 3 regions/);
    expect(stdout).toContain("as seen by the coordinator");
  });

  it("is one JSON document for machines, the same at every call, with the warnings in words", async () => {
    const asked = [
      "--candidates",
      "virginia@aws:3,ireland@gcp,london@gcp",
      "--scheme",
      "ECDSA",
      "--interactive",
      "--json",
    ];
    const { stdout, stderr, exitCode } = await plan(...asked);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect((await plan(...asked)).stdout).toBe(stdout);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ possible: 1, surviving: 1, form: { scheme: "ECDSA", interactive: true } });
    const [only] = document.placements;
    expect(only.signature.p99).toBeGreaterThan(only.signature.p50);
    expect(only.collude.operator).toEqual({ size: 1, total: 1, sets: [["aws"]], any: false });
    expect(only.warnings).toContainEqual({
      ...{ domain: "operator", name: "aws", signers: 3, signsAlone: true, blocksAlone: true },
      message: "operator aws holds 3 of 5 signers: it alone can sign, and keep the others from signing",
    });
  });

  it("takes regions, presets and all of them as candidates", async () => {
    const count = async (candidates: string) =>
      JSON.parse((await plan("--candidates", candidates, "--n", "3", "--jitter", "0", "--json")).stdout).possible;
    expect(await count("eu")).toBe(10);
    expect(await count("eu,tokyo")).toBe(20);
    expect(await count("tokyo:2,osaka")).toBe(1);
    expect(await count("all")).toBe(1330);
  });

  it.each<[string, readonly string[]]>([
    ["required option '--candidates <list>' not specified", []],
    ['--candidates: "a@b@c" cannot be read', ["--candidates", "a@b@c"]],
    ['--candidates: "ohio:x" cannot be read', ["--candidates", "ohio:x"]],
    ['--candidates: "" cannot be read', ["--candidates", "ohio,"]],
    ['--candidates: unknown region "atlantis"\n  try: the regions are virginia, ohio', ["--candidates", "atlantis"]],
    ["--candidates: room for 1 signers where 5 are to be placed\n  try: name more", ["--candidates", "ohio"]],
    ["--n x: a number from 2 to 15 belongs here", ["--candidates", "eu", "--n", "x"]],
    ["--n: 4.5 does not fit", ["--candidates", "eu", "--n", "4.5", "--min-signers", "3"]],
    ["--min-signers 6: a number from 2 to 5", ["--candidates", "eu", "--min-signers", "6"]],
    ['--users: "a:b:c" cannot be read', ["--candidates", "eu", "--users", "a:b:c"]],
    ['--users: "paris:" cannot be read', ["--candidates", "eu", "--users", "paris:"]],
    ["--users: paris has weight NaN", ["--candidates", "eu", "--users", "paris:many"]],
    ['--survive: "rack=1" cannot be read', ["--candidates", "eu", "--survive", "rack=1"]],
    ['--survive: "region=one" cannot be read', ["--candidates", "eu", "--survive", "region=one"]],
    ["--survive: region is there twice", ["--candidates", "eu", "--survive", "region=1,region=1"]],
    ["--survive: none of the 1 placements keeps 3 of 5 signers", ["--candidates", "eu", "--survive", "region=3"]],
    ["--coordinator: unknown region", ["--candidates", "eu", "--coordinator", "atlantis"]],
    ["--jitter: 0.5 is no jitter", ["--candidates", "eu", "--jitter", "0.5"]],
    ["--top 0: a number from 1 to 100", ["--candidates", "eu", "--top", "0"]],
    ["--user-trips 0: a number from 1 to 10", ["--candidates", "eu", "--user-trips", "0"]],
    ["Allowed choices are EdDSA, Schnorr, ECDSA", ["--candidates", "eu", "--scheme", "RSA"]],
    ["Allowed choices are p50, p99", ["--candidates", "eu", "--by", "mean"]],
  ])("refuses with %s", async (problem, argv) => {
    const { stdout, stderr, exitCode } = await plan(...argv);
    expect(stderr).toContain(problem);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });
});
