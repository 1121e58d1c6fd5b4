/** What the child processes open a database with, and the tests that look at their work. */
export const options = {
  networkHash: new Uint8Array(32).fill(1),
  node: "virginia",
  random: (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length)),
};
