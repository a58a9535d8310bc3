import { afterEach, expect, test, vi } from "vitest";
import { compose } from "../../src/compose.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Trigger } from "../../src/domain/task.ts";
import { openFakeRunner, pullRequest, runFactsOf } from "../support/forge/fake-event.ts";
import { type Github, startGithub } from "../support/forge/github.ts";

let github: Github | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await github?.[Symbol.asyncDispose]();
  github = undefined;
});

const PATH = ".github/airlock.yml";

test("I11: the file of settings is read from the default branch, whatever head and base of the pull request hold", async () => {
  github = await startGithub({ collaborators: { bot: "push" } });
  await github.plant({ branch: "main", files: { [PATH]: "max-cost-usd: 2\nprotected-paths: ['migrations/**']\n" } });
  const base = await github.plant({ branch: "release", files: { [PATH]: "max-cost-usd: 4\n" } });
  const head = await github.plant({ branch: "topic", files: { [PATH]: "max-cost-usd: 3\n" } });
  vi.stubEnv("GITHUB_API_URL", github.url);
  vi.stubEnv("GITHUB_SERVER_URL", "https://github.com");
  const event = pullRequest("opened", { event: "pull_request_target", fork: true });
  const run = runFactsOf({ repository: github.repository, sha: base.sha, ref: "refs/heads/release" });
  const given: Readonly<Record<string, string>> = { "github-token": github.tokens["bot"] ?? "", "max-cost-usd": "5" };
  const config = loadConfig((name) => given[name] ?? "");
  const world = compose({ config, runner: { ...openFakeRunner(event), run }, guestFile: "" });
  const trigger: Trigger = {
    event: event.name,
    action: "opened",
    target: { kind: "pull-request", number: 8 },
    actor: "octo",
    mode: "review",
    triggeredAtMs: 0,
    title: "",
    body: "",
    instruction: "",
    headSha: head.sha,
    headRef: "topic",
    fromFork: true,
  };
  const settings = await world.narrow(config.settings, trigger);
  expect(settings.limits.maxCostUsd).toBe(2);
  expect(settings.gate.protectedPaths).toContain("migrations/**");
});
