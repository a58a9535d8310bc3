import type { AgentName } from "./settings.ts";

/** Families that Claude Code's `--model` takes as short names. */
const FAMILIES = ["haiku", "sonnet", "opus"] as const;
/** Claude Code asks the smallest family for titles and summaries, whatever the main model is. */
const SIDE_MODELS = "claude-haiku-*";

/**
 * Models the gateway lets an agent ask for: the one that was chosen and the small one its CLI uses beside it, so that an agent cannot
 * help itself to a dearer one. Empty: any, for agents whose habits are not known.
 */
export function allowModels(agent: AgentName, chosen: string): readonly string[] {
  if (agent !== "claude-code") return chosen === "" ? [] : [chosen];
  if (chosen === "") return ["claude-sonnet-*", SIDE_MODELS];
  const family = FAMILIES.find((name) => name === chosen);
  return [family === undefined ? chosen : `claude-${family}-*`, SIDE_MODELS];
}
