import { type Parse, parseJson, parseJsonc, parseToml, parseYaml } from "../grammar.ts";
import { gemEntries, goEntries, gradleEntries, mixEntries, requirementEntries, terraformEntries } from "./lines.ts";
import {
  denoEntries,
  flakeEntries,
  listed,
  miseEntries,
  nugetEntries,
  pipfileEntries,
  podEntries,
  poetryEntries,
  pubEntries,
  swiftEntries,
} from "./lists.ts";
import { type LockEntry, type LockedPackages, lockOf } from "./lock.ts";
import { berryEntries, bunEntries, npmEntries, pnpmEntries, yarnEntries } from "./node.ts";

export interface LockFormat {
  /** undefined: the text is not one that the tool could read. */
  readonly read: (text: string) => LockedPackages | undefined;
  /** A package is one archive with one hash; otherwise it has one for each platform. */
  readonly one: boolean;
  /** On a forge each repository is a source of its own; otherwise repositories are the usual source of this format's packages. */
  readonly byRepository: boolean;
}

type EntriesOf = (root: unknown) => Iterable<LockEntry>;

function parsed(parse: Parse, entries: EntriesOf): LockFormat["read"] {
  return (text) => {
    if (text.trim() === "") return lockOf([]);
    const root = parse(text);
    return root === undefined ? undefined : lockOf(entries(root));
  };
}

function inLines(entries: (text: string) => Iterable<LockEntry>): LockFormat["read"] {
  return (text) => lockOf(entries(text));
}

/** Yarn 2 and later write YAML; Yarn 1 says what it is in its head, and has fields without a colon. */
function readYarn(text: string): LockedPackages | undefined {
  return /^__metadata:/m.test(text) ? parsed(parseYaml, berryEntries)(text) : lockOf(yarnEntries(text));
}

const ARCHIVES = { one: true, byRepository: true } as const;
const PER_PLATFORM = { one: false, byRepository: true } as const;
const REPOSITORIES = { one: true, byRepository: false } as const;

/** Lockfiles by the end of their path in lower case. */
const FORMATS: readonly (readonly [path: RegExp, format: LockFormat])[] = [
  [/(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/, { read: parsed(parseJson, npmEntries), ...ARCHIVES }],
  [/(?:^|\/)yarn\.lock$/, { read: readYarn, ...ARCHIVES }],
  [/(?:^|\/)pnpm-lock\.yaml$/, { read: parsed(parseYaml, pnpmEntries), ...ARCHIVES }],
  [/(?:^|\/)bun\.lock$/, { read: parsed(parseJsonc, bunEntries), ...ARCHIVES }],
  [/(?:^|\/)deno\.lock$/, { read: parsed(parseJson, denoEntries), ...ARCHIVES }],
  [/(?:^|\/)cargo\.lock$/, { read: parsed(parseToml, listed("package")), ...ARCHIVES }],
  [/(?:^|\/)poetry\.lock$/, { read: parsed(parseToml, poetryEntries), ...PER_PLATFORM }],
  [/(?:^|\/)(?:uv|pdm)\.lock$/, { read: parsed(parseToml, listed("package")), ...PER_PLATFORM }],
  [/(?:^|\/)pylock(?:\.[^/]+)?\.toml$/, { read: parsed(parseToml, listed("packages")), ...PER_PLATFORM }],
  [/(?:^|\/)pipfile\.lock$/, { read: parsed(parseJson, pipfileEntries), ...PER_PLATFORM }],
  [/(?:^|\/)go(?:\.work)?\.sum$/, { read: inLines(goEntries), ...ARCHIVES }],
  [/(?:^|\/)(?:gemfile\.lock|gems\.locked)$/, { read: inLines(gemEntries), ...ARCHIVES }],
  [/(?:^|\/)composer\.lock$/, { read: parsed(parseJson, listed("packages", "packages-dev")), ...REPOSITORIES }],
  [/(?:^|\/)packages\.lock\.json$/, { read: parsed(parseJson, nugetEntries), ...ARCHIVES }],
  [/(?:^|\/)mix\.lock$/, { read: inLines(mixEntries), ...PER_PLATFORM }],
  [/(?:^|\/)pubspec\.lock$/, { read: parsed(parseYaml, pubEntries), ...ARCHIVES }],
  [/(?:^|\/)podfile\.lock$/, { read: parsed(parseYaml, podEntries), ...ARCHIVES }],
  [/(?:^|\/)package\.resolved$/, { read: parsed(parseJson, swiftEntries), ...REPOSITORIES }],
  [/(?:^|\/)flake\.lock$/, { read: parsed(parseJson, flakeEntries), ...REPOSITORIES }],
  [/(?:^|\/)verification-metadata\.xml$/, { read: inLines(gradleEntries), ...PER_PLATFORM }],
  [/(?:^|\/)gradle\.lockfile$/, { read: inLines(() => []), ...ARCHIVES }],
  [/(?:^|\/)\.terraform\.lock\.hcl$/, { read: inLines(terraformEntries), ...PER_PLATFORM }],
  [/(?:^|\/)(?:pixi\.lock|[^/]*conda-lock\.ya?ml)$/, { read: parsed(parseYaml, listed("package", "packages")), ...PER_PLATFORM }],
  [/(?:^|\/)mise(?:\.[^/]+)?\.lock$/, { read: parsed(parseToml, miseEntries), ...PER_PLATFORM }],
  [/(?:^|\/)devbox\.lock$/, { read: parsed(parseJson, () => []), ...REPOSITORIES }],
  [
    /(?:^|\/)[^/]*(?:requirements|constraints)[^/]*\.(?:txt|in)$|(?:^|\/)(?:requirements|constraints)\/[^/]+\.(?:txt|in)$/,
    { read: inLines(requirementEntries), ...PER_PLATFORM },
  ],
];

/** The format of the lockfile at a path (in lower case), if it is one. */
export function formatOf(path: string): LockFormat | undefined {
  return FORMATS.find(([pattern]) => pattern.test(path))?.[1];
}
