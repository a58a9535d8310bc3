import { describe, expect, test } from "vitest";
import { openGithubForge } from "../../src/adapters/forge/github.ts";
import { Secret } from "../../src/domain/secret.ts";
import { commented, labeled, pullRequest, user } from "../support/forge/fake-event.ts";
import { type Answer, cutOff, endless, json, type OddApi, PAGE, startOddApi, text, told } from "../support/forge/odd-answers.ts";
import { type JobOptions, type JobResult, runJob } from "../support/runner/run-job.ts";

const ADMIN = { permission: "admin", role_name: "admin" };
const PERMISSION = /\/collaborators\/maria\/permission$/;
const MAY = { "/collaborators/maria/permission": ADMIN };

function now(): string {
  return new Date().toISOString();
}

/** `/airlock fix` by `maria`, just now. */
function asked(pull = false): JobOptions["event"] {
  const { name, payload } = commented("/airlock fix", { pull });
  return { name, payload: { ...payload, comment: { ...payload.comment, created_at: now() } } };
}

async function runAgainst(api: OddApi, job: Partial<JobOptions> = {}): Promise<JobResult> {
  const pacing = { secondMs: 1, requestTimeoutMs: 250, maxRetries: 1, longestWaitSeconds: 1 };
  const forge = openGithubForge({
    repository: "acme/rocket",
    apiUrl: api.url,
    serverUrl: "https://github.com",
    token: new Secret("ghs_x"),
    pacing,
  });
  return await runJob({ forge, event: asked(), agent: "false", ...job });
}

const later = () => String(Math.ceil(Date.now() / 1_000) + 3_600);
const LIMITED = "API rate limit exceeded for installation ID 7.";

const AGAIN = /Run the job again/;
const BETWEEN = /[Ss]omething between this runner and GitHub/;
const OUTAGES: readonly (readonly [string, Answer, RegExp])[] = [
  ["a page, as if all were well", text(200, PAGE), BETWEEN],
  ["a page with 500", text(500, PAGE), /githubstatus\.com.*something between/],
  ["a page with 403", text(403, PAGE), BETWEEN],
  ["a page with 404", text(404, PAGE), BETWEEN],
  ["a page with 401", text(401, PAGE), BETWEEN],
  ["502", told(502, "Server Error"), /githubstatus\.com/],
  ["503 without a word", text(503, "", "text/plain"), /githubstatus\.com/],
  ["half of the JSON", text(200, '{"permission": "admin", "ro', "application/json"), AGAIN],
  ["nothing at all", text(200, "", "application/json"), AGAIN],
  ["a body that is cut", cutOff, /githubstatus\.com/],
  ["a list", json(200, [ADMIN]), /GITHUB_API_URL/],
  ["JSON of somebody else with 403", json(403, { error: "denied by policy" }), BETWEEN],
  ["a body that does not end", endless, /githubstatus\.com/],
  ["silence", () => undefined, /githubstatus\.com/],
  ["a used up rate limit", told(403, LIMITED, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": later() }), /rate limit/],
  ["a secondary rate limit", told(403, "You have exceeded a secondary rate limit.", { "retry-after": "60" }), /rate limit/],
  ["too many requests", told(429, "Too many requests"), /rate limit/],
];

describe("I8: who may start a run and GitHub does not tell", () => {
  test.each(OUTAGES)("%s: an error with the way out, nobody is run, and who asked is told once", async (_name, answer, remedy) => {
    await using api = await startOddApi(PERMISSION, answer);
    const { outcome, record, sandboxes, warnings } = await runAgainst(api);
    expect(outcome.word).toBe("error");
    expect(record.notes.error).toMatchObject({ code: "forge.unreadable", remedy: expect.stringMatching(remedy) });
    expect(record.stageRuns).toMatchObject([{ stage: "trigger", result: "failed" }]);
    expect({ sandboxes, warnings: warnings.filter((line) => !line.includes("limit was met")) }).toEqual({ sandboxes: [], warnings: [] });
    expect(api.comments).toEqual([expect.stringMatching(/^<!-- airlock:refused -->\n\*\*Airlock could not start\.\*\* /)]);
    expect(api.comments[0]).toMatch(remedy);
    expect(api.comments[0]).not.toMatch(/wifi|<html|policy|installation/);
    expect(outcome.reason).not.toMatch(/<html|<title/);
  });

  test("a token that GitHub does not accept: an error that names the input, and nothing is written with that token", async () => {
    await using api = await startOddApi(PERMISSION, told(401, "Bad credentials"));
    const { outcome, record, sandboxes, warnings } = await runAgainst(api);
    expect(outcome).toMatchObject({ word: "error", reason: expect.stringContaining("Bad credentials") });
    expect(record.notes.error).toMatchObject({ code: "forge.credential", remedy: expect.stringContaining("`github-token`") });
    expect({ sandboxes, warnings, comments: api.comments }).toEqual({ sandboxes: [], warnings: [], comments: [] });
    expect(api.calls.filter((call) => !call.includes("permission"))).toEqual([]);
  });

  test("an answer that came from another host is none, whatever it says", async () => {
    await using other = await startOddApi(/./, json(200, ADMIN));
    await using api = await startOddApi(PERMISSION, (response) => void response.writeHead(302, { location: `${other.url}/x` }).end());
    const { outcome, record, sandboxes } = await runAgainst(api);
    expect(outcome.word).toBe("error");
    expect(record.notes.error).toMatchObject({ code: "forge.unreadable", message: expect.stringContaining(other.url) });
    expect({ sandboxes, tokens: [...other.tokens] }).toEqual({ sandboxes: [], tokens: [] });
  });

  test("an outage that hits the answer to who asked as well is still the one error", async () => {
    await using api = await startOddApi(/./, text(502, PAGE));
    const { outcome, record, warnings } = await runAgainst(api);
    expect(outcome.word).toBe("error");
    expect(record.notes.error).toMatchObject({ code: "forge.unreadable" });
    expect(warnings).toEqual([expect.stringContaining("Could not write the comment")]);
  });

  test("nobody asked by name: nothing is written", async () => {
    await using api = await startOddApi(PERMISSION, told(502, "Server Error"));
    const { name, payload } = pullRequest("opened");
    const event = { name, payload: { ...payload, pull_request: { ...payload.pull_request, updated_at: now() } } };
    expect((await runAgainst(api, { event })).outcome.word).toBe("error");
    expect(api.comments).toEqual([]);
  });

  test.each([
    ["403", told(403, "Resource not accessible by integration"), /could not be read, and unsure means no/],
    ["404", told(404, "Not Found"), /has the permission `none`/],
    ["a permission that is too low", json(200, { permission: "read", role_name: "read" }), /has the permission `read`/],
    ["a permission that nobody knows", json(200, { permission: "wizard" }), /has the permission `none`/],
  ])("GitHub's own %s is an answer: refused", async (_name, answer, reason) => {
    await using api = await startOddApi(PERMISSION, answer);
    const { outcome, sandboxes } = await runAgainst(api);
    expect(outcome).toMatchObject({ word: "refused", reason: expect.stringMatching(reason) });
    expect(sandboxes).toEqual([]);
    expect(api.comments).toEqual([expect.stringContaining("**Airlock did not start.**")]);
  });
});

describe("I8: what else is asked before a run starts", () => {
  const limit = { trigger: { label: "airlock", phrase: "/airlock", allowedBots: [], maxRunsPerHour: 3 } };
  const places = [
    ["the head of the pull request", /\/pulls\/7$/, { event: asked(true) }],
    ["the runs of the last hour", /\/actions\/runs$/, { settings: limit }],
  ] as const;

  test.each(places)("%s: an outage is an error", async (_name, path, job) => {
    for (const answer of [text(200, PAGE), told(500, "Server Error"), text(404, PAGE)]) {
      await using api = await startOddApi(path, answer, MAY);
      const { outcome, record, sandboxes } = await runAgainst(api, job);
      expect([outcome.word, record.notes.error?.code]).toEqual(["error", "forge.unreadable"]);
      expect(sandboxes).toEqual([]);
      expect(api.comments).toHaveLength(1);
    }
  });

  test.each(places)("%s: GitHub's own no is a refusal", async (_name, path, job) => {
    for (const answer of [told(403, "Resource not accessible by integration"), told(404, "Not Found")]) {
      await using api = await startOddApi(path, answer, MAY);
      const { outcome, sandboxes } = await runAgainst(api, job);
      expect(outcome.word).toBe("refused");
      expect(sandboxes).toEqual([]);
    }
  });

  test("a label's run that met an outage can be started again: the label stays", async () => {
    await using api = await startOddApi(PERMISSION, told(503, "Service Unavailable"));
    const event = labeled({ issue: { updated_at: now() }, sender: user("maria") });
    expect((await runAgainst(api, { event })).outcome.word).toBe("error");
    expect(api.calls.filter((call) => call.startsWith("DELETE"))).toEqual([]);
  });
});
