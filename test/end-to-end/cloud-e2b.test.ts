import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder } from "../../demo/job.ts";
import { commandAgent, expectKept, readRunFile } from "../support/cloud/cloud-jobs.ts";
import { E2B_CLOUD } from "../support/cloud/e2b-cloud.ts";
import { type E2bServer, startE2b } from "../support/cloud/e2b-server.ts";
import { type AtCloud, describeCloudJobs, JOB_TIMEOUT_MS } from "./cloud/jobs.ts";

function expectAsked({ asked }: E2bServer): void {
  expect(asked.length).toBeGreaterThanOrEqual(1);
  for (const each of asked) {
    expect(each).toMatchObject({ allow_internet_access: false, network: { allowPublicTraffic: false }, autoPause: false });
    expect(each.timeout).toBeGreaterThan(30 * 60);
    expect(each.metadata).toMatchObject({ airlock: "1", repository: "octo/demo", attempt: "1" });
    expect(each).not.toHaveProperty("envVars");
  }
}

function describeMore(at: () => AtCloud<E2bServer>): void {
  test("an agent program that the template has already is not sent, and runs", { timeout: JOB_TIMEOUT_MS }, async () => {
    const claude = join(cacheFolder(), "airlock/agents/_anthropic-ai_claude-code-linux-x64@2.1.330/content/claude");
    await using prepared = await startE2b({ templates: { claude: { node: "current", image: { "/usr/local/bin/claude": claude } } } });
    const { result } = await at().jobs.run({ "e2b-api-key": prepared.apiKey }, { env: prepared.env });
    expect(result.outputs, result.stdout).toMatchObject({ outcome: "published", provider: "e2b" });
    const record = JSON.parse(readRunFile(result, "record.json")) as { sandbox: { versions: Record<string, unknown> } };
    expect(record.sandbox.versions).toMatchObject({ "layer claude-code": "image in part" });
  });

  test("I7: an end that E2B does not confirm: the run stops before it publishes, and keeps the patch", {
    timeout: JOB_TIMEOUT_MS,
  }, async () => {
    await using broken = await startE2b();
    broken.faults.inject("kill", { kind: "status", status: 500 }, { times: 99 });
    const job = await at().jobs.run({ ...commandAgent("true"), "e2b-api-key": broken.apiKey }, { env: broken.env });
    await expectKept(job, "provider-failed");
    expect(job.result.stdout).toContain("AL307");
  });
}

describeCloudJobs({
  cloud: E2B_CLOUD,
  foundBy: "the run's tags",
  facts: { isolation: "firecracker", versions: { template: "claude" } },
  seen: {
    title: "asked for each one without network, without a public port and with an end of its own",
    expect: expectAsked,
  },
  more: describeMore,
});
