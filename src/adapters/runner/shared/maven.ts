import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** Runs one program in an empty directory; empty text if it is missing or fails. */
type Ask = (program: string, ...args: readonly string[]) => Promise<string>;

/** Where Maven's built-in repositories are defined. Source: the super POM, in the jar `maven-model-builder` of every Maven 3 and 4. */
const SUPER_POM = ["org/apache/maven/model/pom-4.0.0.xml", "org/apache/maven/model/pom-4.1.0.xml"] as const;
const MAX_SETTINGS_CHARS = 1 << 20;

/**
 * The repositories of this runner's Maven: mirrors and repositories from its own and the user's `settings.xml`, and the built-in one unless
 * a mirror replaces it. Only settings outside a repository are read (I11); a value with a placeholder is left out.
 */
export async function askMaven(ask: Ask): Promise<readonly string[]> {
  const home = /^Maven home: (.+)$/m.exec(await ask("mvn", "--batch-mode", "--version"))?.[1]?.trim();
  if (home === undefined) return [];
  const files = [join(home, "conf", "settings.xml"), join(homedir(), ".m2", "settings.xml")];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const settings = texts.map((text) => text.slice(0, MAX_SETTINGS_CHARS).replaceAll(/<!--[\s\S]*?-->/g, ""));
  const mirrors = settings.flatMap((text) => blocks(text, "mirror").filter(isUsable));
  const others = settings.flatMap((text) => [...blocks(text, "repository"), ...blocks(text, "pluginRepository")]);
  const everything = mirrors.filter((mirror) => standsFor(mirror, ["*", "external:*"]));
  if (everything.length > 0) return urlsOf(everything);
  const central = mirrors.some((mirror) => standsFor(mirror, ["central"])) ? [] : await findBuiltIn(ask, home);
  return [...new Set([...urlsOf(mirrors), ...urlsOf(others), ...central])];
}

function blocks(text: string, element: string): readonly string[] {
  return [...text.matchAll(new RegExp(`<${element}>([\\s\\S]*?)</${element}>`, "g"))].map((match) => match[1] ?? "");
}

/** Maven itself ships a mirror that blocks plain http; it leads nowhere. */
function isUsable(mirror: string): boolean {
  return !/<blocked>\s*true\s*<\/blocked>/.test(mirror);
}

function standsFor(mirror: string, names: readonly string[]): boolean {
  const list = /<mirrorOf>([^<]*)<\/mirrorOf>/.exec(mirror)?.[1] ?? "";
  return list.split(",").some((name) => names.includes(name.trim()));
}

function urlsOf(parts: readonly string[]): readonly string[] {
  return parts.flatMap((part) => /<url>\s*(https?:\/\/[^\s<$]+)\s*<\/url>/.exec(part)?.[1] ?? []);
}

async function findBuiltIn(ask: Ask, home: string): Promise<readonly string[]> {
  const names = await readdir(join(home, "lib")).catch(() => []);
  const jar = names.find((name) => /^maven-model-builder-.*\.jar$/.test(name));
  if (jar === undefined) return [];
  const poms = await Promise.all(SUPER_POM.map((entry) => ask("unzip", "-p", join(home, "lib", jar), entry)));
  const parts = poms.flatMap((pom) => [...blocks(pom, "repository"), ...blocks(pom, "pluginRepository")]);
  return [...new Set(urlsOf(parts))];
}
