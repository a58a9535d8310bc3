import { expect, test } from "vitest";
import type { Settings } from "../../../src/domain/settings.ts";
import { resolvePolicy } from "../../../src/stages/policy.ts";

function settings(network: Partial<Settings["network"]>): Settings {
  return { network: { mode: "allowlist", allow: "", deny: "", ...network } } as Settings;
}

const readNone = async (): Promise<never> => {
  throw new Error("no registry is needed");
};

test("hosts alone ask no package manager", async () => {
  const policy = await resolvePolicy({ settings: settings({ allow: "example.com\nGET example.org/x" }), readRegistries: readNone });
  expect(policy.mode).toBe("allowlist");
  expect(policy.egress.allow).toHaveLength(2);
});

test("a preset takes in the registries of this runner", async () => {
  const policy = await resolvePolicy({
    settings: settings({ allow: "npm" }),
    readRegistries: async () => ({ npm: ["https://mirror.example.com/"] }),
  });
  expect(policy.egress.allow[0]).toMatchObject({
    text: "npm",
    pattern: { kind: "host", host: "mirror.example.com" },
    port: 443,
    methods: ["GET", "HEAD"],
  });
});

test("a preset without a registry stops the run instead of allowing nothing in silence", async () => {
  const resolving = resolvePolicy({
    settings: settings({ allow: "npm\ncargo" }),
    readRegistries: async () => ({ npm: ["https://mirror.example.com/"] }),
  });
  await expect(resolving).rejects.toMatchObject({ code: "policy.invalid", message: expect.stringContaining("`cargo`") });
});

test("none allows no host, and a bad line is an error all the same", async () => {
  const policy = await resolvePolicy({ settings: settings({ mode: "none", allow: "example.com\nnpm" }), readRegistries: readNone });
  expect(policy).toMatchObject({ mode: "none", egress: { allow: [], deny: [] } });
  await expect(resolvePolicy({ settings: settings({ mode: "none", allow: "*" }), readRegistries: readNone })).rejects.toMatchObject({
    code: "policy.invalid",
  });
});
