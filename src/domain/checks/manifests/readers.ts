import type { ReadEffects } from "../effect.ts";
import { readGemfile, readGoMod, readRequirements } from "./lines.ts";
import { readComposer, readDeno, readPackageJson, readPackageYaml, readPnpmWorkspace } from "./node.ts";
import { readCargo, readPipfile, readPyproject } from "./tables.ts";

/** Manifests by the end of their path in lower case, as a file system that folds case would find them. */
const READERS: readonly (readonly [path: RegExp, read: ReadEffects])[] = [
  [/(?:^|\/)package\.json$/, readPackageJson],
  [/(?:^|\/)package\.yaml$/, readPackageYaml],
  [/(?:^|\/)pnpm-workspace\.yaml$/, readPnpmWorkspace],
  [/(?:^|\/)deno\.jsonc?$/, readDeno],
  [/(?:^|\/)composer\.json$/, readComposer],
  [/(?:^|\/)pyproject\.toml$/, readPyproject],
  [/(?:^|\/)pipfile$/, readPipfile],
  [/(?:^|\/)cargo\.toml$/, readCargo],
  [/(?:^|\/)go\.(?:mod|work)$/, readGoMod],
  [/(?:^|\/)(?:gemfile|gems\.rb)$/, readGemfile],
  [
    /(?:^|\/)[^/]*(?:requirements|constraints)[^/]*\.(?:txt|in)$|(?:^|\/)(?:requirements|constraints)\/[^/]+\.(?:txt|in)$/,
    readRequirements,
  ],
];

/** The reader of the manifest at a path (in lower case), if it is one. */
export function readerOf(path: string): ReadEffects | undefined {
  return READERS.find(([pattern]) => pattern.test(path))?.[1];
}
