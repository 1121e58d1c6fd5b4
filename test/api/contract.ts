import type { Recorded } from "./recorder.ts";

/** How much a row of the contract is needed. */
export type Need = "must" | "should";

/** The endpoints of sections 2 to 8 of the contract that are promised. */
const ROWS: Readonly<Record<Need, string>> = {
  must: `
    POST /auth/action/init
    POST /auth/action
    POST /auth/login/init
    POST /auth/login
    POST /auth/login/delegated
    PUT /auth/logout
    POST /auth/registration/init
    POST /auth/registration/delegated
    POST /auth/registration
    GET /auth/credentials
    POST /auth/credentials/init
    POST /auth/credentials
    PUT /auth/credentials/activate
    PUT /auth/credentials/deactivate
    POST /auth/recover/user/code
    POST /auth/recover/user/init
    POST /auth/recover/user/delegated
    POST /auth/recover/user
    GET /auth/service-accounts
    POST /auth/service-accounts
    GET /auth/service-accounts/:id
    PUT /auth/service-accounts/:id
    DELETE /auth/service-accounts/:id
    PUT /auth/service-accounts/:id/activate
    PUT /auth/service-accounts/:id/deactivate
    GET /auth/pats
    POST /auth/pats
    GET /auth/pats/:id
    PUT /auth/pats/:id
    DELETE /auth/pats/:id
    PUT /auth/pats/:id/activate
    PUT /auth/pats/:id/deactivate
    GET /auth/users
    POST /auth/users
    GET /auth/users/:id
    PUT /auth/users/:id
    DELETE /auth/users/:id
    PUT /auth/users/:id/activate
    PUT /auth/users/:id/deactivate
    GET /permissions
    POST /permissions
    GET /permissions/:id
    PUT /permissions/:id
    PUT /permissions/:id/archive
    GET /permissions/:id/assignments
    POST /permissions/:id/assignments
    DELETE /permissions/:id/assignments/:id
    POST /keys
    GET /keys
    GET /keys/:id
    PUT /keys/:id
    DELETE /keys/:id
    POST /keys/:id/signatures
    GET /keys/:id/signatures
    GET /keys/:id/signatures/:id
    POST /keys/:id/export
    POST /keys/import
    GET /signers
    GET /key-stores
    POST /wallets
    GET /wallets
    GET /wallets/:id
    PUT /wallets/:id
    PUT /wallets/:id/tags
    DELETE /wallets/:id/tags
    POST /wallets/:id/signatures
    GET /wallets/:id/signatures
    GET /wallets/:id/signatures/:id`,
  should: `
    POST /auth/registration/enduser
    POST /auth/credentials/code
    POST /auth/credentials/code/init
    POST /auth/credentials/code/verify
    GET /auth/action/logs
    GET /auth/action/logs/:id
    POST /keys/:id/delegate
    POST /wallets/:id/delegate
    POST /wallets/:id/transactions
    GET /wallets/:id/transactions
    GET /wallets/:id/transactions/:id
    POST /wallets/:id/transfers
    GET /wallets/:id/transfers
    GET /wallets/:id/transfers/:id
    GET /v2/policies
    POST /v2/policies
    GET /v2/policies/:id
    PUT /v2/policies/:id
    DELETE /v2/policies/:id
    GET /v2/policy-approvals
    GET /v2/policy-approvals/:id
    POST /v2/policy-approvals/:id/decisions
    GET /webhooks
    POST /webhooks
    GET /webhooks/:id
    PUT /webhooks/:id
    DELETE /webhooks/:id
    POST /webhooks/:id/ping
    GET /webhooks/:id/events
    GET /webhooks/:id/events/:id`,
};

/** The endpoints of a need, as `POST /keys/:id/signatures`. */
export function rowsOf(need: Need): readonly string[] {
  return ROWS[need].trim().split(/\n\s*/);
}

/** Which of the endpoints nobody has been served by. */
export function unserved(rows: readonly string[], calls: readonly Recorded[]): readonly string[] {
  const served = new Set<string>();
  for (const { method, path, status } of calls) {
    if (status >= 200 && status < 300) served.add(`${method} ${patternOf(path)}`);
  }
  return rows.filter((row) => !served.has(row));
}

/** Ids have two hyphens; no other segment of a path has. */
function patternOf(path: string): string {
  return path.replaceAll(/\/[a-z]+-[0-9a-z]+-[0-9a-z-]+/g, "/:id");
}
