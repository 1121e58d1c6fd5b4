import { setPriority } from "node:os";

/** How much the workshop gives way to the threads that answer requests. */
const NICENESS = 10;

// On Linux this sets the thread's own niceness, not the process's. Before anything else is loaded: that is work as well.
if (process.platform === "linux") setPriority(0, NICENESS);
await import("./workshop-loop.ts");
