import { AGENT_NAMES, AGENTS } from "../../src/config/agents.ts";
import { inputsIn, type Needs } from "../../src/config/rows.ts";

/** The table of docs/how-to/model-credentials.md: what each agent takes, the first choice first. */
export function renderCredentials(): string {
  const rows = AGENT_NAMES.map((name) => {
    const { credentials } = AGENTS[name];
    const inputs = inputsIn<string>(credentials).map((input) => `\`${input}\``);
    return `| \`${name}\` | ${inputs.join(", ")} | ${describe(credentials)} |`;
  });
  return ["| `agent` | credentials, the first choice first | needed |", "|---|---|---|", ...rows].join("\n");
}

function describe(needs: Needs): string {
  if ("allOf" in needs) return "all";
  return "anyOf" in needs ? "one" : "none";
}
