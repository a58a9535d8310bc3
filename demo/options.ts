import { parseArgs } from "node:util";
import { AGENT_NAMES } from "../src/config/agents.ts";
import { PROVIDER_NAMES } from "../src/config/providers.ts";
import { listStandIns } from "./cloud.ts";

export const HELP = `Usage: script/demo [options]

Runs the whole job once: an issue gets a label, the agent works in a microVM, a pull request comes out.
With --review a pull request gets the label, and a review comes out.
GitHub is a stand-in on loopback (npm emulate) and the model is scripted, unless ANTHROPIC_API_KEY is set.
${standInLine()}

  --agent <name>         ${listNames(AGENT_NAMES, "claude-code")}
  --provider <name>      ${listNames(PROVIDER_NAMES, "microvm")}
  --prompt <text>        a task without an issue (workflow_dispatch)
  --review               a stranger's pull request from a fork, with planted defects, is reviewed
  --repo <path>          a local git repository as the target; with a real key a dry run: nothing is published
  --base <revision>      with --repo: HEAD is reviewed as a change of this (default HEAD^)
  --issue <file>         the issue: first line the title, the rest the body
  --event <file>         a whole event payload; its name is taken from its shape, and its issue or pull request is made to match
  --event-name <name>    the event's name, where the shape does not tell
  --input name=value     any input of the action, repeatable
  --script <file>        model turns, in the format of test/support/model/scripted-anthropic.mjs
  --out <dir>            copy the run's files there, with what the stand-in holds
  --keep                 keep the temporary folder and say where it is
  --help                 this text

Exit status 0 when the run's conclusion is success or neutral.
`;

function listNames(names: readonly string[], chosen: string): string {
  return names.map((name) => (name === chosen ? `${name} (default)` : name)).join(", ");
}

function standInLine(): string {
  const clouds = listStandIns().map(({ provider, variables }) => `${provider} (unless ${variables.join(", ")} is set)`);
  return `Cloud providers are stand-ins too: ${clouds.join(", ")}.`;
}

/** What the command line asked for. */
export interface DemoOptions {
  readonly help: boolean;
  readonly agent: string;
  readonly provider: string;
  readonly prompt: string | undefined;
  readonly review: boolean;
  readonly repo: string | undefined;
  readonly base: string;
  readonly issue: string | undefined;
  readonly event: string | undefined;
  readonly eventName: string | undefined;
  readonly inputs: Readonly<Record<string, string>>;
  readonly script: string | undefined;
  readonly out: string | undefined;
  readonly keep: boolean;
}

export function parseOptions(argv: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: "boolean", default: false },
      agent: { type: "string", default: "claude-code" },
      provider: { type: "string", default: "microvm" },
      prompt: { type: "string" },
      review: { type: "boolean", default: false },
      repo: { type: "string" },
      base: { type: "string", default: "HEAD^" },
      issue: { type: "string" },
      event: { type: "string" },
      "event-name": { type: "string" },
      input: { type: "string", multiple: true, default: [] },
      script: { type: "string" },
      out: { type: "string" },
      keep: { type: "boolean", default: false },
    },
  });
  const { "event-name": eventName, input, ...rest } = values;
  return {
    ...rest,
    eventName,
    prompt: rest.prompt,
    repo: rest.repo,
    issue: rest.issue,
    event: rest.event,
    script: rest.script,
    out: rest.out,
    inputs: parseInputs(input),
  };
}

function parseInputs(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new Error(`--input takes name=value, not ${pair}`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
