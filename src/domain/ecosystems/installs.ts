import { GUEST_ENV } from "../sandbox/env.ts";
import { type Project, pathOf, type ToolName } from "./project.ts";

/** Outside the work tree, so that nothing of it shows in `git status`. */
const VENV = `${GUEST_ENV.HOME}/.venv`;
const BIN = `${GUEST_ENV.HOME}/.local/bin`;
/** An init script of Gradle: it has no task of its own that downloads everything. Any version from 3.4 on. */
const GRADLE_INIT = `${GUEST_ENV.HOME}/airlock-resolve.gradle`;
const GRADLE_TASK =
  "allprojects { task airlockResolve { doLast { configurations.findAll { it.canBeResolved }.each { try { it.resolve() } catch (Exception ignored) { } } } } }";

interface Install {
  /** Any of these programs has to be there. */
  readonly needs: string | ((project: Project) => string);
  /** Shell lines. Words of a project have a strict form, and no line quotes any other text of the repository. */
  readonly lines: (project: Project) => readonly string[];
  /** Folders that the install makes in the work tree, by name at any depth. */
  readonly makes?: readonly string[];
  /** Lockfile that the tool writes where there is none; it is taken away unless the repository ignores it. */
  readonly writes?: string;
  /** Variables of every command of the run. */
  readonly env?: Readonly<Record<string, string>>;
}

const NODE_ENV = { npm_config_update_notifier: "false", npm_config_fund: "false", COREPACK_ENABLE_DOWNLOAD_PROMPT: "0" };
const PYTHON_ENV = { VIRTUAL_ENV: VENV, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1" };
const MAKE_VENV = `[ -e ${VENV}/bin/python ] || python3 -m venv ${VENV}`;

/** corepack brings the version that the project names. */
function viaCorepack(name: string): string {
  return `command -v ${name} >/dev/null || { mkdir -p ${BIN} && corepack enable --install-directory ${BIN} ${name}; }`;
}

const INSTALLS: Readonly<Record<ToolName, Install>> = {
  npm: {
    needs: "npm",
    lines: ({ locked }) => [locked ? "npm ci --no-audit --no-fund" : "npm install --no-package-lock --no-audit --no-fund"],
    makes: ["node_modules"],
    env: NODE_ENV,
  },
  pnpm: {
    needs: "pnpm corepack",
    lines: () => [viaCorepack("pnpm"), "pnpm install --frozen-lockfile"],
    makes: ["node_modules"],
    env: { ...NODE_ENV, npm_config_store_dir: `${GUEST_ENV.HOME}/.pnpm-store`, pnpm_config_store_dir: `${GUEST_ENV.HOME}/.pnpm-store` },
  },
  yarn: {
    needs: "yarn corepack",
    lines: () => [viaCorepack("yarn"), "yarn install --frozen-lockfile --non-interactive"],
    makes: ["node_modules"],
    env: NODE_ENV,
  },
  "yarn-berry": {
    needs: "yarn corepack",
    lines: () => [viaCorepack("yarn"), "yarn install --immutable"],
    makes: ["node_modules"],
    env: {
      ...NODE_ENV,
      YARN_ENABLE_GLOBAL_CACHE: "true",
      YARN_ENABLE_TELEMETRY: "false",
      YARN_INSTALL_STATE_PATH: `${GUEST_ENV.HOME}/.yarn-install-state.gz`,
    },
  },
  bun: { needs: "bun", lines: () => ["bun install --frozen-lockfile"], makes: ["node_modules"], env: NODE_ENV },
  pip: {
    needs: "python3",
    lines: ({ words }) => [MAKE_VENV, `${VENV}/bin/python -m pip install --quiet ${words.map(quote).join(" ")}`],
    makes: ["*.egg-info"],
    env: PYTHON_ENV,
  },
  uv: {
    needs: "uv",
    lines: () => ["uv sync --frozen"],
    makes: ["*.egg-info"],
    env: { ...PYTHON_ENV, UV_PROJECT_ENVIRONMENT: VENV, UV_PYTHON_DOWNLOADS: "never" },
  },
  poetry: {
    needs: "poetry python3",
    lines: () => [MAKE_VENV, "poetry install --no-interaction"],
    env: { ...PYTHON_ENV, POETRY_VIRTUALENVS_CREATE: "false" },
  },
  cargo: { needs: "cargo", lines: ({ locked }) => [locked ? "cargo fetch --locked" : "cargo fetch"], writes: "Cargo.lock" },
  go: { needs: "go", lines: () => ["go mod download"] },
  maven: {
    needs: ({ words }) => (words[0] === "mvn" ? "mvn" : "java"),
    // The plug-in that runs tests downloads its parts when it is asked for tests, even for one that does not exist.
    lines: ({ words }) => [
      `${words.join(" ")} --batch-mode --quiet -DskipITs -Dtest=AirlockNone -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false test`,
    ],
    makes: ["target"],
  },
  gradle: {
    needs: ({ words }) => (words[0] === "gradle" ? "gradle" : "java"),
    lines: ({ words }) => [
      `printf '%s\\n' '${GRADLE_TASK}' > ${GRADLE_INIT}`,
      `${words.join(" ")} --no-daemon --quiet --init-script ${GRADLE_INIT} airlockResolve`,
    ],
    makes: [".gradle", "build"],
  },
  bundler: {
    needs: "bundle",
    lines: ({ locked }) => [locked ? "BUNDLE_FROZEN=true bundle install --quiet" : "bundle install --quiet"],
    writes: "Gemfile.lock",
    env: { BUNDLE_PATH: `${GUEST_ENV.HOME}/.bundle-gems`, BUNDLE_APP_CONFIG: `${GUEST_ENV.HOME}/.bundle` },
  },
  composer: {
    needs: "composer",
    lines: () => ["composer install --no-interaction --no-progress --prefer-dist"],
    makes: ["vendor"],
    writes: "composer.lock",
  },
  dotnet: {
    needs: "dotnet",
    lines: ({ words, locked }) => [`dotnet restore ${quote(words[0] ?? "")}${locked ? " --locked-mode" : ""}`],
    makes: ["obj"],
    env: { DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1", DOTNET_SKIP_FIRST_TIME_EXPERIENCE: "1" },
  },
};

/** Words have a strict form already; the quotes keep brackets from the shell. */
function quote(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "")}'`;
}

/**
 * Shell functions of the lines below. `keep_out` hides what an install leaves in the work tree where the repository's own rules do not:
 * such a folder would be harvested as the agent's work. One that holds tracked files is left alone.
 */
const PRELUDE = `has_one() { for program; do if command -v "$program" >/dev/null; then return 0; fi; done; return 1; }
keep_out() { find . -type d -name "$1" -prune -not -path './.git/*' | while IFS= read -r folder; do if ! git check-ignore -q "$folder" && [ -z "$(git ls-files -- "$folder")" ]; then printf '*\\n' > "$folder/.gitignore"; fi; done; }
take_away() { if ! git check-ignore -q "$1" && [ -z "$(git ls-files -- "$1")" ]; then rm -f "$1"; fi; }
missing() { echo "airlock: $1 is not in this sandbox, so what $2 names is not installed" >&2; }`;

/** The shell lines that install these projects. Empty: nothing. */
export function renderInstalls(projects: readonly Project[]): string {
  return projects.length === 0 ? "" : [PRELUDE, ...projects.map(renderInstall)].join("\n");
}

function renderInstall(project: Project): string {
  const { tool, folder, locked } = project;
  const { lines, makes = [], writes, ...install } = INSTALLS[tool];
  const needs = typeof install.needs === "string" ? install.needs : install.needs(project);
  const after = [...makes.map((name) => `keep_out '${name}'`), ...(writes === undefined || locked ? [] : [`take_away ${writes}`])];
  const body = [...(folder === "" ? [] : [`cd ${folder}`]), ...lines(project), ...after].map((line) => `  ${line}`);
  return [`if has_one ${needs}; then`, "(", ...body, ")", `else missing ${needs.split(" ")[0]} ${pathOf(project)}; fi`].join("\n");
}

/** The command that installs, without its options. */
export function nameInstall(project: Project): string {
  const line = INSTALLS[project.tool].lines(project).at(-1) ?? "";
  return line.replace(/^.{0,100}python -m |^[A-Z_]+=\S+ /, "").replace(/ -.*$/, "");
}

/** Variables that lead every command of the run to what was installed. */
export function variablesFor(projects: readonly Project[]): Readonly<Record<string, string>> {
  const own = projects.map(({ tool }) => INSTALLS[tool].env ?? {});
  const folders = [...(own.some((env) => "VIRTUAL_ENV" in env) ? [`${VENV}/bin`] : []), BIN];
  return projects.length === 0 ? {} : Object.assign({ PATH: `${folders.join(":")}:${GUEST_ENV.PATH}` }, ...own);
}
