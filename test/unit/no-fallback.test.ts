import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openProvider } from "../../src/compose.ts";
import type { Config } from "../../src/config/config.ts";
import { chooseProvider, requireCredentials } from "../../src/config/credentials.ts";
import { INPUTS, type InputName } from "../../src/config/inputs.ts";
import { loadConfig } from "../../src/config/load.ts";
import { PROVIDER_NAMES, type ProviderName } from "../../src/config/providers.ts";
import { AirlockError } from "../../src/domain/errors.ts";
import type { Runner } from "../../src/ports/runner.ts";
import { openFakeRunner } from "../support/forge/fake-event.ts";

const folder = mkdtempSync(join(tmpdir(), "airlock-fallback-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EVERY_CREDENTIAL = {
  "github-token": "ghs-test",
  "anthropic-api-key": "sk-test-000",
  "e2b-api-key": "e2b-test",
  "sprites-token": "sprites-test",
} as const satisfies Partial<Record<InputName, string>>;

function load(given: Partial<Record<InputName, string>>): Config {
  return loadConfig((name) => given[name] ?? "");
}

function asking(provider: ProviderName): Config {
  return load({ ...EVERY_CREDENTIAL, provider });
}

function runner(): Runner {
  return { ...openFakeRunner({ name: "issues", payload: {} }), directory: join(folder, "run"), cacheDirectory: join(folder, "cache") };
}

describe("I6: A provider that cannot be had", () => {
  test.each(PROVIDER_NAMES)("%s is that provider or an error, never another one", async (name) => {
    const opened = await openProvider({ config: asking(name), runner: runner(), guestFile: join(folder, "guest.js") }).catch(
      (error: unknown) => error,
    );
    if (opened instanceof AirlockError) expect(["input.missing", "sandbox.unavailable"]).toContain(opened.code);
    else expect(opened).toMatchObject({ name });
  });

  test.each(PROVIDER_NAMES.filter((name) => name !== "microvm"))(
    "%s without its credentials stops the run instead of taking the runner's own",
    (name) => {
      const config = load({ "github-token": "ghs-test", "anthropic-api-key": "sk-test-000", provider: name });
      expect(chooseProvider(config)).toBe(name);
      expect(() => requireCredentials(config)).toThrow(expect.objectContaining({ code: "input.missing" }));
    },
  );

  test.each(["none", "host", "runner", "local", "false", "docker", "microvm,docker"])(
    "has no word for running without one (%s)",
    (provider) => {
      expect(() => load({ ...EVERY_CREDENTIAL, provider })).toThrow(expect.objectContaining({ code: "input.invalid" }));
    },
  );

  test("is not offered: what the inputs offer is what can be opened", async () => {
    expect(INPUTS.provider.legal).toBe(`one of ${["auto", ...PROVIDER_NAMES].map((name) => `\`${name}\``).join(", ")}`);
    for (const name of PROVIDER_NAMES) {
      const opened = await openProvider({ config: asking(name), runner: runner(), guestFile: join(folder, "guest.js") });
      expect(opened.name).toBe(name);
    }
  });
});
