import { defineConfig } from "vitest/config";

/** Tests that need a browser on this machine: `npm run test:browser`. */
export default defineConfig({
  test: { include: ["test/browser/*.browser.ts"], pool: "forks", maxWorkers: 1 },
});
