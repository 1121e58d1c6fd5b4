export { type ApiRecord, type ApiRecords, MemoryRecords } from "./access/records.ts";
export { createApp } from "./app.ts";
export { EventHub, type NumberedEvent } from "./events.ts";
export type { ApiOptions } from "./options.ts";
export { type Api, startApi } from "./server.ts";
