import { describe, expect, test } from "vitest";
import { openGithubForge } from "../../../../../src/adapters/forge/github.ts";
import { Secret } from "../../../../../src/domain/secret.ts";
import type { Forge } from "../../../../../src/ports/forge.ts";
import { type Answer, json, type OddApi, PAGE, startOddApi, text, told } from "../../../../support/forge/odd-answers.ts";

function openForge(api: OddApi): Forge {
  const pacing = { secondMs: 1, requestTimeoutMs: 2_000, maxRetries: 1, longestWaitSeconds: 1 };
  const token = new Secret("ghs_x");
  return openGithubForge({ repository: "acme/rocket", apiUrl: api.url, serverUrl: "https://github.com", token, pacing });
}

const IP = "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled.";

describe("an answer that is not GitHub's", () => {
  test.each([
    ["a file", (forge: Forge) => forge.readFile("main", ".github/airlock.yml", 1_000)],
    ["a branch", (forge: Forge) => forge.readBranch("main")],
    ["a permission", (forge: Forge) => forge.readPermission("maria")],
  ])("does not say that %s is not there; GitHub's own does", async (_name, read) => {
    await using page = await startOddApi(/./, text(404, PAGE));
    await expect(read(openForge(page))).rejects.toMatchObject({ code: "forge.unreadable", remedy: expect.stringContaining("proxy") });
    await using github = await startOddApi(/./, told(404, "Not Found"));
    expect([undefined, "none"]).toContain(await read(openForge(github)));
  });

  test("is named by its title, never shown", async () => {
    await using api = await startOddApi(/./, text(502, PAGE));
    const failure = await openForge(api)
      .readRepository()
      .catch((error: unknown) => error);
    const message = 'GitHub failed to read the repository (502: a web page, titled "Log in to @acme guest wifi").';
    expect(failure).toMatchObject({ code: "forge.unreadable", message });
  });

  test("is not taken from another host, except a log that GitHub keeps in its storage", async () => {
    await using storage = await startOddApi(/./, text(200, "line of the log", "text/plain"));
    const jobs = { "/runs/5/jobs": { jobs: [{ id: 9, name: "build", conclusion: "failure" }] } };
    await using api = await startOddApi(
      /logs$|contents/,
      (response) => void response.writeHead(302, { location: `${storage.url}/x` }).end(),
      jobs,
    );
    const forge = openForge(api);
    expect(await forge.readFailure?.({ kind: "workflow-run", id: 5 }, 1_000)).toEqual([{ name: "build", text: "line of the log" }]);
    await expect(forge.readFile("main", "a.txt", 1_000)).rejects.toMatchObject({
      code: "forge.unreadable",
      message: expect.stringContaining(storage.url),
    });
    expect([...storage.tokens]).toEqual([]);
  });
});

describe("GitHub's own no", () => {
  test.each<[string, Answer, string, string]>([
    ["a permission that is missing", told(403, "Resource not accessible by integration"), "publish.permission", "`contents: read`"],
    ["an IP allow list", told(403, IP), "publish.permission", "IP allow list"],
    ["single sign-on", told(403, "Resource protected by organization SAML enforcement."), "publish.permission", "single sign-on"],
    ["the wrong token", told(401, "Bad credentials"), "forge.credential", "`github-token`"],
    ["a rate limit", told(403, "API rate limit exceeded", { "x-ratelimit-remaining": "0" }), "forge.unreadable", "rate limit"],
    ["a list for an object", json(200, []), "forge.unreadable", "GITHUB_API_URL"],
  ])("tells %s apart", async (_name, answer, code, remedy) => {
    await using api = await startOddApi(/./, answer);
    await expect(openForge(api).readRepository()).rejects.toMatchObject({ code, remedy: expect.stringContaining(remedy) });
  });
});
