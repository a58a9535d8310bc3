import { expect, test } from "vitest";
import { explainRefusal, findSuggestion, phraseRefusal, type Reason, refuse } from "../../../../src/gateway/http/refusal.ts";

const REASONS: readonly Reason[] = ["default-deny", "port", "ip-literal", "address-loopback", "deny-rule", "no-network"];
const OWN = ["0.0.0.0", "::", "127.0.0.1", "127.0.0.2", "::1", "169.254.169.254", "fe80::1", "localhost", "app.localhost", "airlock"];

test.each(OWN)("a refusal of %s advises no rule and does not name it: on the runner it would be another machine", (host) => {
  for (const reason of REASONS) {
    const target = { host, port: 8124 };
    expect(findSuggestion(reason, host, 8124)).toBeUndefined();
    for (const words of [explainRefusal(refuse(reason), target), phraseRefusal(refuse(reason), target)]) {
      expect(words).not.toContain("8124");
      expect(words).not.toContain("add ");
    }
  }
  expect(explainRefusal(refuse("ip-literal"), { host, port: 80 })).toContain("reached without the proxy");
});

test("the reason phrase names us, the reason and the line that would help", () => {
  expect(phraseRefusal(refuse("default-deny"), { host: "example.com", port: 443 })).toBe(
    "Refused by airlock (default-deny), add example.com to its input allow",
  );
  expect(phraseRefusal(refuse("ip-literal"), { host: "2606:4700::1111", port: 8443 })).toContain("add [2606:4700::1111]:8443 to");
  expect(phraseRefusal(refuse("deny-rule"), { host: "example.com", port: 443 })).toBe("Refused by airlock (deny-rule)");
  expect(phraseRefusal(refuse("bad-request", 400, "no"), undefined)).toBe("Refused by airlock (bad-request)");
});

test("a host of one word is advised with its port, without which it would be read as a preset", () => {
  expect(findSuggestion("default-deny", "mirror", 443)).toBe("mirror:443");
  expect(findSuggestion("default-deny", "mirror", 5000)).toBe("mirror:5000");
});
