import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { AirlockError } from "../../../domain/errors.ts";
import type { Layer } from "../../../ports/sandbox.ts";
import { type ArchiveOptions, bringArchive } from "./bootstrap/archive.ts";
import { findLargeFiles, placeLayer } from "./bootstrap/layers.ts";
import { type BareMachine, putFile, runScript } from "./bootstrap/machine.ts";
import { DROP_ROOT_SCRIPT, PREPARE_SCRIPT, START_SCRIPT } from "./bootstrap/scripts.ts";
import { MIN_NODE_MAJOR, type Survey, surveyMachine } from "./bootstrap/survey.ts";
import { RESUMED_PORTS } from "./resumed-streams.ts";

export interface BootstrapOptions {
  readonly machine: BareMachine;
  /** The bundled guest program on the runner. */
  readonly guestFile: string;
  /** Node for a machine that has none, or one that is too old. */
  readonly nodeBinary: string;
  /** `process.arch` of `nodeBinary`. */
  readonly nodeArch: string;
  readonly layers: readonly Layer[];
  /** 32 random bytes by which guest and runner know each other. */
  readonly token: Uint8Array;
  /** How errors begin, such as "The template `base`". */
  readonly image: string;
  readonly notify: (line: string) => void;
  readonly signal: AbortSignal;
  /** Airlock's own way to root is among those that are taken away: the caller does it, once the guest has been greeted. Default false. */
  readonly dropRootLater?: boolean;
  /** An upload that makes no progress for this long is started again. Default 30 s. */
  readonly stallMs?: number;
}

/** Where the guest program is installed; only root can read it. */
const HOME = "/run/airlock";
const OWN_NODE = "/opt/airlock/node";
const FILE_TIMEOUT_MS = 60_000;

/**
 * Makes a fresh cloud machine into a guest that waits for its runner: the guest program, Node when missing, layers, the agent's user and
 * folders, no way for that user to become root, and the program started so that nothing but its own end stops it.
 * Every step may be repeated, so a lost answer costs a step and not the machine.
 * @returns versions of what was found and brought, for the record
 * @throws AirlockError `sandbox.unavailable`, `run.cancelled`, and what `machine` throws
 */
export async function bootstrapGuest(options: BootstrapOptions): Promise<Readonly<Record<string, string>>> {
  const { machine, signal } = options;
  const layers = await Promise.all(options.layers.map(async (layer) => ({ layer, largeFiles: await findLargeFiles(layer) })));
  const survey = await surveyMachine({
    machine,
    signal,
    places: options.layers.map((layer) => layer.mountPath),
    programs: layers.flatMap(({ largeFiles }) => largeFiles.map((file) => file.name)),
  });
  requireUsable(survey, options);
  await runScript({ machine, signal, script: PREPARE_SCRIPT, args: [HOME] });
  if (options.dropRootLater !== true) await runScript({ machine, signal, script: DROP_ROOT_SCRIPT, args: [] });
  const node = await provideNode(survey, options);
  await putGuestProgram(options);
  const origins: Record<string, string> = {};
  for (const each of layers) origins[`layer ${each.layer.name}`] = await placeLayer({ ...each, ...upload(options), survey });
  await startGuest(node.path, options);
  return { kernel: survey.kernel, git: survey.git, node: node.version, ...origins };
}

function upload({ machine, signal, stallMs }: BootstrapOptions): Pick<ArchiveOptions, "machine" | "signal" | "stallMs"> {
  return { machine, signal, ...(stallMs === undefined ? {} : { stallMs }) };
}

function requireUsable(survey: Survey, { image }: BootstrapOptions): void {
  if (survey.uid !== 0) throw unusable(`${image} runs no command as root`, "Use a template that does.");
  const missing = ["tar", "gzip", "sha256sum"].filter((name) => !survey.programs.has(name));
  const names = [...(survey.git === "" ? ["git"] : []), ...missing].join(", ");
  if (names !== "") throw unusable(`${image} lacks ${names}`, `Use a template that has ${names}.`);
}

function unusable(what: string, remedy: string): AirlockError {
  return new AirlockError("sandbox.unavailable", { message: `The sandbox cannot be used: ${what}.`, remedy });
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

/** The machine's own Node if it is recent enough, else the runner's. */
async function provideNode(survey: Survey, options: BootstrapOptions): Promise<{ readonly path: string; readonly version: string }> {
  const { node, musl, architecture } = survey;
  if (node?.usable === true) return node;
  const { image, nodeBinary, nodeArch } = options;
  const found = node === undefined ? "no Node" : `Node ${node.version}`;
  if (musl || ARCHITECTURES[architecture] !== nodeArch) {
    const kind = `${architecture}${musl ? " with musl" : ""}`;
    const what = `${image} has ${found}, and the runner's own, made for ${nodeArch}, does not run on ${kind}`;
    throw unusable(what, `Use a template that has Node ${MIN_NODE_MAJOR} or later.`);
  }
  options.notify(`${image} has ${found}; the runner's Node ${process.versions.node} is brought along.`);
  const place = `${OWN_NODE}/bin`;
  const digest = `node ${process.versions.node}`;
  const entry = basename(nodeBinary);
  await bringArchive({ ...upload(options), name: "node", directory: dirname(nodeBinary), entry, place, digest, borrowed: new Map() });
  return { path: `${place}/${entry}`, version: `${process.versions.node} (brought)` };
}

/** Sent as an archive, like everything that is large enough to arrive in part. */
async function putGuestProgram(options: BootstrapOptions): Promise<void> {
  const { guestFile } = options;
  const digest = createHash("sha256")
    .update(await readFile(guestFile))
    .digest("hex");
  const directory = dirname(guestFile);
  await bringArchive({ ...upload(options), name: "guest", directory, entry: ".", place: `${HOME}/guest`, digest, borrowed: new Map() });
}

/** The token is sent last, so that it is on disk for the shortest time; the guest deletes it when it starts. */
async function startGuest(node: string, { machine, signal, token }: BootstrapOptions): Promise<void> {
  const content = Buffer.from(Buffer.from(token).toString("hex"));
  await putFile({ machine, signal, path: `${HOME}/token`, content: () => content, timeoutMs: FILE_TIMEOUT_MS });
  const ports = [String(RESUMED_PORTS.control), String(RESUMED_PORTS.egress)];
  await runScript({ machine, signal, script: START_SCRIPT, args: [HOME, node, ...ports] });
}

const LAST_WORDS_TIMEOUT_MS = 10_000;

/** The end of the log of a guest that does not answer; empty if there is none. */
export async function readLastWords(machine: BareMachine, signal: AbortSignal): Promise<string> {
  const script = `tail -c 1000 "$1/guest.log" 2> /dev/null | tr -c '[:print:]\\n' '?'`;
  return (await runScript({ machine, signal, script, args: [HOME], timeoutMs: LAST_WORDS_TIMEOUT_MS }).catch(() => "")).trim();
}
