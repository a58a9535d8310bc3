import { comesFrom, type Effect, type ReadEffects, runs } from "../effect.ts";

/** Options of a requirements file that neither fetch from elsewhere nor run anything. pip takes any clear beginning of the others, too. */
const QUIET_OPTION = /^(?:-[rc]|--(?:requirement|constraint|hash|only-binary|no-binary|prefer-binary|require-hashes|pre))(?:[\s=]|$)/;

/** pip's requirements and constraints: one per line, continued by a backslash (pip's documentation of the format). */
export const readRequirements: ReadEffects = (text) => joinContinued(text).flatMap((line) => requirementEffect(line) ?? []);

function joinContinued(text: string): readonly string[] {
  return text
    .replaceAll(/\\\r?\n/g, " ")
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

function requirementEffect(line: string): Effect | undefined {
  const address = /:\/\/|\bgit\+|^[./~]|\s@\s*\S|^[\w.-]+(?:\[[^\]]*\])?@\S|^\S+\.(?:whl|zip|tar\.gz|tgz)\b/i.test(line);
  const quiet = QUIET_OPTION.test(line);
  if (line.startsWith("-") && !quiet && !/^(?:-e|--editable)[\s=]/.test(line)) return runs("option", line);
  if (/\s--?(?:global-option|config-settings?|install-option|C)\b/i.test(line)) return runs("option", line);
  return address ? comesFrom("requirement", line) : undefined;
}

/** go.mod and go.work (the Go modules reference): a replaced module comes from another place under its name. */
export const readGoMod: ReadEffects = (text) => {
  const effects: Effect[] = [];
  let block = "";
  for (const raw of text.split("\n")) {
    const line = raw.replace(/\/\/.*$/, "").trim();
    const [, opened] = /^(\w+)\s*\($/.exec(line) ?? [];
    if (opened !== undefined) block = opened;
    else if (line.startsWith(")")) block = "";
    else if (block === "replace" || /^replace\s/.test(line)) effects.push(replacement(line.replace(/^replace\s+/, "")));
  }
  return effects;
};

/** A module that is replaced by another version of itself is a version bump. */
function replacement(line: string): Effect {
  const [from = "", to = ""] = line.split("=>").map((side) => side.trim());
  return comesFrom(`replace ${from.split(/\s+/)[0]}`, to.split(/\s+/)[0]);
}

/** A Gemfile is a program: whatever names a place to fetch from, loads another file or runs a command counts, however it is spelt. */
const GEM_SOURCE =
  /(?:^|[^\w.])(?:source|git|github|gist|bitbucket|gitlab|path|git_source|plugin|eval_gemfile|instance_eval|eval|system|exec|load|require|require_relative|send|method)\b|`|%x/;
const RUBYGEMS = /^source\s*\(?\s*(["'])https:\/\/rubygems\.org\/?\1\s*\)?(?:\s+do)?$/;

export const readGemfile: ReadEffects = (text) =>
  text
    .replaceAll(/,\s*(?:#[^\n]*)?\n\s*/g, ", ")
    .split("\n")
    .map((line) => line.replace(/^\s*#.*|\s#\s.*$/, "").trim())
    .filter((line) => GEM_SOURCE.test(line.replaceAll(/\brequire:/g, "")) && !RUBYGEMS.test(line))
    .map((line) => comesFrom("gem", line));
