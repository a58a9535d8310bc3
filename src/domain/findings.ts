import type { FindingEntry } from "./finding-entry.ts";

const READ_FIRST = "Read every line of it before it is merged: from then on it acts by itself.";
const SPLIT = "Ask for it in parts that a person can read.";
const RESOLVE = "Ask why it is needed, and look where it leads before anybody checks the branch out.";
const RENAME = "Rename the file.";
const LOOK_AT_BYTES = "Look at the line's bytes, and remove them unless they are meant.";
const REMAKE_LOCKFILE = "Make the lockfile anew from the manifest with your own package manager and compare.";
const READ_BEFORE_INSTALL = "Read the lines before anybody installs or builds this branch.";
const ASK_FOR_LESS = "Ask for a smaller change, or raise the input `max-patch-kib`.";

/**
 * Every finding, by its code: stable, kebab-case, never used again for something else. docs/how-to/the-gate.md is generated from this list.
 * What was found stands in the finding's reason; a check may give a remedy that fits it better.
 */
export const FINDINGS = {
  "unrepresentable-path": {
    by: "gate",
    severities: ["refuse"],
    meaning: "a name that no git tree may hold on every platform",
    remedy: "Remove or rename the file; run again.",
    forReaders: "Ask for another name.",
  },
  "protected-path": {
    by: "gate",
    severities: ["refuse", "draft", "notice"],
    shownAs: "by `on-protected`",
    meaning: "CI, code owners, git's own files, agent and editor settings, hooks, package-manager and shell start-up",
    remedy: "Make this change by hand, or set the input `on-protected` to `draft` or `allow`.",
    forReaders: READ_FIRST,
  },
  "path-not-allowed": {
    by: "gate",
    severities: ["refuse"],
    meaning: "outside `allowed-paths`",
    remedy: "Add a pattern for it to the input `allowed-paths`, or tell the agent to stay within the listed paths.",
  },
  "path-traversal": { by: "gate", severities: ["refuse"], meaning: "leads out of the tree on some file system", remedy: RENAME },
  "path-collision": {
    by: "gate",
    severities: ["refuse"],
    meaning: "becomes another path on some file system",
    remedy: "Keep only one of these names.",
  },
  "odd-path": { by: "gate", severities: ["draft"], meaning: "a name with control or invisible characters", remedy: RENAME },
  "unportable-path": { by: "gate", severities: ["notice"], meaning: "a name that cannot be checked out on Windows", remedy: RENAME },
  link: {
    by: "gate",
    severities: ["refuse"],
    meaning: "a symbolic link",
    remedy: "Replace the link by a file, or name its exact path in `allowed-paths`.",
    forReaders: RESOLVE,
  },
  "link-escape": {
    by: "gate",
    severities: ["refuse"],
    meaning: "a symbolic link that leaves the tree or enters `.git`",
    remedy: "Remove the link.",
    forReaders: "Do not merge it before the link is gone.",
  },
  submodule: {
    by: "gate",
    severities: ["refuse"],
    meaning: "a submodule, or a repository inside the repository",
    remedy: "Change submodules by hand, or name the exact path in `allowed-paths`.",
    forReaders: "Look at the commit of the other repository that it names.",
  },
  "nested-repository": {
    by: "gate",
    severities: ["refuse"],
    meaning: "a file that makes its directory a git repository of its own",
    remedy: "Remove the nested repository; build it in the test that needs it.",
  },
  "type-change": {
    by: "gate",
    severities: ["refuse"],
    meaning: "a file that becomes a link or a submodule, or the reverse",
    remedy: "Keep the kind of the path, or name its exact path in `allowed-paths`.",
    forReaders: RESOLVE,
  },
  "too-many-files": {
    by: "gate",
    severities: ["refuse"],
    meaning: "more files than `max-patch-files`",
    remedy: "Ask for a smaller change, or raise the input `max-patch-files`.",
    forReaders: SPLIT,
  },
  "too-large": {
    by: "gate",
    severities: ["refuse"],
    meaning: "more than `max-patch-kib`; added lines and whole new or binary files count",
    remedy: ASK_FOR_LESS,
    forReaders: SPLIT,
  },
  secret: {
    by: "gate",
    severities: ["refuse"],
    meaning: "one of the run's own values in any common spelling, or the shape of a credential",
    remedy: "Revoke the credential if it was real, find out how it got there, and run again. Its value is not shown here.",
    forReaders: "Have it revoked if it was real: everybody who reads the pull request has it.",
  },
  unsearched: {
    by: "gate",
    severities: ["refuse"],
    meaning: "more packed data, or more data, than is searched for secrets",
    remedy: "Keep packed data out of the change.",
    forReaders: SPLIT,
  },
  "lockfile-integrity": {
    by: "gate",
    severities: ["refuse", "draft"],
    shownAs: "refuse; draft when a hash is gone",
    meaning: "another hash for the same version, or none any more",
    remedy: REMAKE_LOCKFILE,
  },
  "lockfile-registry": {
    by: "gate",
    severities: ["draft"],
    meaning: "packages from another host, or over a way that nothing protects",
    remedy: REMAKE_LOCKFILE,
  },
  "lockfile-source": {
    by: "gate",
    severities: ["draft"],
    meaning: "the address of a package of another name",
    remedy: REMAKE_LOCKFILE,
  },
  "dependency-source": {
    by: "gate",
    severities: ["draft"],
    meaning: "a dependency on an address instead of a registry's version",
    remedy: READ_BEFORE_INSTALL,
  },
  unparsed: {
    by: "gate",
    severities: ["draft"],
    meaning: "a manifest or lockfile that cannot be read by its grammar",
    remedy: "Look at the file with the tool that it belongs to, and let that tool write it anew.",
  },
  "install-script": {
    by: "gate",
    severities: ["draft"],
    meaning: "something that runs when the project is installed or built",
    remedy: READ_BEFORE_INSTALL,
  },
  "tests-weakened": {
    by: "gate",
    severities: ["draft", "notice"],
    shownAs: "draft; notice for other changes of a test",
    meaning: "tests deleted, left out or checking less; a changed test command",
    remedy: "Check that the tests still judge what they judged before.",
  },
  "bidi-control": {
    by: "gate",
    severities: ["draft", "notice"],
    shownAs: "draft; notice in prose",
    meaning: "control characters that reorder text",
    remedy: LOOK_AT_BYTES,
  },
  "invisible-character": {
    by: "gate",
    severities: ["draft", "notice"],
    shownAs: "draft; notice in prose",
    meaning: "characters that are not shown",
    remedy: LOOK_AT_BYTES,
  },
  "control-character": {
    by: "gate",
    severities: ["draft", "notice"],
    shownAs: "draft; notice in prose",
    meaning: "terminal escapes, backspaces, carriage returns inside a line",
    remedy: LOOK_AT_BYTES,
  },
  "out-of-sight": {
    by: "gate",
    severities: ["draft", "notice"],
    shownAs: "draft; notice in prose",
    meaning: "text behind so many blanks that a page does not show it",
    remedy: "Scroll to the end of the line, and remove the blanks unless they are meant.",
  },
  "look-alike": {
    by: "gate",
    severities: ["draft", "notice"],
    shownAs: "draft; notice in prose",
    meaning: "a name with letters that look like others",
    remedy: LOOK_AT_BYTES,
  },
  "conflict-marker": {
    by: "gate",
    severities: ["draft"],
    meaning: "the markers of an unfinished merge",
    remedy: "Finish the merge by hand.",
  },
  licence: {
    by: "gate",
    severities: ["draft"],
    meaning: "a change of the licence, or of a statement about it",
    remedy: "Have the owner of the project decide on its licence.",
  },
  binary: {
    by: "gate",
    severities: ["draft", "notice"],
    shownAs: "draft; notice for pictures, sound and fonts",
    meaning: "a file that nobody can review",
    remedy: "Check where it comes from, or build it from source instead.",
  },
  "lfs-content": {
    by: "gate",
    severities: ["draft"],
    meaning: "a file of Git LFS with its content in place of a pointer",
    remedy: "Run `git lfs migrate import --no-rewrite <path>` on the branch before it is merged, or have the file left alone.",
    forReaders: "Ask for the pointer: `git lfs migrate import --no-rewrite <path>` makes it.",
  },
  "base-fails": {
    by: "gate",
    severities: ["draft"],
    meaning: "the commands of `verify` fail on the base and with the patch, so they say nothing about it",
    remedy: "Run the project's checks yourself before merging; mend `setup` and `verify`, or the base, so that they pass without a patch.",
  },
  "verified-after-own-install": {
    by: "gate",
    severities: ["draft", "notice"],
    shownAs: "draft with install scripts",
    meaning: "verified with what the patch's own manifests and lockfiles installed",
    remedy: "Look at what the manifests and lockfiles install now: the tests ran with it.",
  },
  "earlier-verdict": {
    by: "gate",
    severities: ["refuse", "draft"],
    shownAs: "as that job judged",
    meaning: "in the publish action: the agent's job judged more strictly, and its record names no finding",
    remedy: "Read the reason in that job's summary. To have both judge alike, give this step the same inputs.",
  },
  mode: {
    by: "gate",
    severities: ["notice"],
    meaning: "an executable bit, given or taken",
    remedy: "Check that the file is meant to be run.",
  },
  lockfile: {
    by: "gate",
    severities: ["notice"],
    meaning: "a change of locked dependencies",
    remedy: "Check that the change of dependencies is meant.",
  },
  "generated-file": {
    by: "gate",
    severities: ["notice"],
    meaning: "a change of a file that says a tool makes it",
    remedy: "Check that its source was changed too; the next generation overwrites this edit.",
  },
  "whitespace-only": {
    by: "gate",
    severities: ["notice"],
    meaning: "nothing but line ends, blank lines or spaces that mean nothing",
    remedy: "Publish the patch from the run's artifact by hand if that was the task.",
  },
  "addresses-agent": {
    by: "guard",
    severities: ["draft"],
    meaning: "instructions to an agent, in the title, the description or an added line",
    remedy: "Ask why it is there; agents that work on this repository later will read it too.",
  },
  "hidden-text": {
    by: "guard",
    severities: ["draft"],
    meaning: "text in the title or description that the page does not show",
    remedy: "Read the description's source; the agent got it without that text.",
  },
  "claim-mismatch": {
    by: "guard",
    severities: ["draft"],
    meaning: "a description that the list of changed files contradicts",
    remedy: "Ask the author; read the diff rather than the description.",
  },
  "coverage-lowered": {
    by: "guard",
    severities: ["draft"],
    meaning: "a coverage threshold that falls or is gone",
    remedy: "Look at it yourself before you trust this pull request.",
  },
  "assertions-loosened": {
    by: "guard",
    severities: ["draft"],
    meaning: "assertions on an exact value that became ones nearly any value passes",
    remedy: "Check that the test would still fail on the defect it was written for.",
  },
} as const satisfies Record<string, FindingEntry>;

export type FindingCode = keyof typeof FINDINGS;

/** What the list knows of a code; undefined for one that another version wrote into a record. */
export function findingEntry(code: string): FindingEntry | undefined {
  return Object.hasOwn(FINDINGS, code) ? FINDINGS[code as FindingCode] : undefined;
}
