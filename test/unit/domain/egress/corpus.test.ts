import { expect, test } from "vitest";
import { canonicalHost } from "../../../../src/domain/egress/host.ts";
import { decide, decideRequest, parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { canonicalPath } from "../../../../src/domain/egress/request-path.ts";
import { readCorpus } from "../../../support/egress/corpus.ts";

const STRANGERS = ["stranger.com", "evil.com", "169.254.169.254", "10.0.0.1", "::1"];

test.each(readCorpus("policy-lines"))("I4: the line %j lets no stranger in, or is an error that says why", (line) => {
  try {
    const policy = parsePolicy({ allow: line, deny: "" });
    for (const host of STRANGERS) expect(decide(policy, host, 443).verdict).toBe("deny");
  } catch (error) {
    expect(error).toMatchObject({ code: "policy.invalid", remedy: expect.stringMatching(/\w/) });
  }
});

test.each(readCorpus("hosts"))("I4: the host %j is refused, or is its own canonical spelling", (raw) => {
  const host = canonicalHost(raw);
  const policy = parsePolicy({ allow: "example.com\n*.example.org", deny: "" });
  expect(decide(policy, raw, 443).verdict).toBe("deny");
  if (host === undefined) return;
  expect(host.text).toMatch(/^[a-z0-9._:-]+$/);
  expect(canonicalHost(host.text)).toEqual(host);
});

test.each(readCorpus("paths"))("N5: the path %j has one meaning or none, and no rule for another path lets it through", (raw) => {
  const policy = parsePolicy({ allow: "POST example.com/a/*/b", deny: "" });
  const decision = decideRequest(policy, { host: "example.com", port: 443, method: "POST", path: raw });
  if (decision.verdict === "allow") expect(decision.path).toMatch(/^\/a\/(?!\.{1,2}\/)[^/]+\/b$/);
  const path = canonicalPath(raw);
  if (path === undefined) return;
  expect(canonicalPath(path)).toBe(path);
  expect(decodeURIComponent(path).split("/")).not.toContain("..");
});
