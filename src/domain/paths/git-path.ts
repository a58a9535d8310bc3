import { foldPath, isShortNameOf } from "./fold.ts";
import { decodeUtf8, showBytes } from "./show.ts";

export type ParsedPath =
  | { readonly path: string; readonly shown?: undefined; readonly reason?: undefined }
  | { readonly path?: undefined; readonly shown: string; readonly reason: string };

/** PATH_MAX and NAME_MAX of Linux: nothing longer can be checked out. */
const MAX_PATH_BYTES = 4095;
const MAX_NAME_BYTES = 255;

/**
 * Reads path bytes from outside as git reads them into an index (`verify_path` in git's read-cache.c), with every platform's protection on:
 * no empty, `.` or `..` component, no leading or trailing slash, no NUL, no component that some file system treats as `.git`. Only UTF-8.
 * Never throws.
 */
export function parseGitPath(bytes: Uint8Array): ParsedPath {
  const path = decodeUtf8(bytes);
  const reason = path === undefined ? "its name is not UTF-8" : refusalOf(path, bytes.length);
  if (path !== undefined && reason === undefined) return { path };
  return { shown: showBytes(bytes), reason: reason ?? "unreadable" };
}

function refusalOf(path: string, bytes: number): string | undefined {
  if (path === "") return "its name is empty";
  if (bytes > MAX_PATH_BYTES) return `its path is longer than ${MAX_PATH_BYTES} bytes`;
  if (path.includes("\0")) return "its name holds a NUL byte";
  for (const name of path.split("/")) {
    const reason = refusalOfName(name);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function refusalOfName(name: string): string | undefined {
  if (name === "") return "it has an empty component or a slash at an end";
  if (name === "." || name === "..") return `it has the component ${name}`;
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `a component is longer than ${MAX_NAME_BYTES} bytes`;
  if (isGitAlias(name)) return "some file system takes a component for .git";
  return undefined;
}

/** True if some file system treats the component, or a part of it between backslashes, as `.git`. */
export function isGitAlias(name: string): boolean {
  return foldPath(name).some((part) => part === ".git" || isShortNameOf(part, ".git"));
}
