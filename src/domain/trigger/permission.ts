/** What an account may do in a repository. */
export type Permission = "admin" | "maintain" | "write" | "triage" | "read" | "none";

const WRITERS: readonly Permission[] = ["admin", "maintain", "write"];

/** Whether a permission lets an account write to the repository (I8). */
export function mayWrite(permission: Permission): boolean {
  return WRITERS.includes(permission);
}
