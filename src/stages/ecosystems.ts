import { Buffer } from "node:buffer";
import { findProjects, isCandidate, textsToRead } from "../domain/ecosystems/detect.ts";
import type { Project } from "../domain/ecosystems/project.ts";
import type { Repository } from "../ports/repository.ts";

/** A longer listing is not read to its end. */
const MAX_PATHS = 500_000;
/** Files that may say what is installed; the rest is ignored. */
const MAX_CANDIDATES = 5_000;
const MAX_TEXTS = 30;
/** `yarn.lock` may have some MiB. */
const MAX_TEXT_BYTES = 16 << 20;

/**
 * What the project at a fetched commit has to install. The commit has to be one that the project vouches for, never a head (I11). A file
 * that cannot be read says nothing.
 */
export async function readProjects(repository: Repository, commit: string): Promise<readonly Project[]> {
  const paths: string[] = [];
  let seen = 0;
  for await (const path of repository.readPaths(await repository.readTree(commit))) {
    if (isCandidate(path)) paths.push(path);
    seen += 1;
    if (seen >= MAX_PATHS || paths.length >= MAX_CANDIDATES) break;
  }
  const texts = new Map<string, string>();
  for (const path of textsToRead(paths, MAX_TEXTS)) {
    const bytes = await repository.readPath(commit, path, MAX_TEXT_BYTES).catch(() => undefined);
    if (bytes !== undefined) texts.set(path, Buffer.from(bytes).toString("utf8"));
  }
  return findProjects({ paths, texts });
}
