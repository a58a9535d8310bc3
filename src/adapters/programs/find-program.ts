import { access, constants } from "node:fs/promises";
import { join } from "node:path";

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The Action's own environment holds tokens: no program that prepares the sandbox ever gets it. */
export const MINIMAL_ENV = { PATH: SYSTEM_PATH, LC_ALL: "C.UTF-8", HOME: "/nonexistent" } as const;

/** The program's absolute path in the system's own folders: never one from a PATH that a workflow step may have changed. */
export async function findProgram(program: string): Promise<string | undefined> {
  for (const directory of SYSTEM_PATH.split(":")) {
    const path = join(directory, program);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
}
