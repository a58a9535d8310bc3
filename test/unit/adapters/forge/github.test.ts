import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openGithubForge } from "../../../../src/adapters/forge/github.ts";
import { Secret } from "../../../../src/domain/secret.ts";
import { type Github, startGithub } from "../../../support/forge/github.ts";

const PACING = { secondMs: 1, requestTimeoutMs: 400 };
const blobId = (content: string | Uint8Array): string => {
  const bytes = Buffer.from(content);
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
};

let github: Github;
beforeAll(async () => {
  github = await startGithub({ collaborators: { bot: "push", reader: "pull", triager: "triage", keeper: "maintain" } });
});
afterAll(async () => {
  await github[Symbol.asyncDispose]();
});

const open = (login = "bot") =>
  openGithubForge({
    repository: github.repository,
    apiUrl: github.url,
    serverUrl: "https://github.com",
    token: new Secret(github.tokens[login] ?? ""),
    pacing: PACING,
  });

describe("reading", () => {
  test("tells the permission of each collaborator, and none for a stranger", async () => {
    const forge = open("octo");
    const logins = ["octo", "keeper", "bot", "triager", "reader", "stranger", "no-such-person", "not a login"];
    const found = await Promise.all(logins.map((login) => forge.readPermission(login)));
    expect(found).toEqual(["admin", "maintain", "write", "triage", "read", "none", "none", "none"]);
  });

  test("reads the default branch, branches, commits, issues and files", async () => {
    const forge = open();
    const planted = await github.plant({ branch: "main", files: { "a/b.txt": "hello\n" } });
    const issue = await github.ask<{ number: number }>("POST", `/repos/${github.repository}/issues`, {
      title: "A bug",
      body: "It breaks.",
    });
    expect(await forge.readRepository()).toEqual({ defaultBranch: "main", private: false });
    expect(await forge.readBranch("main")).toBe(planted.sha);
    expect(await forge.readBranch("no/such branch?")).toBeUndefined();
    expect((await forge.readCommit(planted.sha)).tree).toBe(planted.tree);
    expect(await forge.readIssue(issue.number)).toMatchObject({ title: "A bug", body: "It breaks.", author: "octo", isPullRequest: false });
    expect(await forge.readFile("main", "a/b.txt", 100)).toBe("hello\n");
    expect(await forge.readFile("main", "a/missing", 100)).toBeUndefined();
    expect(await forge.readFile("main", "a", 100)).toBeUndefined();
  });
});

describe("large files", () => {
  test("are read whole up to the limit that is asked for, and not past it", async () => {
    const forge = open();
    const large = `${"ä line of a lockfile\n".repeat(120_000)}end`;
    await github.plant({ branch: "large", files: { "yarn.lock": large } });
    expect(await forge.readFile("large", "yarn.lock", 16 << 20)).toBe(large);
    // A slow answer may have been asked for twice; what is too large is not asked for at all.
    const blobs = (): number => github.calls.filter(({ path }) => path.includes("/git/blobs/")).length;
    const before = blobs();
    expect(before).toBeGreaterThan(0);
    await expect(forge.readFile("large", "yarn.lock", 1 << 20)).rejects.toMatchObject({ code: "forge.unreadable" });
    expect(blobs()).toBe(before);
  });
});

describe("publishing", () => {
  test("makes exactly the tree that was judged, with text, binary, mode, link and deletion", async () => {
    const forge = open();
    const planted = await github.plant({ branch: "main", files: { "keep.txt": "keep\n", "gone/x.txt": "gone\n" } });
    const files = { "keep.txt": "kept\r\n", "bin.dat": new Uint8Array([0, 255, 254, 10]), 'ünïcode "q".txt': "\ufeffbom\n" };
    const expected = await github.plant({
      branch: "scratch",
      files: { ...files, "run.sh": { mode: "100755", content: "#!/bin/sh\n" }, link: { mode: "120000", content: "keep.txt" } },
    });
    const change = (path: string, mode: "100644" | "100755" | "120000", content: string | Uint8Array) => ({
      path,
      content: { mode, oid: blobId(content), read: async () => Buffer.from(content) },
    });
    const changes = [
      ...Object.entries(files).map(([path, content]) => change(path, "100644", content)),
      change("run.sh", "100755", "#!/bin/sh\n"),
      change("link", "120000", "keep.txt"),
      { path: "gone/x.txt" },
    ];
    const made = await forge.createCommit({
      baseSha: planted.sha,
      baseTree: planted.tree,
      expectedTree: expected.tree,
      message: "Fix",
      changes,
    });
    expect(made.tree).toBe(expected.tree);
    expect(await forge.putBranch("airlock/issue-1", made.sha)).toBe("created");
    expect(await forge.putBranch("airlock/issue-1", made.sha)).toBe("unchanged");
    const request = {
      branch: "airlock/issue-1",
      base: "main",
      title: "T",
      body: "B",
      draft: false,
      labels: ["bug"],
      reviewers: ["keeper"],
      teamReviewers: [],
      assignees: ["octo"],
    };
    const first = await forge.putPullRequest(request);
    const second = await forge.putPullRequest({ ...request, title: "T2" });
    expect([first.operation, second.operation, second.number]).toEqual(["created", "updated", first.number]);
    expect((await forge.readPullRequest(first.number)).title).toBe("T2");
  });

  test("keeps one comment per marker and never edits somebody else's", async () => {
    const forge = open();
    const issue = await github.ask<{ number: number }>("POST", `/repos/${github.repository}/issues`, { title: "Talk" });
    await github.ask(
      "POST",
      `/repos/${github.repository}/issues/${issue.number}/comments`,
      { body: "<!-- airlock:tracking -->\nforged" },
      "reader",
    );
    const answer = await forge.putComment(issue.number, "airlock:comment", "<!-- airlock:tracking -->");
    const quote = { body: "<!-- airlock:tracking --> is a marker" };
    await github.ask("POST", `/repos/${github.repository}/issues/${issue.number}/comments`, quote, "bot");
    const first = await forge.putComment(issue.number, "airlock:tracking", "working");
    const second = await forge.putComment(issue.number, "airlock:tracking", "done");
    const comments = await forge.readComments(issue.number, 100);
    expect(second.id).toBe(first.id);
    expect(first.id).not.toBe(answer.id);
    expect(comments.map((comment) => [comment.author, comment.body.split("\n")[1]])).toEqual([
      ["reader", "forged"],
      ["bot", "<!-- airlock:tracking -->"],
      ["bot", undefined],
      ["bot", "done"],
    ]);
  });

  test("leaves one comment when two runs write at the same moment", async () => {
    const issue = await github.ask<{ number: number }>("POST", `/repos/${github.repository}/issues`, { title: "Talk" });
    await Promise.all(["first", "second"].map((body) => open().putComment(issue.number, "airlock:tracking", body)));
    expect(await open().readComments(issue.number, 10)).toHaveLength(1);
  });

  test("says so when an open pull request cannot be made the draft that it has to be", async () => {
    const forge = open();
    const planted = await github.plant({ branch: "airlock/draft", files: { "a.txt": "x\n" } });
    const request = {
      branch: "airlock/draft",
      base: "main",
      title: "T",
      body: "B",
      draft: false,
      labels: [],
      reviewers: [],
      teamReviewers: [],
      assignees: [],
    };
    await forge.putBranch(request.branch, planted.sha);
    github.inject({ method: "POST", path: /\/graphql$/, kind: "not-found" });
    await forge.putPullRequest(request);
    const { notes } = await forge.putPullRequest({ ...request, draft: true });
    expect(notes.join(" ")).toContain("could not be made a draft");
  });

  test("does not wait longer than it is told to be patient", async () => {
    github.inject({ method: "GET", path: /\/issues\/1$/, kind: "secondary-limit", times: 9 });
    await expect(open().readIssue(1)).rejects.toMatchObject({
      code: "forge.unreadable",
      remedy: expect.stringContaining("rate limit"),
    });
  });

  test.each(["huge", "not-json"] as const)("does not take a %s answer", async (kind) => {
    github.inject({ method: "GET", path: /\/issues\/2$/, kind, times: 9 });
    await expect(open().readIssue(2)).rejects.toMatchObject({ code: "forge.unreadable" });
  });

  test.each(["http://api.evil.test", "ftp://x", "not a url"])("refuses %s as the address of the API", (apiUrl) => {
    expect(() => openGithubForge({ repository: "octo/demo", apiUrl, serverUrl: "https://github.com", token: new Secret("t") })).toThrow(
      /GITHUB_API_URL/,
    );
  });

  test("tells who the token writes as", async () => {
    expect(await open("bot").readIdentity?.()).toBe("bot");
  });

  test("reads only comments touched since a time", async () => {
    const forge = open();
    const issue = await github.ask<{ number: number }>("POST", `/repos/${github.repository}/issues`, { title: "Talk" });
    await forge.putComment(issue.number, "airlock:tracking", "working");
    expect(await forge.readComments(issue.number, 10, Date.now() - 60_000)).toHaveLength(1);
  });

  test("reads the newest comments of a long thread, oldest first, and knows how many there are", async () => {
    const forge = open();
    const { number } = await github.ask<{ number: number }>("POST", `/repos/${github.repository}/issues`, { title: "Talk" });
    const path = `/repos/${github.repository}/issues/${number}/comments`;
    for (let index = 1; index <= 230; index += 1) await github.ask("POST", path, { body: `said ${index}` });
    const said = async (max: number, sinceMs?: number) => (await forge.readComments(number, max, sinceMs)).map(({ body }) => body);
    const last = (count: number) => Array.from({ length: count }, (_, index) => `said ${231 - count + index}`);
    expect(await said(120)).toEqual(last(120));
    expect(await said(300)).toEqual(last(230));
    expect(await said(130)).toEqual(last(130));
    expect(await said(120, Date.now() - 3_600_000)).toEqual(last(120));
    expect((await forge.readIssue(number)).commentCount).toBe(230);
  });

  test("counts runs by workflow and person, and reads failed jobs and checks", async () => {
    const forge = open("octo");
    const head = (await forge.readBranch("main")) ?? "";
    await github.ask("POST", `/repos/${github.repository}/check-runs`, {
      name: "lint",
      head_sha: head,
      status: "completed",
      conclusion: "failure",
      output: { title: "2 errors", summary: "a.ts:1" },
    });
    const suites = await github.ask<{ check_suites: { id: number }[] }>("GET", `/repos/${github.repository}/commits/${head}/check-suites`);
    const failures = await forge.readFailure?.({ kind: "check-suite", id: suites.check_suites[0]?.id ?? 0 }, 1000);
    expect(failures).toEqual([{ name: "lint", text: "2 errors\n\na.ts:1" }]);
    expect(await forge.countRuns?.({ actor: "octo", workflow: "Airlock", sinceMs: 0 })).toBe(0);
  });

  test("speaks GitHub's API as GitHub describes it", () => {
    const wrong = github.calls
      .filter((call) => call.requestErrors.length > 0)
      .map((call) => `${call.method} ${call.path}: ${call.requestErrors.join(", ")}`);
    expect(wrong).toEqual([]);
  });
});
