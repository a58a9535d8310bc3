import { expect, test } from "vitest";
import type { Choice } from "../../../../src/domain/ecosystems/setup.ts";
import type { HostTraffic } from "../../../../src/domain/record/notes.ts";
import { summariseTraffic } from "../../../../src/domain/record/summarise.ts";
import { renderEnded } from "../../../../src/domain/render/comment.ts";

const REGISTRY = { host: "mirror.example.com", port: 8443 };
const project = { tool: "npm", folder: "", file: "package-lock.json", words: [], locked: true } as const;
const choice = (state: Choice["state"]): Choice => ({ project, preset: "npm", state, places: [REGISTRY] });
const refused: HostTraffic = { ...REGISTRY, verdict: "deny", count: 1, reason: "default-deny", suggestion: "mirror.example.com:8443" };
const other: HostTraffic = { ...refused, port: 443, suggestion: "mirror.example.com" };
const egress = { allowed: 0, denied: 2, bytesUp: 0, bytesDown: 0, hosts: [refused, other], proposedAllow: [] };

test("a refused registry of what the base installs is told with the preset that opens it, not with its bare host", () => {
  const summary = summariseTraffic(egress, [choice("closed")]);
  expect(summary.hosts.map(({ suggestion }) => suggestion)).toEqual(["npm", "mirror.example.com"]);
  const outcome = { word: "error", reason: "The setup lines ended with exit code 1." } as const;
  const comment = renderEnded({ outcome, notes: { egress: { ...summary } }, durationMs: 1, url: "https://example.com" });
  expect(comment).toMatch(/mirror\.example\.com:8443.*`npm`/);
});

test("where the preset is open already, or nothing was found, the line stays as it is", () => {
  expect(summariseTraffic(egress, [choice("open")])).toEqual(egress);
  expect(summariseTraffic(egress)).toEqual(egress);
});
