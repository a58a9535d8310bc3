import { readlink, realpath, stat } from "node:fs/promises";
import { relative } from "node:path";
import { NODE_TARGET } from "./closure.ts";
import type { Binding } from "./confinement.ts";
import type { Privilege } from "./privilege.ts";

/** Where the exported tree is in QEMU's view. */
export const EXPORT_FOLDER = "/export";

/** What the sandbox sees of the runner: an allow-list. Never `/home /root /run /var /tmp /mnt`, never `/etc` whole. */
const SEEN: readonly string[] = [
  "/usr",
  "/opt/hostedtoolcache",
  "/etc/alternatives",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
  "/etc/services",
  "/etc/protocols",
  "/etc/mime.types",
  "/etc/os-release",
  "/etc/python3",
  "/etc/perl",
  "/etc/maven",
  "/etc/php",
  "/etc/R",
  ...["8", "11", "17", "21", "25"].map((version) => `/etc/java-${version}-openjdk`),
];

export interface HostView {
  readonly bindings: readonly Binding[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

/**
 * The runner's whole toolchain over read-only 9p. QEMU serves it as nobody, so what only root or the runner's user may
 * read stays unread; a user namespace, in which QEMU has the runner's own rights, would not ensure that.
 * Returns the view, or why there can be none.
 */
export async function readHostView(options: {
  readonly privilege: Privilege;
  readonly nodeBinary: string;
  /** Folders of this job: none may lie within the view. */
  readonly secretFolders: readonly string[];
}): Promise<HostView | string> {
  if (options.privilege.kind === "user-namespace") return "QEMU would read the runner's files with the runner's own rights";
  const present = await filterPresent(SEEN);
  const exposed = await firstExposed(present, options.secretFolders);
  if (exposed !== null) return `${exposed} lies in a folder that the sandbox would see`;
  const links = await Promise.all(
    ["/bin", "/sbin", "/lib", "/lib64"].map(async (path) => ({
      path: `${EXPORT_FOLDER}${path}`,
      target: await readlink(path).catch(() => ""),
    })),
  );
  if (links.some((link) => link.target === "" || link.target.startsWith("/"))) return "the runner's /bin is no link to usr/bin";
  const bindings = present.map((path) => ({ source: path, target: `${EXPORT_FOLDER}${path}`, writable: false }));
  const node = { source: await realpath(options.nodeBinary), target: `${EXPORT_FOLDER}${NODE_TARGET}`, writable: false };
  return { bindings: [...bindings, node], links };
}

async function filterPresent(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
  return paths.filter((_, index) => found[index] !== null);
}

async function firstExposed(seen: readonly string[], secretFolders: readonly string[]): Promise<string | null> {
  for (const folder of secretFolders) {
    const real = await realpath(folder).catch(() => folder);
    if (seen.some((root) => isInside(root, real))) return folder;
  }
  return null;
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (!way.startsWith("..") && !way.startsWith("/"));
}
