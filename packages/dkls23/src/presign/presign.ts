import { Abort, broadcast, deliver, type Identifier, type Protocol } from "@quorate/protocol";
import { type AliceRun, bobBegin } from "../multiply/index.ts";
import { checked, type PresignConfig, type Run } from "./config.ts";
import { multiplicationOf } from "./multiplication.ts";
import { Presignature } from "./presignature.ts";
import { presignRounds } from "./rounds.ts";
import { answerTo, drawNonce, keySummand, nonceOfAll, presignatureShare } from "./summands.ts";
import { commitmentTo, sessionId } from "./transcript.ts";
import { checkAnswer, checkExtension, type Products, refuseBurned } from "./verification.ts";

/**
 * Makes a presignature: DKLs23 (eprint 2023/765), protocol 3.6, without its last message, in three rounds of which none depends on
 * what is signed. The session id comes from every signer's fresh nonce, so no id that is given from outside needs to be unique. The key
 * and the path of its child are fixed here: moved to another, a presignature with a known R is one query away from a forgery.
 *
 * The `Session` that drives it takes `config.context` as context, `presignRounds(config.group)` as rounds, and the signers as
 * participants.
 *
 * @throws RangeError when the configuration contradicts itself
 * @throws Abort while it runs. `bad_extension`, `bad_multiplication` and `bad_consistency` rest on checks whose result depends on
 * this signer's own secrets: the pair with the culprit is burned before they are thrown
 */
export function presign(config: PresignConfig): Protocol<Presignature> {
  return rounds(checked(config));
}

function* rounds(run: Run): Protocol<Presignature> {
  const { group, self, peers, pairs, request, random } = run;
  const [COMMITMENTS, EXTENSIONS, ANSWERS] = presignRounds(group);
  const toEach = <T>(make: (peer: Identifier) => T) => new Map(peers.map((peer) => [peer, make(peer)]));
  refuseBurned(run);

  // Round 1: commit to a share of the nonce.
  const nonce = drawNonce(group, random);
  const fresh = random(32);
  const mine = { request, nonce: fresh, commitment: commitmentTo(run, self, fresh, nonce.bigR, nonce.salt) };
  const received = yield* broadcast(COMMITMENTS, mine);
  for (const one of received.values()) {
    if (Buffer.compare(one.request, request) !== 0) throw new Abort("request_mismatch");
  }
  const commitments = new Map([...received, [self, mine] as const].toSorted(([a], [b]) => a - b));
  const sid = sessionId(run, commitments);

  // Round 2: as Bob, begin a multiplication with each of the others; as Alice, check how they begin theirs.
  using secrets = new DisposableStack();
  const bobs = toEach((peer) => {
    const begun = bobBegin(multiplicationOf(run, sid, self, peer), pairs.get(peer)!.setup.bob, random);
    secrets.use(begun.run);
    return begun;
  });
  const extensions = toEach((peer) => ({ setupId: pairs.get(peer)!.setup.setupId, message: bobs.get(peer)!.message }));
  const alices = new Map<Identifier, AliceRun>();
  yield* deliver(EXTENSIONS, extensions, (extension, from) => {
    alices.set(from, secrets.use(checkExtension(run, sid, extension, from)));
  });
  refuseBurned(run);

  // Round 3: as Alice, answer each with the shares of nonce and key; as Bob, check the answers.
  const summand = keySummand(run, sid);
  const answered = toEach((peer) => answerTo(run, alices.get(peer)!, bobs.get(peer)!.run, nonce, summand));
  const products = new Map<Identifier, Products>();
  const answers = yield* deliver(
    ANSWERS,
    new Map([...answered].map(([to, { body }]) => [to, body])),
    (answer, from) => {
      products.set(from, checkAnswer(run, commitments.get(from)!, bobs.get(from)!.run, answer, from));
    },
  );
  const bigR = nonceOfAll(run, nonce, summand, answers);

  const terms = { context: run.context, request, sid, signers: run.signers, bigR: group.encodePoint(bigR) };
  const share = presignatureShare(run, nonce, summand, answered, products, answers);
  return new Presignature({ ...terms, group: run.curve, publicKey: group.encodePoint(run.publicKey) }, share);
}
