/** A place of the repository with something to install. */
export interface Project {
  /** Row of the table of installs. */
  readonly tool: ToolName;
  /** Folder below the root, in names of a strict form; empty: the root. */
  readonly folder: string;
  /** The file that decided, without its folder. */
  readonly file: string;
  /** Further words of the tool, of a strict form: files and extras. */
  readonly words: readonly string[];
  /** There is a lockfile, so the install is frozen. */
  readonly locked: boolean;
}

/** How packages are installed. Several of them may share a preset. */
export type ToolName =
  | "npm"
  | "pnpm"
  | "yarn"
  | "yarn-berry"
  | "bun"
  | "pip"
  | "uv"
  | "poetry"
  | "cargo"
  | "go"
  | "maven"
  | "gradle"
  | "bundler"
  | "composer"
  | "dotnet";

/** The preset that opens a tool's registries for reading. */
export const PRESET_OF: Readonly<Record<ToolName, string>> = {
  npm: "npm",
  pnpm: "npm",
  yarn: "npm",
  "yarn-berry": "npm",
  bun: "npm",
  pip: "pypi",
  uv: "pypi",
  poetry: "pypi",
  cargo: "cargo",
  go: "go",
  maven: "maven",
  gradle: "maven",
  bundler: "rubygems",
  composer: "composer",
  dotnet: "nuget",
};

/** What is known of one folder of the base. */
export interface Folder {
  readonly has: (name: string) => boolean;
  /** Text of a file; undefined: it is not there, or could not be read within its limit. */
  readonly text: (name: string) => string | undefined;
  readonly names: readonly string[];
}

/** Folder and project as one path, for people. */
export function pathOf({ folder, file }: Pick<Project, "folder" | "file">): string {
  return folder === "" ? file : `${folder}/${file}`;
}

/** The presets of these projects, each once. */
export function presetsOf(projects: readonly Project[]): readonly string[] {
  return [...new Set(projects.map(({ tool }) => PRESET_OF[tool]))];
}
