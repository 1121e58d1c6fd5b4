import { defineConfig } from "vitest/config";

/** Tests that need Docker on this machine: `npm run test:containers`. */
export default defineConfig({
  test: { include: ["test/containers/*.containers.ts"], pool: "forks", maxWorkers: 1 },
});
