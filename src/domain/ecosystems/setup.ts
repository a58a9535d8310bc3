import { hasAuto, NONE, type PresetState, type RegistryPlace } from "../egress/auto.ts";
import { nameInstall, renderInstalls, variablesFor } from "./installs.ts";
import { PRESET_OF, type Project, pathOf } from "./project.ts";

/** A project, and whether its registries can be reached. */
export interface Choice {
  readonly project: Project;
  readonly preset: string;
  readonly state: PresetState;
  /** Its configured registries. */
  readonly places: readonly RegistryPlace[];
}

/** What the host rules and this runner's configuration say of a preset. */
export type PresetFacts = Pick<Choice, "state" | "places">;

/** Every project with what is known of its preset. */
export function chooseInstalls(projects: readonly Project[], factsOf: (preset: string) => PresetFacts): readonly Choice[] {
  return projects.map((project) => ({ project, preset: PRESET_OF[project.tool], ...factsOf(PRESET_OF[project.tool]) }));
}

export interface ResolvedSetup {
  /** Shell lines; empty: nothing to run. */
  readonly setup: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The lines of `setup` with `auto` replaced by the installs whose registries can be reached: what could only fail is not tried. A second
 * `auto` adds nothing. The first line `none` stands for no lines of the workflow; the repository's file may have added its own.
 */
export function resolveSetup(setup: string, choices: readonly Choice[]): ResolvedSetup {
  const projects = choices.filter(({ state }) => state === "open").map(({ project }) => project);
  const lines = setup.split("\n");
  const at = lines.findIndex(hasAuto);
  const kept = lines.flatMap((line, index) => {
    if (hasAuto(line)) return index === at ? [renderInstalls(projects)] : [];
    return index === 0 && line.trim() === NONE ? [] : [line];
  });
  return { setup: kept.join("\n").trim(), env: at === -1 ? {} : variablesFor(projects) };
}

/** What `auto` is a line of. */
export interface Asked {
  readonly installs: boolean;
  readonly opens: boolean;
}

/** What was found and chosen, and why, on one line; at least one choice. The words are our own and names of a strict form. */
export function describeChoices(choices: readonly Choice[], chosen: Asked): string {
  const words = choices.map(({ project, preset, state }) => `${pathOf(project)}: ${tell(project, { preset, state }, chosen.installs)}`);
  const allowed = [...new Set(choices.filter(({ state }) => state === "open").map(({ preset }) => preset))];
  const opened = chosen.opens && allowed.length > 0 ? `; opened for reading: ${allowed.join(", ")}` : "";
  return `Found at the base: ${words.join("; ")}${opened}.`;
}

function tell(project: Project, { preset, state }: Pick<Choice, "preset" | "state">, installs: boolean): string {
  if (state === "unconfigured") return `not installed, no registry is configured on this runner for \`${preset}\``;
  if (state === "closed") return `not installed, its registry cannot be reached (add \`${preset}\` to \`allow\`)`;
  return installs ? nameInstall(project) : "set-up is the workflow's own";
}
