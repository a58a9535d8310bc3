import { AirlockError } from "../errors.ts";
import type { AgentSettings } from "../settings.ts";

/** Families that Claude Code's `--model` takes as short names. */
const FAMILIES = ["haiku", "sonnet", "opus"] as const;
/** Claude Code asks the smallest family for titles and summaries, whatever the main model is. */
const SIDE_MODELS = "claude-haiku-*";

/**
 * Models the gateway lets an agent ask for: the one that was chosen and the small one its CLI uses beside it, so that an agent cannot
 * help itself to a dearer one; of these, what the list `models` of the repository's file allows. Empty: any, for agents whose habits are not known.
 * @throws AirlockError `config.invalid` when the list leaves out the model that the agent works with
 */
export function allowModels(agent: Pick<AgentSettings, "name" | "model">, listed?: readonly string[]): readonly string[] {
  const chosen = modelsOf(agent);
  if (listed === undefined) return chosen;
  const [main] = chosen;
  if (main === undefined) return listed;
  if (commonModels([main], listed).length > 0) return commonModels(chosen, listed);
  throw new AirlockError("config.invalid", {
    message: `The list \`models\` in the repository's file leaves out the model of this run (${main.slice(0, 100)}).`,
    remedy: "Add it to the list on the default branch, or choose a model of the list with `model`.",
  });
}

function modelsOf({ name, model }: Pick<AgentSettings, "name" | "model">): readonly string[] {
  if (name !== "claude-code") return model === "" ? [] : [model];
  if (model === "") return ["claude-sonnet-*", SIDE_MODELS];
  const family = FAMILIES.find((known) => known === model);
  return [family === undefined ? model : `claude-${family}-*`, SIDE_MODELS];
}

/** What both lists allow; each entry is an exact name, or a prefix followed by `*`. */
export function commonModels(some: readonly string[], others: readonly string[]): readonly string[] {
  const pairs = some.flatMap((one) => others.map((other) => narrower(one, other)));
  return [...new Set(pairs.filter((rule) => rule !== undefined))];
}

/** The narrower of two entries where it lies within the other. */
function narrower(one: string, other: string): string | undefined {
  if (covers(one, other)) return other;
  return covers(other, one) ? one : undefined;
}

function covers(wide: string, narrow: string): boolean {
  return wide.endsWith("*") ? narrow.startsWith(wide.slice(0, -1)) : wide === narrow;
}
