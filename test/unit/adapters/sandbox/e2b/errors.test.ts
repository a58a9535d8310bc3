import { AuthenticationError, NotEnoughSpaceError, RateLimitError, SandboxError, ServiceBusyError, TemplateError, TimeoutError } from "e2b";
import { describe, expect, test } from "vitest";
import { explainE2bError, readE2bFailure } from "../../../../../src/adapters/sandbox/e2b/errors.ts";

function withStatus(status: number): SandboxError {
  return Object.assign(new SandboxError(`${status}: no`), { statusCode: status });
}

describe("Errors of E2B's SDK", () => {
  test.each([
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
    expect(readE2bFailure(error).kind).toBe(kind);
  });

  test("tell a rate limit from a quota by what runs, never by their words", () => {
    const error = new RateLimitError("whatever it says");
    const few = explainE2bError(error, { what: "create", running: 3 });
    const many = explainE2bError(error, { what: "create", running: 25 });
    const unknown = explainE2bError(error, { what: "create" });
    expect([few.code, many.code, unknown.code]).toEqual(Array(3).fill("sandbox.exhausted"));
    expect(few.message).toContain("rate limit");
    expect(few.remedy).toContain("`concurrency`");
    expect(many.message).toContain("as many sandboxes as its E2B plan allows");
    expect(many.message).toContain("25 sandboxes");
    expect(many.remedy).toContain("larger plan");
    expect(unknown.message).toContain("rate limit");
  });

  test("name the input that mends them", () => {
    expect(explainE2bError(new AuthenticationError("no"), { what: "create" })).toMatchObject({
      code: "sandbox.refused",
      remedy: /`e2b-api-key`/,
    });
    const lifetime = explainE2bError(withStatus(400), { what: "create", lifetimeMs: 95 * 60_000 });
    expect(lifetime.remedy).toContain("`timeout-minutes`");
    expect(lifetime.remedy).toContain("95 minutes");
    expect(explainE2bError(withStatus(404), { what: "create", template: "mine" }).remedy).toContain("`mine`");
  });

  test("I18: show what the service says in one short line", () => {
    const { message } = explainE2bError(
      Object.assign(new SandboxError(`a\u001b[31m\n::error::x${"y".repeat(5_000)}`), { statusCode: 500 }),
      {
        what: "create",
      },
    );
    expect(message.length).toBeLessThan(400);
    expect(message).not.toMatch(/[^\x20-\x7e]/);
  });
});
