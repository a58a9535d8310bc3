import { expect, test } from "vitest";
import { compose } from "../../src/compose.ts";
import { loadConfig } from "../../src/config/load.ts";
import { narrowSettings } from "../../src/config/repository.ts";
import { LABELLED, openFakeRunner } from "../support/forge/fake-event.ts";

const INPUTS: Readonly<Record<string, string>> = {
  "github-token": "ghs_0123456789abcdef",
  "anthropic-api-key": "sk-ant-test-0123456789abcdef",
};

test.each([
  ["", ["claude-sonnet-*", "claude-haiku-*"]],
  ["models: [claude-sonnet-5-5]\n", ["claude-sonnet-5-5"]],
  ["model: claude-opus-5-5\nmodels: [claude-opus-*, claude-haiku-5]\n", ["claude-opus-5-5", "claude-haiku-5"]],
])("the gateway of a run gets the models that the file %j leaves", (source, models) => {
  const config = loadConfig((name) => INPUTS[name] ?? "");
  const world = compose({ config, runner: openFakeRunner({ name: "issues", payload: {} }), guestFile: "" });
  const settings = narrowSettings({ settings: config.settings, trigger: LABELLED, source, path: "airlock.yml" });
  expect(world.model(settings)?.allowedModels).toEqual(models);
});
