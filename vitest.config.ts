import { defineConfig } from "vitest/config";

/** Files that start networks of processes, which wait for much of their time. */
const NETWORKS = ["test/cluster/**/*.test.ts", "test/api/**/*.test.ts"];
/** A file that must not find what another has loaded. */
const ALONE = ["packages/curves/src/model-door.test.ts"];
const NEVER = ["**/node_modules/**", ".quorate/**", "packages/*/bench/**"];

export default defineConfig({
  test: {
    pool: "forks",
    // One more than two cores: there is always one that does not wait.
    maxWorkers: 3,
    projects: [
      // In the order of their names: what takes minutes begins first, so that nothing of it is left alone at the end.
      { extends: true, test: { name: "networks", include: [...NETWORKS, ...ALONE], exclude: NEVER } },
      {
        extends: true,
        test: {
          name: "rooms",
          include: ["packages/**/src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...NEVER, ...NETWORKS, ...ALONE],
          // A worker reads the code once, and not for each file.
          isolate: false,
        },
      },
    ],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
