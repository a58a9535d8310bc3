import type { Finding } from "../patch.ts";
import { foldPath } from "../paths/fold.ts";
import type { FileContext } from "./context.ts";
import { type Effect, newEffects } from "./effect.ts";
import { finding, quoteName } from "./finding.ts";
import { readerOf } from "./manifests/readers.ts";

/** Files whose mere presence runs code when the project is installed, built or started; package.json5 is pnpm's, in a grammar of its own. */
const RUNS =
  /(?:^|\/)(?:setup\.py|binding\.gyp|build\.rs|extconf\.rb|conanfile\.py|sitecustomize\.py|usercustomize\.py|[^/]+\.pth|[^/]+\.gemspec|init\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?|directory\.build\.(?:props|targets)|workspace(?:\.bazel)?|module\.bazel|package\.json5)$/;
const MAX_LISTED = 10;

/** Code that runs on the machine of whoever installs or builds the project, and where its dependencies come from. */
export function checkInstallScripts({ change, before, after }: FileContext): readonly Finding[] {
  if (change.after === undefined) return [];
  const path = foldPath(change.path).join("/");
  const present = RUNS.test(path)
    ? [runsFinding(change.path, `The file runs when the project is installed or built; it is ${change.kind}.`)]
    : [];
  const read = readerOf(path);
  if (read === undefined) return present;
  const now = read(after);
  if (now === undefined) return [...present, unparsed(change.path)];
  return [...present, ...describe(change.path, newEffects(read(before) ?? [], now))];
}

function describe(path: string, effects: readonly Effect[]): readonly Finding[] {
  const fetched = effects.filter(({ code }) => code === "dependency-source").map(({ key, value }) => quoteName(`${key}: ${value}`));
  const run = effects.filter(({ code }) => code === "install-script").map(({ key, value }) => quoteName(key === "option" ? value : key));
  return [
    ...(run.length === 0
      ? []
      : [runsFinding(path, `What runs or may run at installation, or where packages come from, changed: ${list(run)}.`)]),
    ...(fetched.length === 0
      ? []
      : [finding({ code: "dependency-source", path, reason: `A dependency comes from an address: ${list(fetched)}.` })]),
  ];
}

function list(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const more = distinct.length > MAX_LISTED ? ` and ${distinct.length - MAX_LISTED} more` : "";
  return distinct.slice(0, MAX_LISTED).join(", ") + more;
}

function runsFinding(path: string, reason: string): Finding {
  return finding({ code: "install-script", path, reason });
}

/** A file that cannot be parsed was not judged: its tool may read it in another way. */
export function unparsed(path: string): Finding {
  return finding({ code: "unparsed", path, reason: "The file says what is installed, and it cannot be read by its grammar." });
}
