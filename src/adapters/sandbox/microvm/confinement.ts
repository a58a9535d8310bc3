import { readlink, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { linkedLibraries, type PlacedFile, placeFile } from "./linked-files.ts";
import type { Privilege } from "./privilege.ts";
import type { Tools } from "./tools.ts";

/** Nobody: what QEMU runs as when we can choose. */
const NOBODY = "65534";

/** The files QEMU is made of: its view holds these, the sandbox's own files, and nothing else of the runner. */
export interface QemuView {
  readonly files: readonly PlacedFile[];
  /** Folders bound whole, because QEMU looks for firmware and modules in them. */
  readonly folders: readonly string[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

const FIRMWARE_FOLDERS = ["/usr/share/qemu", "/usr/share/seabios"];
const MODULE_FOLDERS = ["/usr/lib/x86_64-linux-gnu/qemu"];

export async function readQemuView(tools: Tools): Promise<QemuView> {
  const modules = MODULE_FOLDERS.map((folder) => `${folder}/accel-tcg-x86_64.so`);
  const programs = [tools.qemu, tools.setpriv, tools.timeout, tools.sh, tools.cat];
  const present = await filterPresent([...programs, ...modules]);
  const placed = await Promise.all(programs.map(placeFile));
  const files = [...placed.filter((file) => file !== null), ...(await linkedLibraries(tools.ldd, present))];
  const links = await Promise.all(
    ["/bin", "/sbin", "/lib", "/lib64"].map(async (path) => ({ path, target: await readlink(path).catch(() => "") })),
  );
  return {
    files: unique(files),
    folders: await filterPresent([...FIRMWARE_FOLDERS, ...MODULE_FOLDERS]),
    links: links.filter((link) => link.target !== ""),
  };
}

async function filterPresent(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
  return paths.filter((_, index) => found[index] !== null);
}

function unique(files: readonly PlacedFile[]): PlacedFile[] {
  return [...new Map(files.map((file) => [file.target, file])).values()];
}

export interface Binding extends PlacedFile {
  readonly writable: boolean;
}

export interface ConfinementRequest {
  readonly tools: Tools;
  readonly view: QemuView;
  readonly privilege: Privilege;
  /** The sandbox's own files. */
  readonly bindings: readonly Binding[];
  /** Links inside the view, for the exported root. */
  readonly exportLinks?: readonly { readonly path: string; readonly target: string }[];
  /** A device node for KVM and the group that may use it; absent for software emulation. */
  readonly kvm?: { readonly device: string; readonly group: number | null };
  readonly lifetimeMs: number;
}

/**
 * The argv that runs a program in a mount view of its own, without capabilities, network, other processes or
 * environment, as nobody where we are root, and dying with its parent.
 */
export function confine(request: ConfinementRequest, program: readonly string[]): readonly string[] {
  const { tools, privilege } = request;
  const bwrap = [tools.bwrap, ...isolationArguments(privilege), ...viewArguments(request), "--remount-ro", "/"];
  const seconds = Math.max(1, Math.ceil(request.lifetimeMs / 1000));
  const bounded = [tools.timeout, "--foreground", "--signal=KILL", String(seconds), ...program];
  if (privilege.kind === "user-namespace") return [...bwrap, ...bounded];
  const dropped = [...bwrap, ...dropArguments(request), ...bounded];
  if (privilege.kind === "root") return dropped;
  return [...privilege.sudo, ...bwrap, ...dropArguments(request), tools.sh, "-c", DIE_WITH_STDIN, "sh", ...bounded];
}

/** sudo stays as parent and closes descriptors, so the end of stdin tells that Airlock is gone. */
const DIE_WITH_STDIN = 'exec 3<&0; "$@" </dev/null & child=$!; (cat <&3 >/dev/null; kill -9 $child) & wait $child';

function isolationArguments(privilege: Privilege): string[] {
  const namespaces = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"];
  const common = [
    ...namespaces,
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--setenv",
    "PATH",
    "/usr/bin:/bin",
    "--cap-drop",
    "ALL",
  ];
  if (privilege.kind === "user-namespace") return ["--unshare-user", "--uid", NOBODY, "--gid", NOBODY, ...common];
  return [...common, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"];
}

function dropArguments({ tools, kvm }: ConfinementRequest): string[] {
  const groups = kvm?.group ? `--groups=${kvm.group}` : "--clear-groups";
  return [tools.setpriv, `--reuid=${NOBODY}`, `--regid=${NOBODY}`, groups, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"];
}

function viewArguments(request: ConfinementRequest): string[] {
  const { view, bindings, kvm } = request;
  const links = [...view.links, ...(request.exportLinks ?? [])];
  const targets = [
    ...view.files.map((file) => file.target),
    ...bindings.map((binding) => binding.target),
    ...links.map((link) => link.path),
  ];
  const folders = [...parents(targets), ...view.folders.flatMap((folder) => parents([`${folder}/x`]))];
  return [
    ["--tmpfs", "/"],
    ["--proc", "/proc", "--dev", "/dev"],
    ["--perms", "1777", "--size", String(64 << 20), "--tmpfs", "/tmp"],
    // Parents that bwrap makes by itself have mode 0700.
    [...new Set(folders)].flatMap((folder) => ["--perms", "0755", "--dir", folder]),
    view.folders.flatMap((folder) => ["--ro-bind", folder, folder]),
    view.files.flatMap((file) => ["--ro-bind", file.source, file.target]),
    links.flatMap((link) => ["--symlink", link.target, link.path]),
    kvm === undefined ? [] : ["--dev-bind", kvm.device, "/dev/kvm"],
    bindings.flatMap((binding) => [binding.writable ? "--bind" : "--ro-bind", binding.source, binding.target]),
  ].flat();
}

/** Every folder above the targets, outermost first. */
function parents(targets: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const target of targets) {
    const chain: string[] = [];
    for (let folder = dirname(target); folder !== "/"; folder = dirname(folder)) chain.unshift(folder);
    for (const folder of chain) folders.add(folder);
  }
  return [...folders];
}
