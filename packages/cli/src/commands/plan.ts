import { type Plan, PlanError, type PlanQuestion, plan, SCHEMES } from "@quorate/regions";
import { type Command, Option } from "commander";
import { runCommand } from "../exit.ts";
import { Output } from "../output.ts";
import { DEFAULTS, type PlanOptions, questionOf, refuseQuestion } from "../plan-question.ts";
import { showPlan, warningText } from "../plan-report.ts";
import { type CommonOptions, examples, optionsOf } from "./context.ts";

const MEANING = [
  "A signature is made by the t signers nearest to the coordinator. Its time is computed from measured round trips between",
  "regions and the model of their jitter, the same at every call; p50 and p99 are those of each user region, averaged by",
  "weight. What computers, disks and lost packets cost is not in it. A placement survives a loss if t signers are left,",
  "whichever it is; a coordinator that is lost with its region is started again in the best region that is left. What",
  "fails or conspires together must be named alike: two names of one company count as two operators.",
].join(" ");

/** `quorate plan`: where to place signers. Needs no network. */
export function registerPlan(program: Command): void {
  program
    .command("plan")
    .summary("where to place signers: latency, losses, who can block or collude")
    .description(
      `rank placements of signers by the time of a signature, and say what each loss does and who holds too much\n\n${MEANING}`,
    )
    .requiredOption(
      "--candidates <list>",
      "where signers can be: region, region@operator or region@operator:count, with commas between; eu, atlantic, global, apart; all. Without an operator each signer has its own",
    )
    .option("--n <n>", "how many signers", DEFAULTS.n)
    .option("--min-signers <t>", "how many must sign (default: a majority)")
    .option("--users <list>", "where users are, region:weight with commas between (default: beside the coordinator)")
    .option("--survive <list>", "how many of a kind may be lost: region=1,operator=1,country=1")
    .option("--coordinator <region>", "where the coordinator is (default: the best of each placement's regions)")
    .addOption(new Option("--scheme <scheme>", "what signs").choices(SCHEMES).default(DEFAULTS.scheme))
    .option("--interactive", "nothing lies ready: the signers run all rounds")
    .addOption(
      new Option("--by <quantile>", "what placements are ranked by").choices(["p50", "p99"]).default(DEFAULTS.by),
    )
    .option("--top <count>", "how many placements to show", DEFAULTS.top)
    .option("--jitter <ratio>", "p99/p50 of the delay between regions; 0 for none", DEFAULTS.jitter)
    .option(
      "--user-trips <count>",
      "round trips between user and coordinator for one signature: challenge, its signature, request",
      DEFAULTS.userTrips,
    )
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      examples(
        "quorate plan --candidates all --users virginia:60,frankfurt:40 --survive region=1",
        "quorate plan --candidates virginia@aws,ohio@gcp,montreal@ovh,ireland@aws,frankfurt@hetzner,london@gcp \\",
        "    --n 5 --min-signers 3 --users virginia:60,frankfurt:40 --survive region=1,operator=1",
        "quorate plan --candidates frankfurt@a:2,paris@b:2,london --scheme ECDSA --interactive --by p99 --json",
      ),
    )
    .action(runCommand((_: unknown, self: Command) => show(optionsOf<PlanOptions & CommonOptions>(self))));
}

function show(options: PlanOptions & CommonOptions): void {
  const output = new Output(options);
  const question = questionOf(options);
  const answer = planned(question);
  output.document({
    ...question,
    ...answer,
    placements: answer.placements.map((placement) => ({
      ...placement,
      warnings: placement.warnings.map((one) => ({ ...one, message: warningText(one, placement.seats) })),
    })),
  });
  showPlan(output, question, answer);
}

function planned(question: PlanQuestion): Plan {
  try {
    return plan(question);
  } catch (error) {
    if (error instanceof PlanError) refuseQuestion(error);
    throw error;
  }
}
