import { expect, test } from "vitest";
import { openE2bBench } from "../../../../support/cloud/e2b-bench.ts";
import { startE2b } from "../../../../support/cloud/e2b-server.ts";
import { sandboxSpec } from "../../../../support/sandbox/sandbox-spec.ts";

test("A template that could not be used is not the one that later sandboxes are made from", async () => {
  await using server = await startE2b();
  const provider = await openE2bBench(server);
  await expect(provider.create(sandboxSpec({ template: "no-such-template" }))).rejects.toMatchObject({ code: "sandbox.refused" });
  await using sandbox = await provider.create(sandboxSpec());
  expect(sandbox.facts.versions["template"]).not.toBe("no-such-template");
});
