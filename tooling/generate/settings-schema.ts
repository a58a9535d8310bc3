import { existsSync } from "node:fs";

/** `docs/airlock.schema.json`, once the repository's settings file has a schema. */
export async function renderSettingsSchema(): Promise<string | undefined> {
  if (!existsSync("src/config/repository.ts")) return undefined;
  return undefined;
}
