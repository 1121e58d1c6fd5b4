/** A value that events may carry: plain data, never a secret. */
export type EventValue =
  | string
  | number
  | boolean
  | null
  | readonly EventValue[]
  | { readonly [name: string]: EventValue };

/**
 * Something that happened, for logs, metrics and the event stream. `type` is dotted, such as `request.signed`; `node` and
 * `at` are added by the process that emits it.
 */
export interface Event {
  readonly type: string;
  readonly [name: string]: EventValue;
}
