import { installedExtras, isJavascriptProject, isPythonProject, namesRequirements, requiresPackages } from "./manifests.ts";
import type { Folder, Project, ToolName } from "./project.ts";

type Found = Pick<Project, "tool" | "file"> & Partial<Pick<Project, "words" | "locked">>;

/** One family of tools: at most one of them installs a folder. */
type Detect = (folder: Folder) => Found | undefined;

const FAMILIES: readonly Detect[] = [javascript, python, rust, go, java, ruby, php, dotnet];

/** Files that make a folder below the root a project of its own: each says exactly what is installed. */
const LOCKS =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|uv\.lock|poetry\.lock|requirements\.txt|Cargo\.lock|go\.mod|Gemfile\.lock|composer\.lock|packages\.lock\.json|pom\.xml|gradlew)$/;
const SAFE_FOLDER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,63})?$/;
const FILE = /^[A-Za-z0-9_.][\w.-]{0,99}$/;
/** Folders that hold other people's projects, or samples. */
const NOT_OURS = /(?:^|\/)(?:node_modules|vendor|third_party|testdata|tests?|fixtures|examples?|samples?|docs?|dist|build|target)(?:\/|$)/;
/** Per family, beside the root. */
const MAX_FOLDERS = 5;

/** Whether a path may say what is installed: a file at the root, or one up to two folders below it that decides for its folder. */
export function isCandidate(path: string): boolean {
  const slash = path.lastIndexOf("/");
  if (slash === -1) return FILE.test(path);
  const folder = path.slice(0, slash);
  return SAFE_FOLDER.test(folder) && !NOT_OURS.test(folder) && FILE.test(path.slice(slash + 1));
}

export interface BaseFiles {
  /** Paths of the trusted base's tree; others than candidates are ignored. */
  readonly paths: readonly string[];
  /** Texts of those in `textsToRead`, as far as they could be read. */
  readonly texts: ReadonlyMap<string, string>;
}

/** The files whose text decides, among the candidates, at most `max`. Those at the root come first. */
export function textsToRead(paths: readonly string[], max: number): readonly string[] {
  const wanted = paths.filter(
    (path) =>
      isCandidate(path) && /(?:^|\/)(?:package\.json|pyproject\.toml|yarn\.lock|go\.mod|Cargo\.toml|composer\.json|Gemfile)$/.test(path),
  );
  const folders = new Set(paths.filter((path) => LOCKS.test(path)).map(folderOf));
  const useful = wanted.filter((path) => folderOf(path) === "" || folders.has(folderOf(path)));
  return [...useful].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1)).slice(0, max);
}

/**
 * What has to be installed, by the files of the trusted base. For each family of tools the root decides, workspaces included; only where
 * the root has none of a family, folders below it with a lockfile of their own do. A project that names no package is left out.
 */
export function findProjects({ paths, texts }: BaseFiles): readonly Project[] {
  const folders = Map.groupBy(paths.filter(isCandidate), folderOf);
  const below = [...folders.keys()].filter((folder) => folder !== "").sort();
  return FAMILIES.flatMap((detect) => {
    const at = (folder: string): readonly Project[] => {
      const found = detect(describe(folder, folders.get(folder) ?? [], texts));
      return found === undefined ? [] : [{ words: [], locked: false, ...found, folder }];
    };
    const root = at("");
    if (root.length > 0) return root;
    return below
      .filter((folder) => (folders.get(folder) ?? []).some((path) => LOCKS.test(path)))
      .flatMap(at)
      .slice(0, MAX_FOLDERS);
  });
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

function depth(path: string): number {
  return path.split("/").length;
}

function describe(folder: string, paths: readonly string[], texts: BaseFiles["texts"]): Folder {
  const prefix = folder === "" ? "" : `${folder}/`;
  const names = new Set(paths.map((path) => path.slice(prefix.length)));
  return { names: [...names], has: (name) => names.has(name), text: (name) => texts.get(`${prefix}${name}`) };
}

/** The first lockfile that is there decides; without one, what `packageManager` names. */
function javascript({ has, text }: Folder): Found | undefined {
  const manifest = text("package.json");
  if (manifest === undefined || !isJavascriptProject(manifest)) return undefined;
  const locks: readonly (readonly [string, ToolName])[] = [
    ["pnpm-lock.yaml", "pnpm"],
    ["bun.lock", "bun"],
    ["bun.lockb", "bun"],
    ["yarn.lock", isBerry(text("yarn.lock")) ? "yarn-berry" : "yarn"],
    ["package-lock.json", "npm"],
    ["npm-shrinkwrap.json", "npm"],
  ];
  const lock = locks.find(([name]) => has(name));
  return lock === undefined ? { tool: "npm", file: "package.json" } : { tool: lock[1], file: lock[0], locked: true };
}

function isBerry(text: string | undefined): boolean {
  return text !== undefined && /^__metadata:/m.test(text.slice(0, 2_000));
}

function python({ has, text, names }: Folder): Found | undefined {
  if (has("uv.lock")) return { tool: "uv", file: "uv.lock", locked: true };
  if (has("poetry.lock")) return { tool: "poetry", file: "poetry.lock", locked: true };
  const lists = names.filter(namesRequirements).sort();
  const pyproject = text("pyproject.toml");
  const own = has("setup.py") || has("setup.cfg") || (pyproject !== undefined && isPythonProject(pyproject));
  const extras = own && pyproject !== undefined ? installedExtras(pyproject) : [];
  const words = [...lists.flatMap((name) => ["-r", name]), ...(own ? ["-e", extras.length === 0 ? "." : `.[${extras.join(",")}]`] : [])];
  const file = lists[0] ?? ["pyproject.toml", "setup.py", "setup.cfg"].find(has);
  return words.length === 0 || file === undefined ? undefined : { tool: "pip", file, words };
}

function rust({ has, text }: Folder): Found | undefined {
  const manifest = text("Cargo.toml");
  if (manifest === undefined || !/^\[(?:.{0,100}\.)?(?:dev-|build-)?dependencies\b|^\[workspace\]/m.test(manifest)) return undefined;
  return has("Cargo.lock") ? { tool: "cargo", file: "Cargo.lock", locked: true } : { tool: "cargo", file: "Cargo.toml" };
}

function go({ has, text }: Folder): Found | undefined {
  if (has("go.work")) return { tool: "go", file: "go.work", locked: true };
  const manifest = text("go.mod");
  return manifest !== undefined && /^require\b/m.test(manifest) ? { tool: "go", file: "go.mod", locked: true } : undefined;
}

/** Both have plug-ins, which are packages too. */
function java({ has }: Folder): Found | undefined {
  if (has("pom.xml")) return { tool: "maven", file: "pom.xml", words: has("mvnw") ? ["sh", "./mvnw"] : ["mvn"] };
  const file = ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"].find(has);
  return file === undefined ? undefined : { tool: "gradle", file, words: has("gradlew") ? ["sh", "./gradlew"] : ["gradle"] };
}

function ruby({ has, text }: Folder): Found | undefined {
  if (has("Gemfile.lock")) return { tool: "bundler", file: "Gemfile.lock", locked: true };
  return /^\s{0,40}gem\b/m.test(text("Gemfile") ?? "") ? { tool: "bundler", file: "Gemfile" } : undefined;
}

function php({ has, text }: Folder): Found | undefined {
  if (!requiresPackages(text("composer.json"))) return undefined;
  return has("composer.lock") ? { tool: "composer", file: "composer.lock", locked: true } : { tool: "composer", file: "composer.json" };
}

/** Without a lockfile, `dotnet restore` in the root finds a single solution or project only. */
function dotnet({ has, names }: Folder): Found | undefined {
  const solutions = names.filter((name) => /\.slnx?$/.test(name));
  const projects = names.filter((name) => /\.(?:cs|fs|vb)proj$/.test(name));
  const file = (solutions.length > 0 ? solutions : projects).sort()[0];
  if (file === undefined) return undefined;
  const locked = has("packages.lock.json");
  return { tool: "dotnet", file, words: [file], locked };
}
