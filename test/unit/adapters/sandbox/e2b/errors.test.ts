import { AuthenticationError, NotEnoughSpaceError, RateLimitError, SandboxError, ServiceBusyError, TemplateError, TimeoutError } from "e2b";
import { describe, expect, it } from "vitest";
import { classify, translate } from "../../../../../src/adapters/sandbox/e2b/errors.ts";

function withStatus(status: number): SandboxError {
  return Object.assign(new SandboxError(`${status}: no`), { statusCode: status });
}

describe("Errors of E2B's SDK", () => {
  it.each([
    [new AuthenticationError("no"), "credentials"],
    [new ServiceBusyError("no"), "capacity"],
    [new RateLimitError("no"), "rate-limit"],
    [new NotEnoughSpaceError("no"), "disk-full"],
    [new TemplateError("no"), "template"],
    [new TimeoutError("no"), "interrupted"],
    [withStatus(400), "bad-request"],
    [withStatus(403), "forbidden"],
    [withStatus(404), "not-found"],
    [withStatus(500), "interrupted"],
    [withStatus(502), "interrupted"],
    [new TypeError("fetch failed"), "interrupted"],
    ["a string", "interrupted"],
  ])("%s means %s, also where the class has no common base", (error, kind) => {
    expect(classify(error)).toBe(kind);
  });

  it("tell a rate limit from a quota by what runs, never by their words", () => {
    const error = new RateLimitError("whatever it says");
    const few = translate(error, { what: "create", running: 3 });
    const many = translate(error, { what: "create", running: 25 });
    const unknown = translate(error, { what: "create" });
    expect([few.code, many.code, unknown.code]).toEqual(Array(3).fill("sandbox.exhausted"));
    expect(few.message).toContain("rate limit");
    expect(few.remedy).toContain("`concurrency`");
    expect(many.message).toContain("quota of sandboxes");
    expect(many.message).toContain("25 sandboxes");
    expect(many.remedy).toContain("higher limit");
    expect(unknown.message).toContain("rate limit");
  });

  it("name the input that mends them", () => {
    expect(translate(new AuthenticationError("no"), { what: "create" })).toMatchObject({
      code: "sandbox.refused",
      remedy: /`e2b-api-key`/,
    });
    const lifetime = translate(withStatus(400), { what: "create", lifetimeMs: 95 * 60_000 });
    expect(lifetime.remedy).toContain("`timeout-minutes`");
    expect(lifetime.remedy).toContain("95 minutes");
    expect(translate(withStatus(404), { what: "create", template: "mine" }).remedy).toContain("`mine`");
  });

  it("I18: show what the service says in one short line", () => {
    const { message } = translate(Object.assign(new SandboxError(`a\u001b[31m\n::error::x${"y".repeat(5_000)}`), { statusCode: 500 }), {
      what: "create",
    });
    expect(message.length).toBeLessThan(400);
    expect(message).not.toMatch(/[^\x20-\x7e]/);
  });
});
