import { AirlockError } from "../../../../domain/errors.ts";
import { type BareMachine, runScript } from "./machine.ts";
import { SURVEY_SCRIPT } from "./scripts.ts";

/** What a machine holds before anything is sent to it, as it reports itself; used only to decide what to send. */
export interface Survey {
  readonly uid: number;
  /** As `uname -m` prints it. */
  readonly architecture: string;
  readonly kernel: string;
  /** Empty: there is none. */
  readonly git: string;
  readonly programs: ReadonlySet<string>;
  readonly musl: boolean;
  /** The first Node that is recent enough, else the first one found. */
  readonly node: FoundNode | undefined;
  /** Digests of the layers in the image, by mount path. */
  readonly layers: ReadonlyMap<string, string>;
  /** Programs of the image that are also large files of layers, by name. */
  readonly found: ReadonlyMap<string, { readonly bytes: number; readonly path: string }>;
}

export interface FoundNode {
  readonly version: string;
  readonly path: string;
  readonly usable: boolean;
}

/** The oldest version for which the guest program and Claude Code are made. */
export const MIN_NODE_MAJOR = 22;

export interface SurveyOptions {
  readonly machine: BareMachine;
  readonly signal: AbortSignal;
  readonly places: readonly string[];
  readonly programs: readonly string[];
}

/** @throws AirlockError `sandbox.unavailable` */
export async function surveyMachine(options: SurveyOptions): Promise<Survey> {
  const { machine, signal, places, programs } = options;
  const output = await runScript({ machine, signal, script: SURVEY_SCRIPT, args: [...places, "--", ...programs] });
  return parseSurvey(output);
}

export function parseSurvey(output: string): Survey {
  const lines = output.split("\n").map((line) => {
    const at = line.indexOf("=");
    return at < 0 ? (["", ""] as const) : ([line.slice(0, at), line.slice(at + 1).trim()] as const);
  });
  const all = (key: string): readonly string[] => lines.filter(([name]) => name === key).map(([, value]) => value);
  const one = (key: string): string => all(key).at(-1) ?? "";
  if (one("uid") === "" || one("architecture") === "") throw unreadable();
  const nodes = all("node").map(parseNode);
  return {
    uid: Number(one("uid")),
    architecture: one("architecture"),
    kernel: one("kernel"),
    git: one("git"),
    programs: new Set(all("has")),
    musl: one("musl") === "yes",
    node: nodes.find((node) => node.usable) ?? nodes[0],
    layers: new Map(all("layer").map((value) => [after(value, 1), value.split(" ", 1)[0] ?? ""])),
    found: new Map(
      all("program").map((value) => [value.split(" ", 1)[0] ?? "", { bytes: Number(value.split(" ")[1]), path: after(value, 2) }]),
    ),
  };
}

function parseNode(value: string): FoundNode {
  const version = (value.split(" ", 1)[0] ?? "").replace(/^v/, "");
  return { version, path: after(value, 1), usable: Number.parseInt(version, 10) >= MIN_NODE_MAJOR };
}

/** The rest after the first `words` words; paths may contain spaces. */
function after(value: string, words: number): string {
  return value.split(" ").slice(words).join(" ");
}

function unreadable(): AirlockError {
  return new AirlockError("sandbox.unavailable", {
    message: "The sandbox did not say what it is: the survey of its programs came back empty.",
    remedy: "Run again. With a template of your own, make sure that it has a POSIX shell and coreutils.",
  });
}
