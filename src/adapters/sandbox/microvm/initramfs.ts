import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { createCpioArchive } from "./cpio.ts";
import { INIT_SCRIPT, PROBE_SCRIPT, SUPERVISE_SCRIPT } from "./init-script.ts";
import type { Feature, GuestKernel } from "./kernel.ts";

export interface LayerMount {
  /** Of its disk. */
  readonly serial: string;
  readonly type: "erofs" | "ext4";
  /** Absolute, without spaces. */
  readonly path: string;
}

export interface InitramfsRequest {
  readonly kernel: GuestKernel;
  readonly busybox: string;
  readonly guestFile: string;
  readonly root: "erofs" | "ext4" | "9p";
  readonly layers: readonly LayerMount[];
  /** Absolute path of node in the sandbox. */
  readonly node: string;
  readonly nowMs: number;
}

export interface Initramfs {
  readonly content: Buffer;
  /** sha256 in hex of all but the part that says what this one sandbox is made of. */
  readonly digest: string;
}

export async function buildInitramfs(request: InitramfsRequest): Promise<Initramfs> {
  const features: Feature[] = ["base"];
  if (request.root === "9p") features.push("9p");
  if (request.root === "erofs" || request.layers.some((layer) => layer.type === "erofs")) features.push("erofs");
  const modules = [...new Set(features.flatMap((feature) => request.kernel.features[feature].modules))];

  const archive = createCpioArchive();
  for (const directory of ["dev", "proc", "sys", "bin", "lower", "disk", "new"]) archive.addDirectory(directory);
  archive.addCharacterDevice("dev/console", { major: 5, minor: 1, mode: 0o600 });
  archive.addFile("bin/busybox", await readFile(request.busybox), 0o755);
  archive.addFile("init", INIT_SCRIPT, 0o755);
  archive.addFile("airlock/supervise", SUPERVISE_SCRIPT);
  for (const name of modules) archive.addFile(`airlock/modules/${name}.ko`, await request.kernel.readModule(name));
  for (const file of await guestFiles(request.guestFile)) archive.addFile(`airlock/guest/${file.name}`, file.content);
  const fixed = archive.finish();

  const variable = createCpioArchive();
  variable.addFile("airlock/config", renderConfig(request, modules));
  const digest = createHash("sha256").update(fixed).digest("hex");
  return { content: Buffer.concat([fixed, variable.finish()]), digest };
}

export async function buildProbeInitramfs(busybox: string): Promise<Buffer> {
  const archive = createCpioArchive();
  for (const directory of ["dev", "proc", "bin"]) archive.addDirectory(directory);
  archive.addCharacterDevice("dev/console", { major: 5, minor: 1, mode: 0o600 });
  archive.addFile("bin/busybox", await readFile(busybox), 0o755);
  archive.addFile("init", PROBE_SCRIPT, 0o755);
  return archive.finish();
}

function renderConfig(request: InitramfsRequest, modules: readonly string[]): string {
  const lines = modules.map((name) => `module ${name}`);
  lines.push(`root ${request.root}`, `node ${request.node}`, `now ${Math.floor(request.nowMs / 1000)}`);
  for (const layer of request.layers) {
    lines.push(`layer ${layer.serial} ${layer.type} ${layer.path}`);
  }
  return `${lines.join("\n")}\n`;
}

/** The guest program: one bundled file, called `index.js` in the sandbox, with the package.json that lies beside it. */
async function guestFiles(guestFile: string): Promise<readonly { readonly name: string; readonly content: Buffer }[]> {
  const folder = dirname(guestFile);
  const extension = extname(guestFile) === ".mjs" ? ".mjs" : ".js";
  const files = [{ name: `index${extension}`, content: await readFile(guestFile) }];
  const beside = await readdir(folder);
  if (beside.includes("package.json")) files.push({ name: "package.json", content: await readFile(join(folder, "package.json")) });
  return files;
}
