/** What a tool reads from a checkout by itself. */
export interface ProtectedTool {
  readonly tool: string;
  /** Where the tool's own documentation says so. */
  readonly source: string;
  /** gitignore-style patterns. */
  readonly reads: readonly string[];
}

export interface ProtectedFamily {
  readonly family: string;
  /** Why its files are protected, as a part of a sentence: `a bot merges by what stands in them`. */
  readonly reason: string;
  readonly tools: readonly ProtectedTool[];
}

function reads(tool: string, source: string, patterns: string): ProtectedTool {
  return { tool, source, reads: patterns.split(" ") };
}

/**
 * The only list of files that run code or grant rights without a review, by the tool that reads them. Lockfiles and install scripts are judged
 * by content instead, and what a build runs is code like any other.
 */
export const PROTECTED_FAMILIES: readonly ProtectedFamily[] = [
  {
    family: "CI",
    reason: "a CI system runs what stands in them, with the project's secrets",
    tools: [
      reads("GitHub", "docs.github.com/actions", ".github/ /CODEOWNERS /docs/CODEOWNERS action.yml action.yaml"),
      reads("GitLab", "docs.gitlab.com/ci/yaml", ".gitlab-ci.yml .gitlab-ci/ .gitlab/ci/ .gitlab/CODEOWNERS .gitlab/agents/"),
      reads("Gitea and Forgejo", "forgejo.org/docs/latest/user/actions", ".gitea/ .forgejo/"),
      reads("CircleCI", "circleci.com/docs/configuration-reference", ".circleci/"),
      reads("Buildkite", "buildkite.com/docs/pipelines/configure", ".buildkite/ buildkite.yml buildkite.yaml buildkite.json"),
      reads("Woodpecker", "woodpecker-ci.org/docs/usage/workflows", ".woodpecker/ .woodpecker.yml .woodpecker.yaml"),
      reads("Travis", "docs.travis-ci.com/user/tutorial", ".travis.yml"),
      reads("Drone", "docs.drone.io/pipeline/overview", ".drone.yml .drone.yaml .drone.jsonnet .drone.star"),
      reads("Cirrus", "cirrus-ci.org/guide/writing-tasks", ".cirrus.yml .cirrus.yaml .cirrus.star"),
      reads("AppVeyor", "www.appveyor.com/docs/appveyor-yml", ".appveyor.yml appveyor.yml appveyor.yaml .appveyor.yaml"),
      reads(
        "Azure Pipelines",
        "learn.microsoft.com/azure/devops/pipelines/yaml-schema",
        "azure-pipelines.yml azure-pipelines.yaml .azure-pipelines.yml .azure-pipelines/ .azuredevops/ .vsts-ci.yml",
      ),
      reads(
        "Bitbucket",
        "support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference",
        "bitbucket-pipelines.yml",
      ),
      reads("Cloud Build", "cloud.google.com/build/docs/build-config-file-schema", "cloudbuild.yaml cloudbuild.yml cloudbuild.json"),
      reads("CodeBuild", "docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html", "buildspec.yml buildspec.yaml"),
      reads("Jenkins", "www.jenkins.io/doc/book/pipeline/jenkinsfile", "Jenkinsfile Jenkinsfile.*"),
      reads("Semaphore", "docs.semaphoreci.com/reference/pipeline-yaml", ".semaphore/"),
      reads("Tekton", "pipelinesascode.com/docs/guide", ".tekton/"),
      reads("TeamCity", "www.jetbrains.com/help/teamcity/kotlin-dsl.html", ".teamcity/"),
      reads("Codefresh", "codefresh.io/docs/docs/pipelines", "codefresh.yml .codefresh/"),
      reads("Codemagic", "docs.codemagic.io/yaml-basic-configuration", "codemagic.yaml"),
      reads("Bitrise", "docs.bitrise.io", "bitrise.yml"),
      reads("Harness", "developer.harness.io/docs/platform/git-experience", ".harness/"),
      reads("SourceHut", "man.sr.ht/builds.sr.ht", ".build.yml .builds/"),
      reads("Zuul", "zuul-ci.org/docs/zuul/latest/project-config.html", "zuul.yaml .zuul.yaml zuul.d/ .zuul.d/"),
      reads("Prow", "docs.prow.k8s.io/docs/jobs", ".prow.yaml .prow/ .ci-operator.yaml"),
      reads("Taskcluster", "docs.taskcluster.net", ".taskcluster.yml"),
      reads("Screwdriver", "docs.screwdriver.cd/user-guide/configuration", "screwdriver.yaml"),
    ],
  },
  {
    family: "bots",
    reason: "a bot merges, updates or reviews by what stands in them",
    tools: [
      reads("Mergify", "docs.mergify.com/configuration/file-format", ".mergify.yml .mergify/"),
      reads(
        "Renovate",
        "docs.renovatebot.com/configuration-options",
        "renovate.json renovate.json5 renovate.jsonc .renovaterc .renovaterc.* .gitlab/renovate.*",
      ),
      reads("Dependabot", "docs.github.com/code-security/dependabot", ".dependabot/"),
      reads("Kodiak", "kodiakhq.com/docs/config-reference", ".kodiak.toml"),
      reads("bors", "github.com/bors-ng/bors-ng", "bors.toml"),
      reads("Policy Bot and Bulldozer", "github.com/palantir/policy-bot", ".policy.yml .bulldozer.yml"),
      reads("PullApprove", "www.pullapprove.com/config", ".pullapprove.yml"),
      reads("Aviator", "docs.aviator.co", ".aviator/"),
      reads("Trunk", "docs.trunk.io", ".trunk/"),
      reads("Snyk", "docs.snyk.io", ".snyk"),
      reads("CodeRabbit", "docs.coderabbit.ai/reference/configuration", ".coderabbit.yaml .coderabbit.yml"),
      reads("PR-Agent", "qodo-merge-docs.qodo.ai/usage-guide/configuration_options", ".pr_agent.toml"),
      reads("Sourcery", "docs.sourcery.ai", ".sourcery.yaml"),
      reads("Greptile", "www.greptile.com/docs", "greptile.json"),
    ],
  },
  {
    family: "git",
    reason: "git itself acts by them",
    tools: [reads("git", "git-scm.com/docs", ".git .gitmodules .gitattributes .gitconfig .lfsconfig")],
  },
  {
    family: "agents",
    reason: "a coding agent follows them, or starts what they name",
    tools: [
      reads("several agents", "agents.md", "AGENTS.md AGENTS.override.md AGENT.md .agents/ .agent/ .mcp.json /mcp.json .mcp/"),
      reads(
        "Claude Code",
        "docs.claude.com/en/docs/claude-code/settings",
        "CLAUDE.md CLAUDE.local.md .claude/ .claude.json .claude-plugin/ **/hooks/hooks.json",
      ),
      reads("Gemini", "github.com/google-gemini/gemini-cli", "GEMINI.md .gemini/"),
      reads("Qwen", "github.com/QwenLM/qwen-code", "QWEN.md .qwen/"),
      reads("Codex", "developers.openai.com/codex", ".codex/"),
      reads("Copilot", "docs.github.com/copilot/customizing-copilot", ".copilot/ copilot-instructions.md *.instructions.md"),
      reads("Cursor", "docs.cursor.com/context/rules", ".cursor/ .cursorrules"),
      reads("Windsurf", "docs.windsurf.com", ".windsurf/ .windsurfrules .codeium/"),
      reads("Crush", "github.com/charmbracelet/crush", "crush.json .crush.json .crush/ CRUSH.md"),
      reads("OpenHands", "docs.openhands.dev", ".openhands/ .openhands_instructions"),
      reads("Factory", "docs.factory.ai", ".factory/"),
      reads("Roo", "docs.roocode.com", ".roo/ .roomodes .roorules .roorules-*"),
      reads("Cline", "docs.cline.bot", ".clinerules .clinerules-* .cline/"),
      reads("Kilo", "kilocode.ai/docs", ".kilocode/ .kilocodemodes .kilocoderules .kilocoderules-*"),
      reads("Aider", "aider.chat/docs/config/aider_conf.html", ".aider.conf.yml .aider.*"),
      reads("opencode", "opencode.ai/docs/config", ".opencode/ opencode.json opencode.jsonc OPENCODE.md"),
      reads("Goose", "block.github.io/goose", ".goosehints .goose/"),
      reads("Junie and AI Assistant", "www.jetbrains.com/help/junie", ".junie/ .aiassistant/"),
      reads("Amazon Q and Kiro", "kiro.dev/docs", ".amazonq/ .kiro/"),
      reads("Augment", "docs.augmentcode.com", ".augment/ .augment-guidelines"),
      reads("Continue", "docs.continue.dev", ".continue/ .continuerules"),
      reads("Trae", "docs.trae.ai", ".trae/"),
      reads("Amp", "ampcode.com/manual", ".amp/"),
      reads("Warp", "docs.warp.dev", "WARP.md .warp/"),
      reads("Devin", "docs.devin.ai", ".devin/"),
      reads("Zed's agent", "zed.dev/docs/ai/rules", ".rules"),
      reads("Tabnine", "docs.tabnine.com", ".tabnine/"),
      reads("CodeBuddy, iFlow and Qoder", "www.codebuddy.ai/docs", "CODEBUDDY.md .codebuddy/ IFLOW.md .iflow/ .qoder/"),
      reads("Replit's agent", "docs.replit.com/replitai/agent", "replit.md"),
    ],
  },
  {
    family: "editors and workspaces",
    reason: "an editor, a debugger or a hosted workspace runs them when the folder is opened",
    tools: [
      reads("VS Code", "code.visualstudio.com/docs/getstarted/settings", ".vscode/ *.code-workspace"),
      reads("dev containers", "containers.dev/implementors/spec", ".devcontainer/ .devcontainer.json"),
      reads("JetBrains", "www.jetbrains.com/help/idea/creating-and-managing-projects.html", ".idea/ .fleet/"),
      reads("Zed", "zed.dev/docs/configuring-zed", ".zed/"),
      reads("Helix", "docs.helix-editor.com/configuration.html", ".helix/"),
      reads("Nova", "help.nova.app", ".nova/"),
      reads("Sublime Text", "www.sublimetext.com/docs/projects.html", "*.sublime-project"),
      reads("Eclipse", "help.eclipse.org", ".externalToolBuilders/"),
      reads("vim", "vimhelp.org/options.txt.html", ".exrc .vimrc _vimrc .gvimrc .nvimrc .nvim.lua .lvimrc .vim/"),
      reads("Emacs", "www.gnu.org/software/emacs/manual/html_node/emacs/Directory-Variables.html", ".dir-locals.el .dir-locals-2.el"),
      reads("debuggers", "sourceware.org/gdb/current/onlinedocs/gdb", ".gdbinit .gdbearlyinit .lldbinit"),
      reads("Gitpod", "www.gitpod.io/docs", ".gitpod.yml .gitpod.Dockerfile .gitpod/ .ona/"),
      reads("devfile", "devfile.io/docs", "devfile.yaml devfile.yml .devfile.yaml .devfile.yml .devfile/"),
      reads("CodeSandbox", "codesandbox.io/docs", ".codesandbox/ sandbox.config.json"),
      reads("StackBlitz", "developer.stackblitz.com", ".stackblitzrc"),
      reads("Replit", "docs.replit.com", ".replit"),
      reads("Firebase Studio", "firebase.google.com/docs/studio", ".idx/"),
      reads("Coder and Daytona", "coder.com/docs", ".coder/ .daytona/"),
    ],
  },
  {
    family: "hooks",
    reason: "a git hook runs what stands in them, on the machine of whoever commits",
    tools: [
      reads("husky", "typicode.github.io/husky", ".husky/ .huskyrc .huskyrc.* husky.config.*"),
      reads("git hooks", "git-scm.com/docs/githooks", ".githooks/ .git-hooks/"),
      reads("pre-commit", "pre-commit.com", ".pre-commit-config.yaml .pre-commit-hooks.yaml prek.toml"),
      reads(
        "Lefthook",
        "lefthook.dev/configuration",
        "lefthook.yml lefthook.yaml lefthook.toml lefthook.json lefthook.jsonc lefthook-local.* .lefthook.* .lefthook-local.* .lefthook/ .lefthook-local/ **/.config/lefthook.* **/.config/lefthook-local.*",
      ),
      reads("Overcommit", "github.com/sds/overcommit", ".overcommit.yml .overcommit_gems.rb"),
      reads("lint-staged", "github.com/lint-staged/lint-staged", ".lintstagedrc* lint-staged.config.*"),
      reads("nano-staged", "github.com/usmanyunusov/nano-staged", ".nano-staged.* nano-staged.*"),
      reads("simple-git-hooks", "github.com/toplenboren/simple-git-hooks", ".simple-git-hooks.* simple-git-hooks.*"),
      reads("hk", "hk.jdx.dev", "hk.pkl .hk.pkl"),
      reads("CaptainHook and GrumPHP", "docs.captainhook.info", "captainhook.json grumphp.yml grumphp.yaml grumphp.yml.dist"),
      reads("rusty-hook and Cocogitto", "docs.cocogitto.io", "rusty-hook.toml .rusty-hook.toml cog.toml"),
    ],
  },
  {
    family: "package sources and wrappers",
    reason: "a package manager or build tool fetches, or starts, what they name",
    tools: [
      reads("npm", "docs.npmjs.com/cli/configuring-npm/npmrc", ".npmrc"),
      reads("Yarn", "yarnpkg.com/configuration/yarnrc", ".yarnrc .yarnrc.yml .yarn/ .pnp.cjs .pnp.js .pnp.loader.mjs"),
      reads("pnpm", "pnpm.io/pnpmfile", ".pnpmfile.cjs .pnpmfile.mjs .pnpmfile.js pnpmfile.js pnpmfile.cjs pnpmfile.mjs"),
      reads("Bun", "bun.com/docs/runtime/bunfig", "bunfig.toml .bunfig.toml"),
      reads("pip", "pip.pypa.io/en/stable/topics/configuration", "pip.conf pip.ini .pypirc"),
      reads("uv, Poetry and PDM", "docs.astral.sh/uv/concepts/configuration-files", "uv.toml poetry.toml pdm.toml .pdm.toml"),
      reads("conda", "docs.conda.io/projects/conda/en/stable/user-guide/configuration", ".condarc .mambarc"),
      reads("curl and ftp", "www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html", ".netrc _netrc"),
      reads("Cargo", "doc.rust-lang.org/cargo/reference/config.html", ".cargo/"),
      reads("Bundler", "bundler.io/man/bundle-config.1.html", ".bundle/ .gemrc"),
      reads("Composer", "getcomposer.org/doc/articles/authentication-for-private-packages.md", "/auth.json"),
      reads("Maven", "maven.apache.org/configure.html", ".mvn/ .m2/ mvnw mvnw.cmd"),
      reads("Gradle", "docs.gradle.org/current/userguide/gradle_wrapper.html", "**/gradle/wrapper/ gradlew gradlew.bat"),
      reads("JVM and sbt", "www.scala-sbt.org/1.x/docs", ".jvmopts .sbtopts"),
      reads("Bazel", "bazel.build/run/bazelrc", ".bazelrc user.bazelrc .bazeliskrc tools/bazel tools/bazel.bat tools/bazel.ps1"),
      reads("NuGet", "learn.microsoft.com/nuget/reference/nuget-config-file", "nuget.config .nuget/"),
      reads("Swift", "github.com/swiftlang/swift-package-manager", "**/.swiftpm/configuration/"),
      reads("Terraform", "developer.hashicorp.com/terraform/cli/config/config-file", ".terraformrc terraform.rc"),
    ],
  },
  {
    family: "shells, tool switchers and interpreters",
    reason: "a shell, a tool switcher or an interpreter runs them when it starts in the folder",
    tools: [
      reads("direnv", "direnv.net/man/direnv.1.html", ".envrc .direnv/"),
      reads(
        "mise",
        "mise.jdx.dev/configuration.html",
        "mise.toml mise.*.toml .mise.toml .mise.*.toml .mise/ **/mise/config.toml **/mise/config.*.toml **/.config/mise.toml **/.config/mise.*.toml **/.config/mise/ .rtx.toml",
      ),
      reads("proto", "moonrepo.dev/docs/proto/config", ".prototools"),
      reads("shadowenv and autoenv", "shopify.github.io/shadowenv", ".shadowenv.d/ .autoenv .autoenv.zsh"),
      reads(
        "shells",
        "www.gnu.org/software/bash/manual/html_node/Bash-Startup-Files.html",
        ".bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile .zshrc .zshenv .zprofile .zlogin .zlogout .kshrc .cshrc .tcshrc **/.config/fish/",
      ),
      reads("R", "stat.ethz.ch/R-manual/R-devel/library/base/html/Startup.html", ".Rprofile .Renviron .RData"),
      reads("Ruby", "docs.ruby-lang.org/en/master/IRB.html", ".irbrc .pryrc .rdbgrc"),
      reads(
        "Haskell, OCaml, Elixir and Erlang",
        "downloads.haskell.org/ghc/latest/docs/users_guide/ghci.html",
        ".ghci .ocamlinit .iex.exs .erlang",
      ),
      reads("SSH", "man.openbsd.org/ssh_config", ".ssh/"),
    ],
  },
];
