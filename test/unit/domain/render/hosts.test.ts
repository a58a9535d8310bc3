import { expect, test } from "vitest";
import type { HostTraffic } from "../../../../src/domain/record/notes.ts";
import { renderHosts } from "../../../../src/domain/render/markdown.ts";

function refused(host: string, during?: HostTraffic["during"]): HostTraffic {
  return {
    host,
    port: 443,
    verdict: "deny",
    count: 1,
    reason: "default-deny",
    suggestion: host,
    ...(during === undefined ? {} : { during }),
  };
}

test("hosts refused in set-up are named as such, since its commands may have ended well without them", () => {
  const text = renderHosts([
    refused("download.example.com", "set-up"),
    refused("other.example.com"),
    refused("late.example.com", "verification"),
  ]);
  expect(text.split("\n")[0]).toBe(
    "**Set-up was refused `download.example.com:443`.** What they should have brought may be missing, even where its commands ended well.",
  );
});

test("many are counted, and none says nothing", () => {
  const many = Array.from({ length: 9 }, (_, index) => refused(`h${index}.example.com`, "set-up"));
  expect(renderHosts(many).split("\n")[0]).toContain("`h4.example.com:443`, and 4 more.**");
  const allowed: HostTraffic = { host: "a.example.com", port: 443, verdict: "allow", count: 1, reason: "allow-rule", during: "set-up" };
  expect(renderHosts([refused("other.example.com"), allowed])).not.toContain("Set-up");
});
