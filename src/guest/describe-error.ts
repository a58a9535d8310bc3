/** What went wrong, in the error's own words. The guest cannot import the runner's `messageOf`. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
