import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalHost, renderHost } from "../../../../src/domain/egress/host.ts";
import { decide, decideRequest, parsePolicy } from "../../../../src/domain/egress/policy.ts";
import { canonicalPath } from "../../../../src/domain/egress/request-path.ts";
import { AirlockError } from "../../../../src/domain/errors.ts";
import { runApart, source } from "../../../support/apart.ts";
import { rounds } from "../../../support/fuzz.ts";

const RUNS = { numRuns: rounds(3000) } as const;

const hostPart = fc.constantFrom(
  "example",
  "com",
  "*",
  ".",
  "..",
  "-",
  "_",
  "xn--",
  "%2e",
  "\0",
  "@",
  ":",
  "443",
  "/",
  "[",
  "]",
  "::1",
  "127.0.0.1",
  "é",
  "。",
  "①",
  "\u200d",
  " ",
  "\t",
  "#",
  "GET",
  ",",
  "evil",
  "\\",
  "?",
  "0x7f",
  "2130706433",
);
const hostText = fc.array(hostPart, { maxLength: 8 }).map((parts) => parts.join(""));

test("I4: the policy parser either reads a line or says why, and never lets a stranger in", () => {
  fc.assert(
    fc.property(fc.oneof(hostText, fc.string({ unit: "binary", maxLength: 80 })), (line) => {
      try {
        const policy = parsePolicy({ allow: line, deny: "" });
        expect(decide(policy, "stranger.invalid", 443).verdict).toBe("deny");
        expect(decide(policy, "stranger.com", 443).verdict).toBe("deny");
        expect(decide(policy, "169.254.169.253", 443).verdict).toBe("deny");
      } catch (error) {
        expect(error).toBeInstanceOf(AirlockError);
        expect((error as AirlockError).code).toBe("policy.invalid");
      }
    }),
    RUNS,
  );
});

test("I4: the canonical host is a fixed point, plain ASCII, and reads back as the same host", () => {
  fc.assert(
    fc.property(fc.oneof(hostText, fc.string({ unit: "binary", maxLength: 60 }), fc.domain(), fc.ipV4(), fc.ipV6()), (raw) => {
      const host = canonicalHost(raw);
      if (host === undefined) return;
      expect(host.text).toMatch(/^[a-z0-9._:-]+$/);
      expect(canonicalHost(host.text)).toEqual(host);
      expect(new URL(`http://${renderHost(host.text)}/`).hostname).toBe(renderHost(host.text));
    }),
    RUNS,
  );
});

test("I4: what is allowed is the host of a rule or below its wildcard, by characters alone", () => {
  const policy = parsePolicy({ allow: "example.com\n*.example.org", deny: "bad.example.org" });
  fc.assert(
    fc.property(
      fc.oneof(
        hostText,
        hostText.map((text) => `${text}.example.org`),
        hostText.map((text) => `example.com${text}`),
      ),
      (raw) => {
        if (decide(policy, raw, 443).verdict === "deny") return;
        const text = canonicalHost(raw)?.text ?? "";
        expect(text === "example.com" || (text.endsWith(".example.org") && text !== "bad.example.org")).toBe(true);
      },
    ),
    RUNS,
  );
});

const pathPart = fc.constantFrom(
  "/",
  "a",
  "b",
  "..",
  ".",
  "%2e",
  "%2F",
  "%5c",
  "%00",
  "%25",
  "2e",
  ";",
  "*",
  "**",
  "?",
  "#",
  "\\",
  "é",
  "%41",
  "publish",
);
const pathText = fc.array(pathPart, { maxLength: 12 }).map((parts) => `/${parts.join("")}`);

test("N5: a path that is judged has one meaning: decoding it again changes nothing and leads nowhere else", () => {
  fc.assert(
    fc.property(pathText, (raw) => {
      const path = canonicalPath(raw);
      if (path === undefined) return;
      expect(canonicalPath(path)).toBe(path);
      expect(new URL(`http://h${path}`).pathname).toBe(path);
      expect(decodeURIComponent(path).split("/")).not.toContain("..");
    }),
    RUNS,
  );
});

test("N5: a rule for one path lets no other path through", () => {
  const policy = parsePolicy({ allow: "POST example.com/a/*/b", deny: "" });
  fc.assert(
    fc.property(pathText, (path) => {
      const decision = decideRequest(policy, { host: "example.com", port: 443, method: "POST", path });
      if (decision.verdict === "allow") expect(decision.path).toMatch(/^\/a\/(?!\.{1,2}\/)[^/]+\/b$/);
    }),
    RUNS,
  );
});

test("I18: path patterns are matched in bounded time", () => {
  const script = `
    import { matchesPath } from ${source("domain/egress/request-path.ts")};
    const pattern = "/" + Array(12).fill("**/*a*b*c*").join("/");
    const path = "/" + Array(400).fill("aabbcc").join("/") + "/x";
    const answers = Array.from({ length: 20 }, () => matchesPath(pattern, path));
    console.log(answers.filter(Boolean).length);`;
  expect(runApart(script)).toBe("0\n");
}, 150_000);
