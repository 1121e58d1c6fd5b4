import { type Assignment, idOf, type Organisation, type Permission } from "@quorate/authority";
import { InputError } from "@quorate/orders";
import type { Endpoints } from "../access/endpoints.ts";
import { pageOf } from "../paging.ts";
import { segment } from "../routes.ts";
import { assignmentShape, permissionShape } from "./shapes.ts";

const PATH = "/permissions";

function permissionOf({ permissions }: Organisation, id: string): Permission {
  const permission = permissions.get(id);
  if (permission !== undefined) return permission;
  throw new InputError("not_found", `no permission ${id.slice(0, 64)}`, { field: "permissionId" });
}

function assignmentsOf({ assignments }: Organisation, { id }: Permission): readonly Assignment[] {
  return [...assignments.values()].filter((one) => one.permission === id);
}

/** Permissions and who has them, as Dfns has it. */
export function permissionEndpoints(endpoints: Endpoints): void {
  endpoints.read(PATH, "Permissions:Read", (c, { organisation }) => {
    return pageOf(c, "permissions", [...organisation.permissions.values()], permissionShape);
  });
  endpoints.read(`${PATH}/:permissionId`, "Permissions:Read", (c, { organisation }) => {
    return permissionShape(permissionOf(organisation, segment(c, "permissionId")));
  });
  endpoints.logged("POST", PATH, (_, { session: { organisation }, committed }) => {
    return permissionShape(permissionOf(organisation, idOf("pm", committed.hash)));
  });
  for (const rest of ["", "/archive"]) {
    endpoints.logged("PUT", `${PATH}/:permissionId${rest}`, (c, { session: { organisation } }) => {
      return permissionShape(permissionOf(organisation, segment(c, "permissionId")));
    });
  }
  const assignments = `${PATH}/:permissionId/assignments`;
  endpoints.read(assignments, "Permissions:Assignments:Read", (c, { organisation }) => {
    const permission = permissionOf(organisation, segment(c, "permissionId"));
    return pageOf(c, permission.id, assignmentsOf(organisation, permission), assignmentShape);
  });
  endpoints.logged("POST", assignments, (_, { session: { organisation }, committed }) => {
    return assignmentShape(organisation.assignments.get(idOf("as", committed.hash))!);
  });
  // The official client reads no body here; one that is JSON breaks nobody.
  endpoints.logged("DELETE", `${assignments}/:assignmentId`, (c) => ({ id: segment(c, "assignmentId") }));
}
