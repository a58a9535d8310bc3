import { AirlockError } from "../errors.ts";

/** Models that an agent asks for; each entry is an exact name, or a prefix followed by `*`. */
export interface AgentModels {
  /** When the input `model` names none. undefined: its habits are not known, and it may ask for any. */
  readonly main: string | undefined;
  /** Those it asks for beside the main one, such as for titles. */
  readonly beside: readonly string[];
  /** Names that its CLI takes in any case, each with the models that it then asks for; the first is the main one. */
  readonly shortNames: Readonly<Record<string, readonly [string, ...string[]]>>;
}

export interface ModelChoice {
  readonly agent: AgentModels;
  /** The input `model`; empty: the agent's own choice. */
  readonly model: string;
  /** The list `models` of the repository's file. */
  readonly listed?: readonly string[] | undefined;
}

/**
 * Models that the gateway lets an agent ask for: the chosen one and those that its CLI also uses, so that the agent cannot pick a more
 * expensive one. The list narrows them. Empty: any.
 * @throws AirlockError `config.invalid` when the list leaves out the model that the agent works with
 */
export function allowModels({ agent, model, listed }: ModelChoice): readonly string[] {
  const [main, ...others] = model === "" ? [agent.main] : expand(agent, model);
  if (main === undefined) return listed ?? [];
  const chosen = [main, ...others.filter((other) => other !== undefined), ...agent.beside];
  if (listed === undefined) return chosen;
  if (commonModels([main], listed).length > 0) return commonModels(chosen, listed);
  throw new AirlockError("config.invalid", {
    message: `The list \`models\` in the repository's file leaves out the model of this run (${main.slice(0, 100)}).`,
    remedy: "Add it to the list on the default branch, or choose a model of the list with `model`.",
  });
}

/** `[1m]` asks for a larger context of the same model and is not part of its name at the service. */
const CONTEXT = /\[1m\]$/i;

/** Its CLI may also write a name that it knows in small letters. */
function expand({ shortNames }: AgentModels, model: string): readonly string[] {
  const name = model.replace(CONTEXT, "");
  const short = name.toLowerCase();
  return (Object.hasOwn(shortNames, short) ? shortNames[short] : undefined) ?? (short === name ? [name] : [short, name]);
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
