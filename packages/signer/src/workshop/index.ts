export type { Installed, Made, WorkshopJob } from "./job.ts";
export { Workshop, type WorkshopConfig } from "./workshop.ts";
