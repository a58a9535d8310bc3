import { expect, test } from "vitest";
import { openEgressTally } from "../../../../src/gateway/proxy/egress-tally.ts";

const LINE = { host: "api.example.com", port: 443, verdict: "allow", reason: "broker", bytesUp: 1, bytesDown: 2, phase: "agent" } as const;

test("a tool that the model's service ran stands in the summary like a connection", () => {
  const tally = openEgressTally();
  tally.add(LINE);
  tally.add({ ...LINE, serverTools: ["web-search", "web-fetch"] });
  tally.add({ ...LINE, serverTools: ["web-search"] });
  tally.add({ ...LINE, verdict: "deny", reason: "budget", serverTools: ["web-search"] });
  const { allowed, denied, hosts } = tally.summary(() => []);
  expect([allowed, denied]).toEqual([3, 1]);
  expect(hosts.map(({ verdict, reason, count }) => [verdict, reason, count])).toEqual([
    ["allow", "broker", 3],
    ["allow", "model-tool-web-search", 2],
    ["allow", "model-tool-web-fetch", 1],
    ["deny", "budget", 1],
  ]);
});
